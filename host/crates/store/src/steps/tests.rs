//! What callers cannot see: what has ended is swept, a few at a time, and no step's work grows with what is stored.

use super::Records;
use crate::{
    engine::{Engine, Pair, Step, Table, Tables},
    error::StoreError,
    memory::{MemoryEngine, MemoryRecords},
    records::*,
};
use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{AppId, ClientId, ConsentId, GrantId, PersonId, SecretHash, SessionId, Timestamp, VersionDigest};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const LATER: Timestamp = Timestamp(NOW.0 + 3_600_000);

fn hash(kind: u8, number: u64) -> SecretHash {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    SecretHash(bytes)
}

async fn rows<E: Engine>(store: &Records<E>, table: Table) -> usize {
    let count = move |tables: &dyn Tables| Ok(tables.list(table, &[], None, 100_000)?.len());
    store.engine.read(count).await.expect("count")
}

async fn step_at<E: Engine>(store: &Records<E>, now: Timestamp, number: u64) {
    let expires = now.plus_ms(60_000);
    assert!(store.use_once("tick", hash(9, number), expires, now, Trail::default()).await.expect("use"));
}

#[tokio::test]
async fn what_has_ended_is_swept_a_few_at_a_time() {
    let store = MemoryRecords::new(StoreMode::Development);
    for number in 0..100 {
        let used = store.use_once("jti", hash(1, number), NOW.plus_ms(1), NOW, Trail::default()).await;
        assert!(used.expect("use"));
    }
    let within_grace = NOW.plus_ms(super::expiry::GRACE_MS);
    step_at(&store, within_grace, 0).await;
    assert_eq!(rows(&store, Table::OneTime).await, 101, "a clock set back a little brings nothing to life");
    let mut before = 101;
    for number in 1..=7 {
        step_at(&store, LATER, number).await;
        let after = rows(&store, Table::OneTime).await;
        assert!(after + 16 > before, "{before} and then {after} rows");
        before = after;
    }
    assert_eq!(before, 7, "only the steps' own are left");
    assert_eq!(rows(&store, Table::Expiries).await, 7);
}

fn session(number: u64) -> SessionRecord {
    SessionRecord {
        hash: hash(2, number),
        id: SessionId(number.to_string()),
        person: PersonId("p".to_owned()),
        acting_for: None,
        assurance: Assurance::Basic,
        amr: Vec::new(),
        auth_time: NOW,
        second_factor: None,
        expires: NOW.plus_ms(1_000),
    }
}

fn app_session(number: u64) -> AppSessionRecord {
    AppSessionRecord {
        hash: hash(3, number),
        app: AppId::new("cn.gov.example.shop").expect("app"),
        session: SessionId("s".to_owned()),
        subject: String::new(),
        kind: PersonKind::NaturalPerson,
        assurance: Assurance::Basic,
        grant: None,
        uses: Vec::new(),
        grant_expires: LATER,
        sealed_tokens: String::new(),
        expires: NOW.plus_ms(1_000),
    }
}

#[tokio::test]
async fn sweeping_leaves_no_index_entry_and_no_expiry_behind() {
    let store = MemoryRecords::new(StoreMode::Development);
    for number in 0..20 {
        store.create_session(session(number), Trail::default()).await.expect("session");
        store.create_app_session(app_session(number), Trail::default()).await.expect("app session");
        store.count_failure(&hash(4, number), NOW, 1_000).await.expect("failure");
    }
    let mut longer = session(0);
    (longer.hash, longer.expires) = (hash(5, 0), Timestamp(u64::MAX));
    assert!(store.replace_session(&hash(2, 0), longer.clone(), NOW, Trail::default()).await.expect("replace"));
    for number in 0..10 {
        step_at(&store, LATER, number).await;
    }
    for table in [Table::AppSessions, Table::AppSessionIndex, Table::Attempts] {
        assert_eq!(rows(&store, table).await, 0, "{table:?}");
    }
    assert_eq!(rows(&store, Table::Sessions).await, 1);
    assert_eq!(rows(&store, Table::SessionIndex).await, 2);
    assert_eq!(rows(&store, Table::Expiries).await, 11);
    assert_eq!(store.find_session_by_id(&longer.id, LATER).await.expect("find"), Some(longer));
}

/// An engine that counts what steps and reads touch.
struct Counting {
    inner: MemoryEngine,
    touched: AtomicU64,
}

struct Counted<'a, T: ?Sized> {
    inner: &'a mut T,
    touched: Cell<u64>,
}

impl<T: ?Sized> Counted<'_, T> {
    fn add(&self, number: usize) {
        self.touched.set(self.touched.get() + number as u64);
    }
}

impl Tables for Counted<'_, dyn Step + '_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.add(1);
        self.inner.get(table, key)
    }

    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.inner.list(table, prefix, after, limit)?;
        self.add(1 + pairs.len());
        Ok(pairs)
    }
}

impl Step for Counted<'_, dyn Step + '_> {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.add(1);
        self.inner.put(table, key, value);
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        self.add(1);
        self.inner.delete(table, key);
    }

    fn trail(&mut self, trail: Trail) {
        self.inner.trail(trail);
    }

    fn put_data_key(&mut self, person: &str, key: Vec<u8>) {
        self.inner.put_data_key(person, key);
    }

    fn destroy_data_key(&mut self, person: &str) {
        self.inner.destroy_data_key(person);
    }
}

