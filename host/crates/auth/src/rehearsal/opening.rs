//! One scene for each refusal of step 5: what a guest that opens claims meets.

use super::stage::{APP, PURPOSE, Stage, app_id, manifest};
use super::walk::Walk;
use super::{Met, Scene};
use crate::flow::RequestParameters;
use crate::flow::authorize::{self, Agreement, Next};
use crate::flow::distribute::SealedFor;
use crate::flow::envelope;
use crate::flow::open::{self, OPENS_PER_MINUTE};
use crate::jose::{JwkSet, KeyUse};
use crate::keys::{KeyOwner, KeySlot, KeyStore as _, Purpose};
use crate::policy::DataUse;
use crate::provider::{ENVELOPE_MS, runtime_client};
use crate::runtime::callback::{self, CallbackCookies, CallbackQuery, Finished};
use crate::runtime::link::{CodeAnswer, EnvelopeAsk, HubLink, LinkError, LinkFuture, Standing, Tokens};
use crate::runtime::login::{self, LoginAsk};
use crate::runtime::{LocalLink, Prover, Runtime};
use crate::{AppPolicy, InvokePermit, Personas, check};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, Claim, ClientId, Clock as _, Context, VersionDigest};
use zeroize::Zeroizing;

/// Codes of step 5 that have a scene: those of [`AuthError`].
pub(super) const CODES: &[&str] = &[
    "claim-not-declared",
    "purpose-not-declared",
    "claim-not-granted",
    "purpose-not-granted",
    "no-backend",
    "signed-out",
    "unknown-claim",
    "too-many",
    "unknown-persona",
    "no-datum",
    "foreign-envelope",
    "envelope-replayed",
    "envelope-altered",
    "envelope-expired",
    "unavailable",
];

/// Plays the scene of a code; what comes back is what was met, never success.
pub(super) async fn play(stage: &Stage, code: &str) -> Scene {
    if code == "unknown-persona" {
        let personas = Personas::seeded().map_err(|_| Met::Broken("the test persons"))?;
        return personas.find_by_name("nobody").map(drop).map_err(Met::Guest);
    }
    let house = House::beside(stage).await?;
    let person = if code == "no-datum" { "ma" } else { "zhang" };
    let granted: &[Claim] = if code == "claim-not-granted" { &[Claim::Name] } else { EVERYTHING };
    let token = house.sign_in(person, granted).await?;
    match code {
        "claim-not-declared" => house.open(&token, PURPOSE, &["birth-date"]).await,
        "purpose-not-declared" => house.open(&token, "advertising", &["name"]).await,
        "claim-not-granted" => house.open(&token, PURPOSE, &["mobile-masked"]).await,
        "unknown-claim" => house.open(&token, PURPOSE, &["salary"]).await,
        "purpose-not-granted" => house.hand_over(&token, "advertising").await,
        "no-backend" => house.hand_over(&token, PURPOSE).await,
        "no-datum" => house.open(&token, PURPOSE, &["mobile-masked"]).await,
        "signed-out" => {
            let permit = house.permit(&token).await;
            stage.wait_ms(callback::SESSION_MS);
            house.open_with(&permit, PURPOSE, &["name"]).await
        }
        "too-many" => {
            let permit = house.permit(&token).await;
            for _ in 0..OPENS_PER_MINUTE {
                house.open_with(&permit, PURPOSE, &["name"]).await?;
            }
            house.open_with(&permit, PURPOSE, &["name"]).await
        }
        "unavailable" => {
            let permit = house.permit(&token).await;
            house.link.is_cut.store(true, Ordering::SeqCst);
            house.open_with(&permit, PURPOSE, &["name"]).await
        }
        _ => house.open_envelope(&token, code).await,
    }
}

const EVERYTHING: &[Claim] = &[Claim::Name, Claim::IdNumberMasked, Claim::MobileMasked];

/// The runtime beside the stage's hub, with the real client of the app.
struct House<'a> {
    stage: &'a Stage,
    runtime: Runtime,
    link: Arc<StageLink>,
    policy: Arc<AppPolicy>,
    origin: String,
}

