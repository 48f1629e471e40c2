//! Hub and runtime in one process, with a link that can be cut or tampered with: what the tests of sign-in, permit and
//! opening stand on.

mod high_tier;
mod revocation;
mod sign_in;

use super::callback::{self, CallbackCookies, CallbackQuery, Finished};
use super::link::{CodeAnswer, EnvelopeAsk, HubLink, LinkError, LinkFuture, Standing, Tokens};
use super::login::{self, LoginAsk};
use super::{LocalLink, LoginError, Prover, Runtime};
use crate::flow::RequestParameters;
use crate::flow::authorize::{self, Agreement, Next};
use crate::jose::{JwkSet, KeyUse};
use crate::keys::{KeyOwner, KeySlot, KeyStore, Purpose, RootKey, SoftwareKeyStore};
use crate::people::{self, People, PeopleKeys};
use crate::provider::{Provider, ProviderKeys, Registration, register_app, runtime_client};
use crate::sign_in::{Browser, SignIn, SignInSettings, SignInStep, as_persona, sessions};
use crate::{AppPolicy, DataUse, InvokePermit, Personas, check};
use rand::{SeedableRng as _, rngs::StdRng};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{
    Access, AppId, Claim, ClientId, Clock as _, Context, PersonId, RequestId, TestClock, Timestamp, VersionDigest,
};
use yizhan_store::MemoryRecords;
use yizhan_store::records::{AppState, AppStateRecord, AuditRecord, AuditStore as _, SessionRecord, StoreMode};
use zeroize::Zeroizing;

pub(crate) const APP: &str = "cn.gov.example.social-security";
pub(crate) const OTHER: &str = "cn.gov.example.other";
pub(crate) const PURPOSE: &str = "query-insurance";
pub(crate) const ORIGIN: &str = "http://social-security.localhost:8080";
const ISSUER: &str = "http://localhost:8080";
const START: Timestamp = Timestamp(1_795_435_200_000);

/// A hub and a runtime over one store in memory.
pub(crate) struct Bed {
    pub(crate) runtime: Runtime,
    pub(crate) provider: Provider,
    pub(crate) records: Arc<MemoryRecords>,
    pub(crate) link: Arc<TestLink>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) policy: Arc<AppPolicy>,
    pub(crate) keys: Arc<SoftwareKeyStore>,
    sign_in: SignIn,
    requests: AtomicU64,
}

