//! The throw-away hub of a rehearsal: in memory, with two invented apps, the test persons and a clock of its own. It shares
//! nothing with the hub of this process, so suspending, revoking and waiting on it harm nobody.

use super::Met;
use super::actor::Actor;
use crate::Personas;
use crate::jose::KeyUse;
use crate::keys::{KeyOwner, KeySlot, KeyStore as _, RootKey, SoftwareKeyStore};
use crate::people::{self, People, PeopleKeys};
use crate::provider::{Provider, ProviderKeys, Registration, register_app, runtime_client};
use rand::rngs::StdRng;
use rand::{CryptoRng, SeedableRng as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::{
    AppId, Clock as _, Context, PersonId, RequestId, SecretHash, SessionId, TestClock, Timestamp, VersionDigest,
};
use yizhan_store::MemoryRecords;
use yizhan_store::records::{AppState, AppStateRecord, AuditRecord, ClientRecord, SessionRecord, StoreMode, Trail};
use zeroize::Zeroizing;

pub(super) const ISSUER: &str = "https://hub.rehearsal.example";
pub(super) const APP: &str = "cn.gov.example.rehearsal";
pub(super) const OTHER: &str = "cn.gov.example.neighbour";
pub(super) const PURPOSE: &str = "query";
pub(super) const HOUR_MS: u64 = 3_600_000;

/// A hub with everything that a scene touches.
pub(super) struct Stage {
    pub(super) clock: Arc<TestClock>,
    pub(super) provider: Provider,
    pub(super) records: Arc<MemoryRecords>,
    pub(super) root: RootKey,
    /// Keys of the app's client as a runtime holds them; for step 5.
    pub(super) app_keys: Arc<SoftwareKeyStore>,
    /// The client of [`APP`], with its own keys.
    pub(super) client: Actor,
    /// The client of [`OTHER`].
    pub(super) other: Actor,
    number: AtomicU64,
}

impl Stage {
    pub(super) async fn set(now: Timestamp, rng: &mut (impl CryptoRng + Send)) -> Result<Self, Met> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        let root = RootKey::of(secret);
        let mut keys = || Arc::new(SoftwareKeyStore::in_memory(Box::new(StdRng::from_rng(&mut *rng))));
        let (hub_keys, app_keys) = (keys(), keys());
        let sign = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
        hub_keys.create(&KeyOwner::Hub, sign, now).map_err(|_| Met::Broken("the hub's key"))?;
        let records = Arc::new(MemoryRecords::new(StoreMode::Development));
        let people = Arc::new(People::new(Arc::clone(&records) as _, PeopleKeys::of(&root)));
        let secrets = Arc::new(ProviderKeys::derived(&root, 1));
        let store = Arc::clone(&records) as _;
        let provider = Provider {
            store,
            keys: hub_keys,
            people,
            secrets,
            issuer: ISSUER.to_owned(),
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
        };
        let stage = Self {
            clock: Arc::new(TestClock::at(now)),
            provider,
            records,
            root,
            app_keys,
            client: Actor::new(APP, rng)?,
            other: Actor::new(OTHER, rng)?,
            number: AtomicU64::new(1),
        };
        let personas = Personas::seeded().map_err(|_| Met::Broken("the test persons"))?;
        let seeded = people::seed(&stage.provider.people, &stage.context(), &personas, rng).await;
        seeded.map_err(|_| Met::Broken("the test persons"))?;
        stage.release(APP, manifest(), vec![stage.runtime(&stage.client, Tier::Baseline)?]).await?;
        stage.release(OTHER, neighbour(), vec![stage.runtime(&stage.other, Tier::Baseline)?]).await?;
        Ok(stage)
    }

    /// The registration of the runtime's client of an app.
    pub(super) fn runtime(&self, client: &Actor, tier: Tier) -> Result<ClientRecord, Met> {
        Ok(runtime_client(
            &app_id(client.id.as_str())?,
            &[client.origin()],
            (tier, Suite::International),
            client.jwks(),
        ))
    }

    async fn release(&self, app: &str, manifest: Value, clients: Vec<ClientRecord>) -> Result<(), Met> {
        let app = app_id(app)?;
        let slug = app.default_slug().map_err(|_| Met::Broken("the app's slug"))?.as_str().to_owned();
        // As in life: another manifest is another version.
        let version = VersionDigest(Sha256::digest(manifest.to_string().as_bytes()).into());
        let state =
            AppStateRecord { app, state: AppState::Released, version, manifest, slug, filing: None, generation: 0 };
        let registration = Registration { state, clients };
        register_app(&self.context(), &self.provider, "rehearsal", registration).await.map_err(Met::Registration)
    }

    /// Replaces a registration.
    pub(super) async fn put(&self, client: ClientRecord) -> Result<(), Met> {
        self.provider.store.put_client(client, Trail::default()).await.map_err(|_| Met::Broken("the client"))
    }

    pub(super) async fn set_state(&self, state: AppState) -> Result<(), Met> {
        let app = app_id(APP)?;
        let set = crate::flow::revoke::app(&self.context(), &self.provider, "rehearsal", (&app, state)).await;
        set.map(|_| ()).map_err(Met::Page)
    }

    /// A context with an id of its own at the stage's moment.
    pub(super) fn context(&self) -> Context {
        let number = self.number.fetch_add(1, Ordering::SeqCst) + 1;
        Context { id: RequestId(u128::from(number)), now: self.clock.now() }
    }

    /// Waits, on the stage's clock.
    pub(super) fn wait_ms(&self, ms: u64) {
        self.clock.advance_ms(ms);
    }

    /// A browser at the hub in which a test person is signed in as surely as they can.
    pub(super) async fn browser(&self, person: &str) -> Result<SessionRecord, Met> {
        let store = &self.provider.store;
        let found = store.find_person(&PersonId(person.to_owned())).await;
        let record = found.ok().flatten().ok_or(Met::Broken("the test person"))?;
        let number = self.context().id.0;
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(&number.to_be_bytes());
        let session = SessionRecord {
            hash: SecretHash(hash),
            id: SessionId::of_random(number),
            person: record.id,
            acting_for: None,
            assurance: record.assurance,
            amr: vec!["persona".into()],
            auth_time: self.clock.now(),
            second_factor: None,
            expires: self.clock.now().plus_ms(8 * HOUR_MS),
        };
        let created = store.create_session(session.clone(), Trail::default()).await;
        created.map(|_| session).map_err(|_| Met::Broken("the session"))
    }

    /// The newest record of the audit that ended with this code.
    pub(super) async fn audited(&self, code: &str) -> Option<AuditRecord> {
        let page = self.provider.store.list_audit(None, 100).await.ok()?;
        page.entries.into_iter().find(|record| record.outcome == code)
    }
}