impl<'a> House<'a> {
    async fn beside(stage: &'a Stage) -> Result<Self, Met> {
        let (app, origin) = (app_id(APP)?, stage.client.origin());
        let owner = KeyOwner::Client(ClientId(APP.to_owned()));
        let now = stage.clock.now();
        for key_use in [KeyUse::Sign, KeyUse::Decrypt] {
            let slot = KeySlot { key_use, suite: Suite::International };
            stage.app_keys.create(&owner, slot, now).map_err(|_| Met::Broken("the app's keys"))?;
        }
        let jwks = stage.app_keys.public_jwks(&owner, now).map_err(|_| Met::Broken("the app's keys"))?.to_value();
        let tier = (Tier::Baseline, Suite::International);
        stage.put(runtime_client(&app, std::slice::from_ref(&origin), tier, jwks)).await?;
        let inner = LocalLink::new(stage.provider.clone(), Arc::clone(&stage.clock) as _);
        let link = Arc::new(StageLink { inner, is_cut: AtomicBool::new(false), envelope: Mutex::default() });
        let sealer = stage.root.sealer(Purpose::RuntimeTokens);
        let (records, keys) = (Arc::clone(&stage.records) as _, Arc::clone(&stage.app_keys) as _);
        let runtime = Runtime::new(records, keys, Arc::clone(&link) as _, Arc::clone(&stage.clock) as _, sealer);
        Ok(Self { stage, runtime, link, policy: Arc::new(policy()?), origin })
    }

    /// The whole way of one sign-in; the person agrees to these claims.
    async fn sign_in(&self, person: &str, claims: &[Claim]) -> Result<Zeroizing<String>, Met> {
        let (stage, context) = (self.stage, self.stage.context());
        let session = stage.browser(person).await?;
        let ask = LoginAsk {
            policy: &self.policy,
            origin: &self.origin,
            purpose: Some(PURPOSE),
            claims: Some(claims),
            return_path: "/",
            locale: "zh-CN",
        };
        let begun = login::begin(&context, &self.runtime, ask).await.map_err(|_| Met::Broken("the sign-in"))?;
        let query = begun.location.split_once('?').map_or("", |(_, query)| query);
        let request = RequestParameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        let handle = Walk { stage, client: &stage.client, session: session.clone() }.begin_with(&request).await?;
        let next = authorize::next(&context, &stage.provider, &handle, Some(&session)).await.map_err(Met::Page)?;
        let Next::Consent(ask) = next else { return Err(Met::Broken("the consent")) };
        let ticked = ask.items.iter().map(|item| (item.data.claim, item.data.purpose.clone())).collect();
        let agreement = Agreement { ticked, locale: "zh-CN".into() };
        let agreed = authorize::agree(&context, &stage.provider, &handle, &session, agreement).await;
        let redirect = agreed.map_err(Met::Page)?;
        let query = redirect.url.split_once('?').map_or("", |(_, query)| query);
        let query = CallbackQuery::parse(query).map_err(|_| Met::Broken("the callback"))?;
        let cookies = CallbackCookies { transaction: Some(&begun.transaction), session: None };
        match callback::finish(&context, &self.runtime, &self.policy.app, query, cookies).await {
            Ok(Finished::SignedIn { session, .. }) => Ok(session),
            _ => Err(Met::Broken("the callback")),
        }
    }

    async fn permit(&self, token: &str) -> InvokePermit {
        check::invoke(&self.stage.context(), &self.runtime, &self.policy, Some(token)).await
    }

    async fn open(&self, token: &str, purpose: &str, names: &[&str]) -> Scene {
        self.open_with(&self.permit(token).await, purpose, names).await
    }

    async fn open_with(&self, permit: &InvokePermit, purpose: &str, names: &[&str]) -> Scene {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let opened = open::open(&self.stage.context(), &self.runtime, permit, purpose, &names).await;
        opened.map(drop).map_err(Met::Guest)
    }

