//! Hub and runtime over one store, with one app that declares two claims, and people who sign in to it.

use crate::Backend;
use anyhow::{Context as _, anyhow, bail};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use yizhan_auth::flow::RequestParameters;
use yizhan_auth::flow::authorize::{self, Agreement, Next};
use yizhan_auth::jose::KeyUse;
use yizhan_auth::keys::{KeyOwner, KeySlot, KeyStore, Purpose, RootKey, SoftwareKeyStore};
use yizhan_auth::people::{NewPerson, People, PeopleKeys, PersonData};
use yizhan_auth::provider::{Provider, ProviderKeys, Registration, register_app, runtime_client};
use yizhan_auth::runtime::callback::{self, CallbackCookies, CallbackQuery, Finished};
use yizhan_auth::runtime::login::{self, LoginAsk};
use yizhan_auth::runtime::{LocalLink, Runtime, SystemTicks, Ticks};
use yizhan_auth::{AppPolicy, DataUse};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{
    Access, AppId, Claim, ClientId, Clock as _, Context, RequestId, SecretHash, SessionId, SystemClock, VersionDigest,
};
use yizhan_store::records::{AppState, AppStateRecord, HubStore, RuntimeStore, SessionRecord, StoreMode, Trail};
use yizhan_store::{JournalKey, MemoryRecords, RecordsSettings, SledRecords};
use zeroize::Zeroizing;

pub(crate) const APP: &str = "cn.example.bench";
pub(crate) const PURPOSE: &str = "query";
pub(crate) const CLAIMS: [Claim; 2] = [Claim::Name, Claim::Mobile];
const OWNER: &str = "11330100MB1A00002W";
const ORIGIN: &str = "http://bench.localhost:8080";
const SESSION_MS: u64 = 8 * 60 * 60 * 1000;

/// Hub and runtime in one process.
pub(crate) struct Bed {
    pub(crate) runtime: Runtime,
    pub(crate) provider: Provider,
    pub(crate) policy: Arc<AppPolicy>,
    numbers: AtomicU64,
}

/// A person before the consent page: everything is done but to agree.
pub(crate) struct Asked {
    handle: String,
    transaction: Zeroizing<String>,
    session: SessionRecord,
}

impl Bed {
    /// Opens a store in the folder and registers the app.
    pub(crate) async fn open(folder: &Path, backend: Backend) -> anyhow::Result<Arc<Self>> {
        let root = RootKey::of(Zeroizing::new([7; 32]));
        match backend {
            Backend::Memory => Self::on(Arc::new(MemoryRecords::new(StoreMode::Development)), &root).await,
            Backend::Sled => {
                let key = JournalKey::new(*root.derive(Purpose::Journal));
                let settings = RecordsSettings::new(StoreMode::Development, key);
                Self::on(Arc::new(SledRecords::open(folder, &settings)?), &root).await
            }
        }
    }

