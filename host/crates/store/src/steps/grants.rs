//! Requests and grants, and the one place where the topic's trait meets its steps (`consents`, `codes`, `tokens`).

use super::{
    Records, codes, consents,
    expiry::{self, Ending, is_live},
    key::Key,
    page::{Entry, List},
    tokens, value,
};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{
        CodeRecord, ConsentRecord, Exchange, GrantRecord, GrantStore, RecordPage, RequestRecord, Rotation, StoreFuture,
        TokenRecord, Trail, Trails,
    },
};
use yizhan_domain::authorization::Capacity;
use yizhan_domain::{ClientId, ConsentId, GrantId, PersonId, SecretHash, Timestamp};

/// Kind of the keys that index live grants.
pub(super) const LIVE: u8 = 1;
const BY_TIME: u8 = 2;

impl Ending for RequestRecord {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl<E: Engine> GrantStore for Records<E> {
    fn put_request(&self, request: RequestRecord, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            step.trail(trail);
            expiry::put(step, Table::Requests, &request.hash.0, &request)
        })
    }

    fn find_request<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<RequestRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| expiry::find_live(tables, Table::Requests, &hash.0, now))
    }

    fn take_request<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, Option<RequestRecord>> {
        let hash = *hash;
        self.commit_at(now, move |step| {
            let request = take_request(step, &hash, now)?;
            if request.is_some() {
                step.trail(trail);
            }
            Ok(request)
        })
    }

    fn give_consent(
        &self,
        request: SecretHash,
        consent: ConsentRecord,
        grant: GrantRecord,
        code: CodeRecord,
        trail: Trail,
    ) -> StoreFuture<'_, bool> {
        self.note(consent.at);
        self.commit_if(trail, move |step| consents::give(step, &request, &consent, &grant, code))
    }

    fn issue_code(&self, request: SecretHash, code: CodeRecord, now: Timestamp, trail: Trail) -> StoreFuture<'_, bool> {
        self.note(now);
        self.commit_if(trail, move |step| codes::issue(step, &request, code, now))
    }

    fn find_code<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<CodeRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| codes::find(tables, &hash))
    }

    fn exchange_code<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        tokens: Vec<TokenRecord>,
        trails: Trails,
    ) -> StoreFuture<'a, Exchange> {
        let hash = *hash;
        self.commit_at(now, move |step| codes::exchange(step, &hash, now, tokens, trails))
    }

    fn rotate_refresh<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        tokens: Vec<TokenRecord>,
        trails: Trails,
    ) -> StoreFuture<'a, Rotation> {
        let hash = *hash;
        self.commit_at(now, move |step| tokens::rotate(step, &hash, now, tokens, trails))
    }

    fn issue_token(&self, token: TokenRecord, trail: Trail) -> StoreFuture<'_, bool> {
        self.note(token.at);
        self.commit_if(trail, move |step| tokens::issue(step, token))
    }

    fn find_token<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<TokenRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| tokens::find(tables, &hash))
    }

    fn find_ended_token<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<TokenRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| tokens::find_ended(tables, &hash))
    }

    fn revoke_token<'a>(&'a self, hash: &'a SecretHash, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool> {
        let hash = *hash;
        self.note(now);
        self.commit_if(trail, move |step| tokens::revoke(step, &hash))
    }

    fn revoke_grant<'a>(
        &'a self,
        id: &'a GrantId,
        reason: &'a str,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool> {
        let (id, reason) = (id.clone(), reason.to_owned());
        self.note(now);
        self.commit_if(trail, move |step| match find_live(step, &id, now)? {
            Some(grant) => end(step, grant, &reason, now).map(|()| true),
            None => Ok(false),
        })
    }

    fn find_grant<'a>(&'a self, id: &'a GrantId) -> StoreFuture<'a, Option<GrantRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| find(tables, &id))
    }

    fn find_live_grant<'a>(
        &'a self,
        person: &'a PersonId,
        acting_for: Option<&'a Capacity>,
        client: &'a ClientId,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<GrantRecord>> {
        let key = live_key(person, acting_for, client);
        self.engine.read(move |tables| match find_by_live_key(tables, &key)? {
            Some(grant) => Ok(Some(grant).filter(|grant| is_live(grant.expires, now))),
            None => Ok(None),
        })
    }

    fn list_grants<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<GrantRecord>> {
        let (list, cursor) = (by_time(person), cursor.map(str::to_owned));
        self.engine
            .read(move |tables| list.page(tables, cursor.as_deref(), limit, |tables, entry| by_entry(tables, entry)))
    }

    fn find_consent<'a>(&'a self, id: &'a ConsentId) -> StoreFuture<'a, Option<ConsentRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| consents::find(tables, &id))
    }

    fn list_consents<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<ConsentRecord>> {
        let (list, cursor) = (consents::by_time(person), cursor.map(str::to_owned));
        self.engine.read(move |tables| list.page(tables, cursor.as_deref(), limit, consents::by_entry))
    }
}

