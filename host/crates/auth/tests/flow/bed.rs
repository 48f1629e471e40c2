//! A hub in memory with two apps of two units, test persons, and a clock that is moved by hand.

mod client;
mod steps;

pub(crate) use client::{DpopKey, TestClient, claims_of};
pub(crate) use steps::{Journey, VERIFIER, code_of, query_of};

use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::Cell;
use std::sync::Arc;
use tempfile::TempDir;
use yizhan_auth::Personas;
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, KeySlot, KeyStore, RootKey, SoftwareKeyStore};
use yizhan_auth::people::{self, People, PeopleKeys};
use yizhan_auth::provider::{Provider, ProviderKeys, Registration, register_app, runtime_client};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{
    AppId, Clock, Context, PersonId, RequestId, SecretHash, SessionId, TestClock, Timestamp, VersionDigest,
};
use yizhan_store::MemoryRecords;
use yizhan_store::records::{
    AccessRecord, AppState, AppStateRecord, AuditRecord, ClientRecord, HubStore, SessionRecord, StoreMode, Trail,
};
use zeroize::Zeroizing;

pub(crate) const ISSUER: &str = "https://hub.example.gov.cn";
pub(crate) const APP: &str = "cn.gov.example.social";
pub(crate) const OTHER_APP: &str = "cn.gov.example.tax";
pub(crate) const REDIRECT: &str = "https://social.apps.example/.yizhan/callback";
const START: Timestamp = Timestamp(1_795_435_200_000);
pub(crate) const HOUR_MS: u64 = 3_600_000;

/// A hub with everything that a test touches.
pub(crate) struct Bed {
    pub(crate) clock: TestClock,
    pub(crate) provider: Provider,
    /// The runtime's client of [`APP`].
    pub(crate) client: TestClient,
    /// The runtime's client of [`OTHER_APP`].
    pub(crate) other: TestClient,
    requests: Cell<u128>,
    _keys: TempDir,
}

impl Bed {
    /// Baseline, international.
    pub(crate) async fn new() -> Self {
        Self::with(Tier::Baseline, Suite::International).await
    }

    pub(crate) async fn with(tier: Tier, suite: Suite) -> Self {
        Self::of(StoreMode::Development, tier, suite).await
    }

    pub(crate) async fn of(mode: StoreMode, tier: Tier, suite: Suite) -> Self {
        let keys = tempfile::tempdir().expect("folder");
        let root = RootKey::of(Zeroizing::new([7; 32]));
        let rng = Box::new(StdRng::seed_from_u64(1));
        let store = SoftwareKeyStore::create(&keys.path().join("keys"), &root, rng).expect("key store");
        for suite in [Suite::International, Suite::National] {
            store.create(&KeyOwner::Hub, KeySlot { key_use: KeyUse::Sign, suite }, START).expect("hub key");
        }
        let hub: Arc<dyn HubStore> = Arc::new(MemoryRecords::new(mode));
        let people = People::new(Arc::clone(&hub), PeopleKeys::of(&root));
        let provider = Provider {
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
            store: hub,
            keys: Arc::new(store),
            people: Arc::new(people),
            secrets: Arc::new(ProviderKeys::derived(&root, 1)),
            issuer: ISSUER.to_owned(),
        };
        let bed = Self {
            clock: TestClock::at(START),
            provider,
            client: TestClient::new(APP, 1, suite),
            other: TestClient::new(OTHER_APP, 2, suite),
            requests: Cell::new(1),
            _keys: keys,
        };
        if mode == StoreMode::Development {
            let personas = Personas::seeded().expect("personas");
            let mut rng = StdRng::seed_from_u64(3);
            people::seed(&bed.provider.people, &bed.context(), &personas, &mut rng).await.expect("seeded");
        }
        bed.release(APP, manifest(), vec![bed.runtime(&bed.client, tier, suite)]).await;
        bed.release(OTHER_APP, other_manifest(), vec![bed.runtime(&bed.other, tier, suite)]).await;
        bed
    }

    /// The registration of a runtime's client.
    pub(crate) fn runtime(&self, client: &TestClient, tier: Tier, suite: Suite) -> ClientRecord {
        let app = AppId::new(client.id.as_str()).expect("app");
        let slug = app.default_slug().expect("slug");
        runtime_client(&app, &[format!("https://{slug}.apps.example")], (tier, suite), client.jwks())
    }