    /// The guest asks for an envelope for its own back end.
    async fn hand_over(&self, token: &str, purpose: &str) -> Scene {
        let permit = self.permit(token).await;
        let handed = envelope::envelope(&self.stage.context(), &self.runtime, &permit, purpose).await;
        handed.map(drop).map_err(Met::Guest)
    }

    /// An envelope as the hub hands it to this session.
    async fn envelope(&self, token: &str) -> Result<String, Met> {
        let permit = self.permit(token).await;
        let session = permit.session.as_ref().ok_or(Met::Broken("the session"))?;
        let ask = EnvelopeAsk { purpose: PURPOSE, claims: &[Claim::Name], sealed_for: SealedFor::Holder };
        let prover = Prover::of(&self.runtime, &session.client);
        let envelope = self.link.envelope(self.stage.context(), prover, &session.tokens.access, ask).await;
        envelope.map_err(|_| Met::Broken("the envelope"))
    }

    /// Something happens to an envelope on its way.
    async fn open_envelope(&self, token: &str, code: &str) -> Scene {
        let mut kept = self.envelope(token).await?;
        match code {
            "envelope-altered" => {
                let last = if kept.ends_with('A') { 'B' } else { 'A' };
                kept.pop();
                kept.insert(kept.len() - 4, last);
            }
            "envelope-expired" => self.stage.wait_ms(ENVELOPE_MS),
            "foreign-envelope" => {
                let another = self.sign_in("li", EVERYTHING).await?;
                kept = self.envelope(&another).await?;
            }
            _ => {}
        }
        *self.link.envelope.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        let permit = self.permit(token).await;
        if code == "envelope-replayed" {
            self.open_with(&permit, PURPOSE, &["name"]).await?;
        }
        self.open_with(&permit, PURPOSE, &["name"]).await
    }
}

/// What the manifest of the stage declares.
fn policy() -> Result<AppPolicy, Met> {
    let uses = EVERYTHING.iter().map(|claim| DataUse {
        claim: *claim,
        purpose: PURPOSE.to_owned(),
        optional: *claim == Claim::MobileMasked,
        retention_days: 0,
    });
    let owner = manifest()["gov_owner"]["uscc"].as_str().unwrap_or_default().parse();
    Ok(AppPolicy {
        app: app_id(APP)?,
        digest: VersionDigest([9; 32]),
        access: Access::IdentityRequired,
        tier: Tier::Baseline,
        assurance: Assurance::RealName,
        owner: owner.map_err(|_| Met::Broken("the owner unit"))?,
        uses: uses.collect(),
    })
}

/// The way to the stage's hub, which a scene may cut, or on which it changes an envelope.
struct StageLink {
    inner: LocalLink,
    is_cut: AtomicBool,
    envelope: Mutex<Option<String>>,
}

impl StageLink {
    fn through(&self) -> Result<&LocalLink, LinkError> {
        if self.is_cut.load(Ordering::SeqCst) { Err(LinkError::Unreachable) } else { Ok(&self.inner) }
    }
}

impl HubLink for StageLink {
    fn issuer(&self) -> &str {
        self.inner.issuer()
    }

    fn confirmation_ms(&self) -> u64 {
        0
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
            let instead = self.envelope.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match instead {
                Some(instead) => Ok(instead),
                None => self.through()?.envelope(at, by, access, ask).await,
            }
        })
    }

    fn confirm<'a>(&'a self, at: Context, by: Prover<'a>, access: &'a str) -> LinkFuture<'a, Standing> {
        Box::pin(async move { self.through()?.confirm(at, by, access).await })
    }

    fn revoke<'a>(&'a self, at: Context, by: Prover<'a>, token: &'a str) -> LinkFuture<'a, ()> {
        Box::pin(async move { self.through()?.revoke(at, by, token).await })
    }

    fn jwks(&self, at: Context, again: bool) -> LinkFuture<'_, Arc<JwkSet>> {
        Box::pin(async move { self.through()?.jwks(at, again).await })
    }
}
