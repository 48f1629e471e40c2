//! Sessions of browsers at the hub, found by hash, by public name and by person.

use super::{
    Records,
    expiry::{self, Ending},
    key::Key,
    page::List,
    people, value,
};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{SessionRecord, SessionStore, StoreFuture, Trail},
};
use yizhan_domain::{PersonId, SecretHash, SessionId, Timestamp};

const BY_NAME: u8 = 1;
const BY_PERSON: u8 = 2;

impl Ending for SessionRecord {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl<E: Engine> SessionStore for Records<E> {
    fn create_session(&self, session: SessionRecord, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            if !people::is_erased(step, &session.person)? {
                keep(step, &session)?;
                step.trail(trail);
            }
            Ok(())
        })
    }

    fn find_session<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<SessionRecord>> {
        let hash = *hash;
        self.engine.read(move |tables| expiry::find_live(tables, Table::Sessions, &hash.0, now))
    }

    fn find_session_by_id<'a>(&'a self, id: &'a SessionId, now: Timestamp) -> StoreFuture<'a, Option<SessionRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| match find_hash(tables, &id)? {
            Some(hash) => expiry::find_live(tables, Table::Sessions, &hash.0, now),
            None => Ok(None),
        })
    }

    fn replace_session<'a>(
        &'a self,
        old: &'a SecretHash,
        new: SessionRecord,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool> {
        let old = *old;
        self.note(now);
        self.commit_if(trail, move |step| {
            let live: Option<SessionRecord> = expiry::find_live(step, Table::Sessions, &old.0, now)?;
            if live.is_none() || people::is_erased(step, &new.person)? {
                return Ok(false);
            }
            end(step, &old)?;
            keep(step, &new)?;
            Ok(true)
        })
    }

    fn end_session<'a>(&'a self, id: &'a SessionId, trail: Trail) -> StoreFuture<'a, bool> {
        let id = id.clone();
        self.commit_if(trail, move |step| match find_hash(step, &id)? {
            Some(hash) => end(step, &hash),
            None => Ok(false),
        })
    }

    fn list_sessions<'a>(&'a self, person: &'a PersonId, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>> {
        let list = of_person(person);
        self.engine.read(move |tables| {
            let mut sessions = Vec::new();
            for (rest, bytes) in list.all(tables)? {
                let hash: SecretHash = value::decode(list.table, &rest, &bytes)?;
                sessions.extend(expiry::find_live(tables, Table::Sessions, &hash.0, now)?);
            }
            Ok(sessions)
        })
    }
}

fn name_key(id: &SessionId) -> Vec<u8> {
    Key::kind(BY_NAME).last(id.as_str()).into_bytes()
}

fn of_person(person: &PersonId) -> List {
    let prefix = Key::kind(BY_PERSON).text(person.as_str()).into_bytes();
    List { name: "sessions", table: Table::SessionIndex, prefix }
}

fn find_hash(tables: &dyn Tables, id: &SessionId) -> Result<Option<SecretHash>, StoreError> {
    value::find(tables, Table::SessionIndex, &name_key(id))
}

/// Keeps a session; a name stands for one session, so an older one of the same name ends.
fn keep(step: &mut dyn Step, session: &SessionRecord) -> Result<(), StoreError> {
    if let Some(older) = find_hash(step, &session.id)? {
        end(step, &older)?;
    }
    expiry::put(step, Table::Sessions, &session.hash.0, session)?;
    value::put(step, Table::SessionIndex, &name_key(&session.id), &session.hash)?;
    let key = of_person(&session.person).key(session.id.as_str().as_bytes());
    value::put(step, Table::SessionIndex, &key, &session.hash)
}

fn end(step: &mut dyn Step, hash: &SecretHash) -> Result<bool, StoreError> {
    unindex(step, &hash.0)?;
    Ok(expiry::take::<SessionRecord>(step, Table::Sessions, &hash.0)?.is_some())
}

/// Removes the index entries of the session under this key, while they point to it.
pub(super) fn unindex(step: &mut dyn Step, key: &[u8]) -> Result<(), StoreError> {
    let Some(session) = value::find::<SessionRecord>(step, Table::Sessions, key)? else { return Ok(()) };
    if find_hash(step, &session.id)? == Some(session.hash) {
        step.delete(Table::SessionIndex, &name_key(&session.id));
        step.delete(Table::SessionIndex, &of_person(&session.person).key(session.id.as_str().as_bytes()));
    }
    Ok(())
}

/// Ends every session of a person.
pub(super) fn end_all(step: &mut dyn Step, person: &PersonId) -> Result<(), StoreError> {
    let list = of_person(person);
    for (rest, bytes) in list.all(step)? {
        let hash: SecretHash = value::decode(list.table, &rest, &bytes)?;
        end(step, &hash)?;
        step.delete(list.table, &list.key(&rest));
    }
    Ok(())
}