pub(super) fn app_id(text: &str) -> Result<AppId, Met> {
    AppId::new(text).map_err(|_| Met::Broken("the app's id"))
}

/// Two purposes, one optional use, one permission without a use.
pub(super) fn manifest() -> Value {
    json!({
        "name": "演练应用", "gov_access": "identity-required", "gov_assurance": "real-name",
        "gov_owner": { "unit": "示例单位", "uscc": "11330100MB1A00002W" },
        "req_permissions": [
            { "name": "identity:name", "reason": "核对姓名" },
            { "name": "identity:id-number-masked", "reason": "核对身份" },
            { "name": "identity:mobile-masked", "reason": "提醒" },
            { "name": "identity:birth-date", "reason": "核对" },
        ],
        "gov_data_use": [
            { "claim": "name", "purpose": "query", "retention_days": 0 },
            { "claim": "id-number-masked", "purpose": "query", "retention_days": 0 },
            { "claim": "mobile-masked", "purpose": "query", "optional": true, "retention_days": 0 },
        ],
    })
}

fn neighbour() -> Value {
    json!({
        "name": "邻居应用", "gov_access": "identity-required", "gov_assurance": "basic",
        "gov_owner": { "unit": "另一示例单位", "uscc": "11330100MB1A000043" },
        "req_permissions": [{ "name": "identity:name", "reason": "核对姓名" }],
        "gov_data_use": [{ "claim": "name", "purpose": "query", "retention_days": 0 }],
    })
}