/// A link that does what a test wants of it.
pub(crate) struct TestLink {
    inner: LocalLink,
    /// Nothing gets through.
    pub(crate) is_cut: AtomicBool,
    /// How long a confirmation counts.
    pub(crate) confirmation_ms: AtomicU64,
    /// Confirmations asked for.
    pub(crate) asked: AtomicU64,
    /// What comes instead of the next envelopes.
    pub(crate) envelope: Mutex<Option<String>>,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::of(Tier::Baseline).await
    }

    pub(crate) async fn of(tier: Tier) -> Self {
        let root = RootKey::of(Zeroizing::new([7; 32]));
        let store = |seed| Arc::new(SoftwareKeyStore::in_memory(Box::new(StdRng::seed_from_u64(seed))));
        let (hub_keys, keys) = (store(1), store(2));
        let sign = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
        hub_keys.create(&KeyOwner::Hub, sign, START).expect("the hub's key");
        let records = Arc::new(MemoryRecords::new(StoreMode::Development));
        let people = Arc::new(People::new(Arc::clone(&records) as _, PeopleKeys::of(&root)));
        let context = Context { id: RequestId(1), now: START };
        let personas = Personas::seeded().expect("personas");
        people::seed(&people, &context, &personas, &mut StdRng::seed_from_u64(3)).await.expect("seeded");
        let provider = Provider {
            assurance_max: yizhan_domain::person::Assurance::Face,
            reviewed: Arc::default(),
            store: Arc::clone(&records) as _,
            keys: hub_keys,
            people: Arc::clone(&people),
            secrets: Arc::new(ProviderKeys::derived(&root, 1)),
            issuer: ISSUER.to_owned(),
        };
        let clock = Arc::new(TestClock::at(START));
        let settings = SignInSettings { hashing_slots: 1, sender: None, codes_per_day_max: 1 };
        let link = Arc::new(TestLink {
            inner: LocalLink::new(provider.clone(), Arc::clone(&clock) as _),
            is_cut: AtomicBool::new(false),
            confirmation_ms: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            envelope: Mutex::default(),
        });
        let sealer = root.sealer(Purpose::RuntimeTokens);
        let apps = Arc::clone(&keys) as Arc<dyn KeyStore>;
        let runtime =
            Runtime::new(Arc::clone(&records) as _, apps, Arc::clone(&link) as _, Arc::clone(&clock) as _, sealer);
        let bed = Self {
            runtime,
            provider,
            records,
            link,
            clock,
            policy: Arc::new(AppPolicy { tier, ..policy(APP) }),
            keys,
            sign_in: SignIn::new(people, settings).expect("sign-in"),
            requests: AtomicU64::new(1),
        };
        bed.release(APP, 1).await;
        bed
    }

    /// Releases a version of an app; its client's keys are made when it has none.
    pub(crate) async fn release(&self, app: &str, version: u8) {
        let manifest = include_str!("../../../../../examples/social-security/manifest.json");
        self.release_of(app, version, serde_json::from_str(manifest).expect("JSON")).await;
    }

    pub(crate) async fn release_of(&self, app: &str, version: u8, manifest: serde_json::Value) {
        let id = AppId::new(app).expect("id");
        let owner = KeyOwner::Client(ClientId(app.to_owned()));
        for key_use in [KeyUse::Sign, KeyUse::Decrypt] {
            // Of a second version they are there already.
            let _made = self.keys.create(&owner, KeySlot { key_use, suite: Suite::International }, START);
        }
        let jwks = self.keys.public_jwks(&owner, START).expect("keys").to_value();
        let tier = (self.policy.tier, Suite::International);
        let client = runtime_client(&id, &[ORIGIN.to_owned()], tier, jwks);
        let state = AppStateRecord {
            app: id,
            state: AppState::Released,
            version: VersionDigest([version; 32]),
            manifest,
            slug: "social-security".into(),
            filing: None,
            generation: 0,
        };
        let registration = Registration { state, clients: vec![client] };
        register_app(&self.context(), &self.provider, "test", registration).await.expect("registered");
    }

    pub(crate) fn context(&self) -> Context {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        Context { id: RequestId(u128::from(number)), now: self.clock.now() }
    }

    /// A session of a test person at the hub.
    pub(crate) async fn at_hub(&self, persona: &str) -> SessionRecord {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let browser = Browser { address, transaction: sessions::token_hash("browser"), device: None, session: None };
        let (persona, mut rng) =
            (PersonId(persona.to_owned()), StdRng::seed_from_u64(self.requests.fetch_add(1, Ordering::SeqCst)));
        match as_persona(&self.context(), &self.sign_in, &persona, &browser, &mut rng).await {
            Ok(SignInStep::Done(signed_in)) => signed_in.session,
            _ => panic!("the test person cannot sign in"),
        }
    }

    /// What an app asks for that wants these claims.
    pub(crate) fn ask<'a>(&'a self, claims: &'a [Claim]) -> LoginAsk<'a> {
        let (policy, purpose) = (&*self.policy, Some(PURPOSE));
        LoginAsk { policy, origin: ORIGIN, purpose, claims: Some(claims), return_path: "/x", locale: "zh-CN" }
    }

    /// The person's part at the hub: agrees to everything, or refuses. Answers the query of the callback.
    pub(crate) async fn at_consent(&self, location: &str, session: &SessionRecord, agrees: bool) -> String {
        let (context, provider) = (self.context(), &self.provider);
        let query = location.split_once('?').expect("a query").1;
        let parameters = RequestParameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        let begun = authorize::begin(&context, provider, &parameters).await.expect("let in");
        let next = authorize::next(&context, provider, &begun.handle, Some(session)).await.expect("next");
        let redirect = match next {
            Next::Redirect(redirect) => redirect,
            Next::Consent(_) if !agrees => {
                authorize::refuse(&context, provider, &begun.handle, Some(session)).await.expect("refused")
            }
            Next::Consent(ask) => {
                let ticked = ask.items.iter().map(|item| (item.data.claim, item.data.purpose.clone())).collect();
                let agreement = Agreement { ticked, locale: "zh-CN".into() };
                authorize::agree(&context, provider, &begun.handle, session, agreement).await.expect("agreed")
            }
            other => panic!("{other:?}"),
        };
        redirect.url.split_once('?').expect("a query").1.to_owned()
    }

    /// The whole way of one sign-in.
    pub(crate) async fn finish(
        &self,
        query: &str,
        transaction: &str,
        before: Option<&str>,
    ) -> Result<Finished, LoginError> {
        let cookies = CallbackCookies { transaction: Some(transaction), session: before };
        let query = CallbackQuery::parse(query)?;
        callback::finish(&self.context(), &self.runtime, &self.policy.app, query, cookies).await
    }

    /// Signs a test person in who agrees to these claims; answers the session's cookie.
    pub(crate) async fn signed_in(&self, persona: &str, claims: &[Claim]) -> Zeroizing<String> {
        let session = self.at_hub(persona).await;
        self.signed_in_with(&session, claims, None).await
    }

    pub(crate) async fn signed_in_with(
        &self,
        session: &SessionRecord,
        claims: &[Claim],
        before: Option<&str>,
    ) -> Zeroizing<String> {
        let begun = login::begin(&self.context(), &self.runtime, self.ask(claims)).await.expect("begun");
        let query = self.at_consent(&begun.location, session, true).await;
        match self.finish(&query, &begun.transaction, before).await {
            Ok(Finished::SignedIn { session, return_path }) if return_path == "/x" => session,
            Ok(_) => panic!("not signed in"),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn permit(&self, token: &str) -> InvokePermit {
        check::invoke(&self.context(), &self.runtime, &self.policy, Some(token)).await
    }

    /// Audit records of an action, newest first.
    pub(crate) async fn audit(&self, action: &str) -> Vec<AuditRecord> {
        let page = self.records.list_audit(None, 100).await.expect("audit");
        page.entries.into_iter().filter(|record| record.action == action).collect()
    }
}

pub(crate) fn policy(app: &str) -> AppPolicy {
    let uses = ["name", "id-number-masked", "mobile-masked"].map(|claim| DataUse {
        claim: claim.parse().expect("claim"),
        purpose: PURPOSE.into(),
        optional: claim == "mobile-masked",
        retention_days: 0,
    });
    AppPolicy {
        app: AppId::new(app).expect("id"),
        digest: VersionDigest([1; 32]),
        access: Access::IdentityRequired,
        tier: Tier::Baseline,
        assurance: Assurance::RealName,
        owner: "11330100MB1A00002W".parse().expect("code"),
        uses: uses.to_vec(),
    }
}

impl TestLink {
    fn through(&self) -> Result<&LocalLink, LinkError> {
        if self.is_cut.load(Ordering::SeqCst) { Err(LinkError::Unreachable) } else { Ok(&self.inner) }
    }
}

impl HubLink for TestLink {
    fn issuer(&self) -> &str {
        self.inner.issuer()
    }

    fn confirmation_ms(&self) -> u64 {
        self.confirmation_ms.load(Ordering::SeqCst)
    }

    /// As in one process, unless a test wants a hub elsewhere.
    fn revision(&self) -> Option<u64> {
        let elsewhere = self.is_cut.load(Ordering::SeqCst) || self.confirmation_ms() > 0;
        if elsewhere { None } else { self.inner.revision() }
    }

    fn push<'a>(&'a self, at: Context, by: Prover<'a>, request: &'a [(String, String)]) -> LinkFuture<'a, String> {
        Box::pin(async move { self.through()?.push(at, by, request).await })
    }

    fn exchange<'a>(&'a self, at: Context, by: Prover<'a>, answer: CodeAnswer) -> LinkFuture<'a, Tokens> {
        Box::pin(async move { self.through()?.exchange(at, by, answer).await })
    }

    fn refresh<'a>(&'a self, at: Context, by: Prover<'a>, refresh: &'a str) -> LinkFuture<'a, Tokens> {
        Box::pin(async move { self.through()?.refresh(at, by, refresh).await })
    }

    fn envelope<'a>(
        &'a self,
        at: Context,
        by: Prover<'a>,
        access: &'a str,
        ask: EnvelopeAsk<'a>,
    ) -> LinkFuture<'a, String> {
        Box::pin(async move {
            let instead = self.envelope.lock().expect("envelope").clone();
            match instead {
                Some(instead) => Ok(instead),
                None => self.through()?.envelope(at, by, access, ask).await,
            }
        })
    }

    fn confirm<'a>(&'a self, at: Context, by: Prover<'a>, access: &'a str) -> LinkFuture<'a, Standing> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.through()?.confirm(at, by, access).await
        })
    }

    fn revoke<'a>(&'a self, at: Context, by: Prover<'a>, token: &'a str) -> LinkFuture<'a, ()> {
        Box::pin(async move { self.through()?.revoke(at, by, token).await })
    }

    fn jwks(&self, at: Context, again: bool) -> LinkFuture<'_, Arc<JwkSet>> {
        Box::pin(async move { self.through()?.jwks(at, again).await })
    }
}