impl Engine for Counting {
    fn commit<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let (answer, touched) = self
                .inner
                .commit(move |inner| {
                    let mut counted = Counted { inner, touched: Cell::new(0) };
                    let answer = step(&mut counted)?;
                    Ok((answer, counted.touched.get()))
                })
                .await?;
            self.touched.fetch_add(touched, Ordering::Relaxed);
            Ok(answer)
        })
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Tables) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.commit(move |step| read(step))
    }

    fn find_data_key<'a>(&'a self, person: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.inner.find_data_key(person)
    }

    fn head(&self) -> AuditHead {
        self.inner.head()
    }

    fn standing_revision(&self) -> u64 {
        self.inner.standing_revision()
    }

    fn read_only(&self) -> Option<String> {
        None
    }

    fn mode(&self) -> StoreMode {
        self.inner.mode()
    }
}

/// Consent, exchange, rotation, reading back and replacing by number `number`.
async fn journey<E: Engine>(store: &Records<E>, number: u64) {
    let (person, client) = (PersonId(format!("{number:08}")), ClientId("cn.gov.example.shop".to_owned()));
    let request = RequestRecord { hash: hash(1, number), client: client.clone(), parameters: 0.into(), expires: LATER };
    store.put_request(request.clone(), Trail::default()).await.expect("request");
    let (consent, grant, code) = given(number, &person, &client);
    let kept = store.give_consent(request.hash, consent, grant, code, Trail::default()).await;
    assert!(kept.expect("consent"));
    let tokens = |kind| vec![token(kind, number, TokenKind::Access), token(kind + 1, number, TokenKind::Refresh)];
    let exchanged = store.exchange_code(&hash(2, number), NOW, tokens(3), Trails::default()).await.expect("exchange");
    assert_eq!(exchanged, Exchange::Exchanged);
    let rotated = store.rotate_refresh(&hash(4, number), NOW, tokens(5), Trails::default()).await.expect("rotate");
    assert_eq!(rotated, Rotation::Rotated);
    assert!(store.find_token(&hash(5, number)).await.expect("token").is_some());
    assert!(store.find_live_grant(&person, None, &client, NOW).await.expect("grant").is_some());
    assert_eq!(store.list_grants(&person, None, 10).await.expect("list").entries.len(), 1);
    let replayed = store.exchange_code(&hash(2, number), NOW, Vec::new(), Trails::default()).await.expect("replay");
    assert_eq!(replayed, Exchange::Replayed);
    step_at(store, NOW, number).await;
}

fn given(number: u64, person: &PersonId, client: &ClientId) -> (ConsentRecord, GrantRecord, CodeRecord) {
    let app = AppId::new("cn.gov.example.shop").expect("app");
    let (id, consent) = (GrantId(format!("g{number:08}")), ConsentId(format!("c{number:08}")));
    let record = ConsentRecord {
        id: consent.clone(),
        person: person.clone(),
        acting_for: None,
        app: app.clone(),
        client: client.clone(),
        version: VersionDigest([0; 32]),
        unit: String::new(),
        uses: Vec::new(),
        refused: Vec::new(),
        at: NOW,
        expires: LATER,
        locale: String::new(),
        withdrawn: None,
        receipt: String::new(),
    };
    let grant = GrantRecord {
        id: id.clone(),
        person: person.clone(),
        acting_for: None,
        app,
        client: client.clone(),
        uses: Vec::new(),
        consent,
        at: NOW,
        expires: LATER,
        revoked: None,
    };
    let code = CodeRecord {
        hash: hash(2, number),
        client: client.clone(),
        grant: id,
        redirect_uri: String::new(),
        challenge: String::new(),
        nonce: None,
        scopes: Vec::new(),
        dpop_jkt: None,
        session: SessionId(String::new()),
        expires: LATER,
    };
    (record, grant, code)
}

fn token(kind: u8, number: u64, of: TokenKind) -> TokenRecord {
    TokenRecord {
        hash: hash(kind, number),
        kind: of,
        client: ClientId("cn.gov.example.shop".to_owned()),
        grant: GrantId(format!("g{number:08}")),
        family: hash(2, number),
        session: None,
        generation: 1,
        scopes: Vec::new(),
        dpop_jkt: None,
        at: NOW,
        expires: LATER,
    }
}

#[tokio::test]
async fn a_journey_touches_as_many_rows_after_thousands_as_after_a_few() {
    let store = Records::on(Counting { inner: MemoryEngine::new(StoreMode::Development), touched: 0.into() });
    let mut touched = Vec::new();
    for number in 0..2_500 {
        journey(&store, number).await;
        touched.push(store.engine.touched.swap(0, Ordering::Relaxed));
    }
    // The first ones find fewer than a sweep's worth of entries to look at.
    let settled = &touched[10..];
    assert!(settled.iter().all(|rows| *rows == settled[0]), "{:?} to {:?}", settled.iter().min(), settled.iter().max());
}
