//! The envelope for a back end: who can open it, who cannot have it, and what the log says.

use super::*;
use crate::jose::{KeyUse, verify_inner};
use crate::keys::{KeyOwner, KeySlot, KeyStore as _};
use crate::provider::register_client;
use crate::runtime::tests::{APP, Bed, PURPOSE};
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_domain::{AppId, Claim, ClientId, PersonId};
use yizhan_store::records::{
    AccessOutcome, AccessRecord, AuditStore as _, ClientAuthMethod, ClientRecord, GrantStore as _, Recipient,
    SessionRecord,
};

const BACK: &str = "https://backend.example.gov.cn/callback";
const GRANTED: &[Claim] = &[Claim::Name, Claim::IdNumberMasked];

fn backend() -> ClientId {
    ClientId(format!("{APP}:backend"))
}

/// Registers the back end with keys to sign with and, perhaps, to seal to.
async fn register(bed: &Bed, uses: &[KeyUse]) {
    let owner = KeyOwner::Client(backend());
    for key_use in uses {
        let slot = KeySlot { key_use: *key_use, suite: Suite::International };
        bed.keys.create(&owner, slot, bed.context().now).expect("a key");
    }
    let client = ClientRecord {
        id: backend(),
        app: AppId::new(APP).expect("id"),
        custody: Custody::Backend,
        tier: Tier::Baseline,
        suite: Suite::International,
        auth_method: ClientAuthMethod::PrivateKeyJwt,
        jwks: bed.keys.public_jwks(&owner, bed.context().now).expect("keys").to_value(),
        redirect_uris: vec![BACK.into()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        offline_access: false,
    };
    register_client(&bed.context(), &*bed.records, "test", client).await.expect("registered");
}

/// The person agrees to the back end's own request.
async fn agree(bed: &Bed, session: &SessionRecord, scope: &str) {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let query = format!(
        "x?client_id={}&response_type=code&scope={scope}&redirect_uri={BACK}&state=s&code_challenge={challenge}\
         &code_challenge_method=S256",
        backend().as_str()
    );
    assert!(bed.at_consent(&query, session, true).await.contains("code="));
}

async fn asked(bed: &Bed, permit: &InvokePermit, purpose: &str) -> Result<String, AuthError> {
    envelope(&bed.context(), &bed.runtime, permit, purpose).await
}

async fn access(bed: &Bed) -> Vec<AccessRecord> {
    bed.records.list_access(&PersonId("zhang".into()), bed.context().now, None, 100).await.expect("rows").entries
}

#[tokio::test]
async fn an_envelope_opens_with_the_back_ends_key_alone_and_holds_what_both_were_granted() {
    let bed = Bed::new().await;
    register(&bed, &[KeyUse::Sign, KeyUse::Decrypt]).await;
    let session = bed.at_hub("zhang").await;
    agree(&bed, &session, "openid+name+mobile-masked").await;
    let permit = bed.permit(&bed.signed_in_with(&session, GRANTED, None).await).await;
    let sealed = asked(&bed, &permit, PURPOSE).await.expect("an envelope");
    let own = KeyOwner::Client(ClientId(APP.into()));
    assert!(bed.runtime.keys().decrypt(&own, &sealed).is_err(), "the host's key of the app does not open it");
    let opening = bed.keys.decrypt(&KeyOwner::Client(backend()), &sealed).expect("its recipient opens it");
    let keys = bed.provider.jwks(bed.context().now).await.expect("keys");
    let claims = verify_inner(opening.suite, &opening.plain, &keys).expect("the hub signed it").claims;
    assert_eq!(claims.text("aud"), Some(backend().as_str()));
    assert_eq!(claims.text("purpose"), Some(PURPOSE));
    assert_eq!(claims.text("sub"), permit.session.as_ref().map(|session| session.record.subject.as_str()));
    assert_eq!(claims.text("name"), Some("张示例"));
    for other in ["id-number-masked", "id-number", "mobile-masked", "mobile"] {
        assert!(claims.get(other).is_none(), "{other} was not granted to both");
    }
    let row = access(&bed).await.remove(0);
    assert_eq!((row.recipient, row.outcome), (Recipient::Backend, AccessOutcome::Delivered));
    assert_eq!((row.client, row.claims), (backend(), vec!["name".to_owned()]));
    for action in ["userinfo.sealed", "userinfo.distributed", "envelope.handed-over"] {
        let record = bed.audit(action).await.remove(0);
        assert_eq!((record.outcome.as_str(), record.actor), ("ok", format!("client:{APP}")), "{action}");
        assert_eq!(record.details["recipient"].as_str(), backend().as_str(), "{action}");
    }
}

#[tokio::test]
async fn without_a_back_end_or_its_key_no_envelope_is_provided() {
    let bed = Bed::new().await;
    let session = bed.at_hub("zhang").await;
    let permit = bed.permit(&bed.signed_in_with(&session, GRANTED, None).await).await;
    assert_eq!(asked(&bed, &permit, PURPOSE).await, Err(AuthError::NoBackend));
    register(&bed, &[KeyUse::Sign]).await;
    agree(&bed, &session, "openid+name").await;
    assert_eq!(asked(&bed, &permit, PURPOSE).await, Err(AuthError::NoBackend));
    assert_eq!(bed.audit("envelope.handed-over").await[0].outcome, "no-backend");
}

#[tokio::test]
async fn what_the_person_did_not_grant_to_the_back_end_is_refused_and_seen() {
    let bed = Bed::new().await;
    register(&bed, &[KeyUse::Sign, KeyUse::Decrypt]).await;
    let session = bed.at_hub("zhang").await;
    let permit = bed.permit(&bed.signed_in_with(&session, GRANTED, None).await).await;
    let nothing = |purpose: &str| Err(AuthError::NothingGranted { purpose: purpose.to_owned() });
    assert_eq!(asked(&bed, &permit, PURPOSE).await, nothing(PURPOSE), "the consent was to the sandbox alone");
    assert_eq!(access(&bed).await[0].recipient, Recipient::Backend);
    assert_eq!(access(&bed).await[0].outcome, AccessOutcome::Refused("claim-not-granted".into()));
    assert_eq!(asked(&bed, &permit, "advertising").await, nothing("advertising"));
    agree(&bed, &session, "openid+name").await;
    assert!(asked(&bed, &permit, PURPOSE).await.is_ok());
    let grant = access(&bed).await[0].grant.clone().expect("the back end's grant");
    bed.records.revoke_grant(&grant, "by-person", bed.context().now, Trail::default()).await.expect("revoked");
    assert_eq!(asked(&bed, &permit, PURPOSE).await, nothing(PURPOSE), "withdrawn");
    assert!(permit.signed_in(), "the app's own grant goes on");
}

#[tokio::test]
async fn envelopes_count_as_openings_and_nobody_signed_in_gets_one() {
    let bed = Bed::new().await;
    register(&bed, &[KeyUse::Sign, KeyUse::Decrypt]).await;
    let session = bed.at_hub("zhang").await;
    agree(&bed, &session, "openid+name").await;
    let permit = bed.permit(&bed.signed_in_with(&session, GRANTED, None).await).await;
    for _ in 0..OPENS_PER_MINUTE {
        asked(&bed, &permit, PURPOSE).await.expect("within the quota");
    }
    assert!(matches!(asked(&bed, &permit, PURPOSE).await, Err(AuthError::TooMany { max: 60, .. })));
    let nobody = bed.permit("no session").await;
    assert_eq!(asked(&bed, &nobody, PURPOSE).await, Err(AuthError::SignedOut));
    assert_eq!(bed.audit("envelope.handed-over").await[0].outcome, "signed-out");
}