fn live_of_person(person: &PersonId) -> List {
    List { name: "live grants", table: Table::GrantIndex, prefix: Key::kind(LIVE).text(person.as_str()).into_bytes() }
}

fn live_key(person: &PersonId, acting_for: Option<&Capacity>, client: &ClientId) -> Vec<u8> {
    Key::kind(LIVE).text(person.as_str()).capacity(acting_for).last(client.as_str()).into_bytes()
}

fn live_key_of(grant: &GrantRecord) -> Vec<u8> {
    live_key(&grant.person, grant.acting_for.as_ref(), &grant.client)
}

fn by_time(person: &PersonId) -> List {
    List { name: "grants", table: Table::GrantIndex, prefix: Key::kind(BY_TIME).text(person.as_str()).into_bytes() }
}

fn by_entry(tables: &dyn Tables, (_, id): Entry) -> Result<Option<GrantRecord>, StoreError> {
    value::get(tables, Table::Grants, &id).map(Some)
}

/// Takes a request that has not ended.
pub(super) fn take_request(
    step: &mut dyn Step,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Option<RequestRecord>, StoreError> {
    let request: Option<RequestRecord> = expiry::take(step, Table::Requests, &hash.0)?;
    Ok(request.filter(|request| is_live(request.expires, now)))
}

/// The grant, live or ended.
pub(super) fn find(tables: &dyn Tables, id: &GrantId) -> Result<Option<GrantRecord>, StoreError> {
    value::find(tables, Table::Grants, id.as_str().as_bytes())
}

/// The grant, if neither ended nor past its time.
pub(super) fn find_live(tables: &dyn Tables, id: &GrantId, now: Timestamp) -> Result<Option<GrantRecord>, StoreError> {
    Ok(find(tables, id)?.filter(|grant| grant.revoked.is_none() && is_live(grant.expires, now)))
}

fn find_by_live_key(tables: &dyn Tables, key: &[u8]) -> Result<Option<GrantRecord>, StoreError> {
    let Some(id) = tables.get(Table::GrantIndex, key)? else { return Ok(None) };
    let grant: GrantRecord = value::get(tables, Table::Grants, &id)?;
    Ok(Some(grant).filter(|grant| grant.revoked.is_none()))
}

/// Keeps a new grant in place of the live one of the same person, capacity and client.
pub(super) fn keep(step: &mut dyn Step, grant: &GrantRecord) -> Result<(), StoreError> {
    let live_key = live_key_of(grant);
    if let Some(old) = find_by_live_key(step, &live_key)?.filter(|old| is_live(old.expires, grant.at)) {
        end(step, old, "replaced", grant.at)?;
    }
    let id = grant.id.as_str().as_bytes();
    value::put(step, Table::Grants, id, grant)?;
    value::put_bytes(step, Table::GrantIndex, &live_key, id.to_vec())?;
    let rest = Key::new().newest_first(grant.at.0).last(id).into_bytes();
    value::put_bytes(step, Table::GrantIndex, &by_time(&grant.person).key(&rest), id.to_vec())
}

/// Ends a grant and withdraws its consent. Its codes and tokens count only while it lives.
pub(super) fn end(step: &mut dyn Step, mut grant: GrantRecord, reason: &str, now: Timestamp) -> Result<(), StoreError> {
    grant.revoked = Some((now, reason.to_owned()));
    let id = grant.id.as_str().as_bytes();
    value::put(step, Table::Grants, id, &grant)?;
    let live_key = live_key_of(&grant);
    if step.get(Table::GrantIndex, &live_key)?.is_some_and(|live| live == id) {
        step.delete(Table::GrantIndex, &live_key);
    }
    consents::withdraw(step, &grant.consent, now)
}

/// Ends every live grant of a person, who is being erased.
pub(super) fn end_all(step: &mut dyn Step, person: &PersonId, now: Timestamp) -> Result<(), StoreError> {
    let list = live_of_person(person);
    for (rest, id) in list.all(step)? {
        step.delete(list.table, &list.key(&rest));
        let grant: GrantRecord = value::get(step, Table::Grants, &id)?;
        if grant.revoked.is_none() {
            end(step, grant, "erased", now)?;
        }
    }
    Ok(())
}