    async fn on<S: HubStore + RuntimeStore + 'static>(store: Arc<S>, root: &RootKey) -> anyhow::Result<Arc<Self>> {
        let keys = || Arc::new(SoftwareKeyStore::in_memory(Box::new(OsRng.unwrap_err())));
        let (hub_keys, app_keys) = (keys(), keys());
        let now = SystemClock.now();
        let sign = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
        hub_keys.create(&KeyOwner::Hub, sign, now)?;
        for key_use in [KeyUse::Sign, KeyUse::Decrypt] {
            let slot = KeySlot { key_use, suite: Suite::International };
            app_keys.create(&KeyOwner::Client(ClientId(APP.to_owned())), slot, now)?;
        }
        let hub = Arc::clone(&store) as Arc<dyn HubStore>;
        let provider = Provider {
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
            people: Arc::new(People::new(Arc::clone(&hub), PeopleKeys::of(root))),
            store: hub,
            keys: hub_keys,
            secrets: Arc::new(ProviderKeys::derived(root, 1)),
            issuer: "http://localhost:8080".to_owned(),
        };
        let ticks: Arc<dyn Ticks> = Arc::new(SystemTicks::since(Instant::now()));
        let link = Arc::new(LocalLink::new(provider.clone(), Arc::clone(&ticks)));
        let runtime = Runtime::new(store, app_keys, link, ticks, root.sealer(Purpose::RuntimeTokens));
        let bed = Self { runtime, provider, policy: Arc::new(policy()?), numbers: AtomicU64::new(1) };
        bed.release().await?;
        Ok(Arc::new(bed))
    }

    async fn release(&self) -> anyhow::Result<()> {
        let owner = KeyOwner::Client(ClientId(APP.to_owned()));
        let context = self.context();
        let jwks = self.runtime.keys().public_jwks(&owner, context.now)?.to_value();
        let client =
            runtime_client(&self.policy.app, &[ORIGIN.to_owned()], (Tier::Baseline, Suite::International), jwks);
        let uses = CLAIMS.map(|claim| json!({ "claim": claim, "purpose": PURPOSE, "retention_days": 0 }));
        let asked = CLAIMS.map(|claim| json!({ "name": format!("identity:{claim}"), "reason": "核对" }));
        let state = AppStateRecord {
            app: self.policy.app.clone(),
            state: AppState::Released,
            version: self.policy.digest,
            manifest: json!({
                "name": "Bench", "gov_access": "identity-required", "gov_owner": { "unit": "Bench", "uscc": OWNER },
                "req_permissions": asked, "gov_data_use": uses,
            }),
            slug: "bench".to_owned(),
            filing: None,
            generation: 0,
        };
        let registration = Registration { state, clients: vec![client] };
        register_app(&context, &self.provider, "bench", registration).await?;
        Ok(())
    }

    /// A request's context.
    pub(crate) fn context(&self) -> Context {
        Context { id: RequestId(u128::from(self.number())), now: SystemClock.now() }
    }

    /// A number that nobody else gets.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A new person signs in at the hub, begins at the app and stands before the consent page.
    pub(crate) async fn ask(&self) -> anyhow::Result<Asked> {
        let (context, number) = (self.context(), self.number());
        let mut data = PersonData::default();
        data.login = Some(format!("person-{number}"));
        data.name = "某某".to_owned();
        data.mobile = Some(format!("1000{:07}", number % 10_000_000));
        let new = NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data };
        let person = self.provider.people.register(&context, "bench", new, &mut OsRng.unwrap_err()).await?;
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        let session = SessionRecord {
            hash: SecretHash(hash),
            id: SessionId::of_random(u128::from(number)),
            person,
            acting_for: None,
            assurance: Assurance::Basic,
            amr: vec!["pwd".to_owned()],
            auth_time: context.now,
            second_factor: None,
            expires: context.now.plus_ms(SESSION_MS),
        };
        self.provider.store.create_session(session.clone(), Trail::default()).await?;
        let ask = LoginAsk {
            policy: &self.policy,
            origin: ORIGIN,
            purpose: Some(PURPOSE),
            claims: Some(&CLAIMS),
            return_path: "/",
            locale: "zh-CN",
        };
        let begun = login::begin(&context, &self.runtime, ask).await?;
        let parameters = RequestParameters(pairs(&begun.location)?);
        let handle = match authorize::begin(&context, &self.provider, &parameters).await {
            Ok(begun) => begun.handle,
            Err(_) => bail!("the hub does not let the request in"),
        };
        match authorize::next(&context, &self.provider, &handle, Some(&session)).await? {
            Next::Consent(_) => Ok(Asked { handle: handle.to_string(), transaction: begun.transaction, session }),
            _ => bail!("the person is not asked to consent"),
        }
    }

    /// Agrees to everything: consent, grant and code are durable when this returns. Answers the hub's redirect.
    pub(crate) async fn agree(&self, asked: &Asked) -> anyhow::Result<String> {
        let agreement = Agreement { ticked: Vec::new(), locale: "zh-CN".to_owned() };
        let context = self.context();
        Ok(authorize::agree(&context, &self.provider, &asked.handle, &asked.session, agreement).await?.url)
    }

    /// A person who is signed in to the app: the session's cookie.
    pub(crate) async fn signed_in(&self) -> anyhow::Result<Zeroizing<String>> {
        let asked = self.ask().await?;
        let url = self.agree(&asked).await?;
        let query = url.split_once('?').context("the redirect has no query")?.1;
        let cookies = CallbackCookies { transaction: Some(&asked.transaction), session: None };
        let query = CallbackQuery::parse(query)?;
        match callback::finish(&self.context(), &self.runtime, &self.policy.app, query, cookies).await? {
            Finished::SignedIn { session, .. } => Ok(session),
            Finished::Refused { .. } => Err(anyhow!("the sign-in was refused")),
        }
    }
}

/// Names and values of the address's query.
fn pairs(address: &str) -> anyhow::Result<Vec<(String, String)>> {
    let query = address.split_once('?').context("no query")?.1;
    Ok(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
}

fn policy() -> anyhow::Result<AppPolicy> {
    let uses = CLAIMS.map(|claim| DataUse { claim, purpose: PURPOSE.to_owned(), optional: false, retention_days: 0 });
    Ok(AppPolicy {
        app: AppId::new(APP)?,
        digest: VersionDigest([1; 32]),
        access: Access::IdentityRequired,
        tier: Tier::Baseline,
        assurance: Assurance::Basic,
        owner: OWNER.parse()?,
        uses: uses.to_vec(),
    })
}