    pub(crate) async fn release(&self, app: &str, manifest: Value, clients: Vec<ClientRecord>) {
        let state = state(app, manifest);
        let registration = Registration { state, clients };
        register_app(&self.context(), &self.provider, "operator:test", registration).await.expect("registered");
    }

    /// A context with an id of its own at the clock's moment.
    pub(crate) fn context(&self) -> Context {
        self.requests.set(self.requests.get() + 1);
        Context { id: RequestId(self.requests.get()), now: self.clock.now() }
    }

    /// A browser of a test person, signed in as surely as they can.
    pub(crate) async fn sign_in(&self, person: &str) -> SessionRecord {
        let person = PersonId(person.into());
        let record = self.provider.store.find_person(&person).await.expect("store").expect("person");
        self.sign_in_as(&record.id, record.assurance).await
    }

    pub(crate) async fn sign_in_as(&self, person: &PersonId, assurance: Assurance) -> SessionRecord {
        let number = u8::try_from(self.context().id.0).expect("few requests");
        let session = SessionRecord {
            hash: SecretHash([number; 32]),
            id: SessionId::of_random(u128::from(number)),
            person: person.clone(),
            acting_for: None,
            assurance,
            amr: vec!["persona".into()],
            auth_time: self.clock.now(),
            second_factor: None,
            expires: self.clock.now().plus_ms(8 * HOUR_MS),
        };
        self.provider.store.create_session(session.clone(), Trail::default()).await.expect("session");
        session
    }

    pub(crate) async fn set_state(&self, state: AppState) {
        let app = AppId::new(APP).expect("app");
        let context = self.context();
        yizhan_auth::flow::revoke::app(&context, &self.provider, "operator:test", (&app, state)).await.expect("set");
    }

    /// The whole audit, newest first.
    pub(crate) async fn audit(&self) -> Vec<AuditRecord> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.provider.store.list_audit(cursor.as_deref(), 100).await.expect("audit");
            all.extend(page.entries);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return all,
            }
        }
    }

    /// Whether an action ended so.
    pub(crate) async fn audited(&self, action: &str, outcome: &str) -> bool {
        self.audit().await.iter().any(|record| record.action == action && record.outcome == outcome)
    }

    /// A person's access log, newest first.
    pub(crate) async fn access(&self, person: &str) -> Vec<AccessRecord> {
        let person = PersonId(person.into());
        let page = self.provider.store.list_access(&person, self.clock.now(), None, 100).await;
        page.expect("access log").entries
    }
}

pub(crate) fn state(app: &str, manifest: Value) -> AppStateRecord {
    let app = AppId::new(app).expect("app");
    let slug = app.default_slug().expect("slug").as_str().to_owned();
    // As in life: another manifest is another version.
    let version = VersionDigest(Sha256::digest(manifest.to_string().as_bytes()).into());
    AppStateRecord {
        app,
        state: AppState::Released,
        version,
        manifest,
        slug,
        filing: Some("备1".into()),
        generation: 0,
    }
}

/// Two purposes; one use is optional.
pub(crate) fn manifest() -> Value {
    json!({
        "name": "社保查询", "gov_access": "identity-required", "gov_assurance": "real-name",
        "gov_owner": { "unit": "示例市人力资源和社会保障局", "uscc": "11330100MB1A00002W" },
        "req_permissions": [
            { "name": "identity:name", "reason": "核对姓名" },
            { "name": "identity:id-number-masked", "reason": "核对身份" },
            { "name": "identity:mobile-masked", "reason": "提醒" },
            { "name": "identity:birth-date", "reason": "核对" },
        ],
        "gov_data_use": [
            { "claim": "name", "purpose": "query", "retention_days": 0, "grant_days": 90 },
            { "claim": "id-number-masked", "purpose": "query", "retention_days": 0 },
            { "claim": "mobile-masked", "purpose": "remind", "optional": true, "retention_days": 30, "grant_days": 30 },
            { "claim": "name", "purpose": "remind", "retention_days": 30 },
        ],
    })
}

fn other_manifest() -> Value {
    json!({
        "name": "个税", "gov_access": "identity-required", "gov_assurance": "basic",
        "gov_owner": { "unit": "示例市税务局", "uscc": "11330100MB1A000043" },
        "req_permissions": [{ "name": "identity:name", "reason": "核对姓名" }],
        "gov_data_use": [{ "claim": "name", "purpose": "tax", "retention_days": 0 }],
    })
}
