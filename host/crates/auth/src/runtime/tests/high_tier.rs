//! An app of the high tier (FAPI 2.0): the runtime's own client pushes its requests and proves its key with every token.

use super::*;
use crate::flow::distribute::{self, Ask, Presented, SealedFor};
use crate::flow::{authorize, open};
use crate::refusal::Refusal;
use crate::session::Session;
use yizhan_store::records::{AppSessionStore as _, GrantStore as _};

const CLAIMS: &[Claim] = &[Claim::Name];

async fn high() -> (Bed, Zeroizing<String>) {
    let bed = Bed::of(Tier::High).await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    (bed, token)
}

async fn session(bed: &Bed, token: &str) -> Session {
    let record = bed.records.find_app_session(&crate::provider::hash(token), bed.clock.now()).await.expect("store");
    Session::of(&bed.runtime, record.expect("a session")).expect("opens")
}

#[tokio::test]
async fn the_whole_way_works_with_a_pushed_request_and_bound_tokens() {
    let bed = Bed::of(Tier::High).await;
    let hub = bed.at_hub("zhang").await;
    let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
    assert!(begun.location.contains("&request_uri=urn"), "{}", begun.location);
    for hidden in ["scope=", "redirect_uri=", "code_challenge=", "authorization_details="] {
        assert!(!begun.location.contains(hidden), "{hidden} goes through the browser");
    }
    let query = bed.at_consent(&begun.location, &hub, true).await;
    let Ok(Finished::SignedIn { session: token, .. }) = bed.finish(&query, &begun.transaction, None).await else {
        panic!("not signed in");
    };
    let session = session(&bed, &token).await;
    let own = bed.keys.public_jwks(&KeyOwner::Client(ClientId(APP.into())), START).expect("keys");
    for token in [&session.tokens.access, session.tokens.refresh.as_ref().expect("a refresh token")] {
        let record = bed.records.find_token(&crate::provider::hash(token)).await.expect("store").expect("a token");
        let bound = record.dpop_jkt.expect("bound to a key");
        assert!(own.keys().any(|key| key.thumbprint() == bound), "to the key of the runtime's own client");
    }
    let names = vec!["name".to_owned()];
    let opened = open::open(&bed.context(), &bed.runtime, &bed.permit(&token).await, PURPOSE, &names).await;
    assert_eq!(opened.expect("opened")[0].1.as_str(), "张示例");
}

#[tokio::test]
async fn the_refresh_token_stays_and_every_new_access_token_is_bound() {
    let (bed, token) = high().await;
    let before = session(&bed, &token).await;
    bed.clock.advance_ms(5 * 60 * 1000);
    assert!(bed.permit(&token).await.signed_in());
    let after = session(&bed, &token).await;
    assert_eq!(before.tokens.refresh.as_deref(), after.tokens.refresh.as_deref(), "FAPI 2.0: not rotated");
    assert_ne!(before.tokens.access, after.tokens.access);
    let hash = crate::provider::hash(&after.tokens.access);
    assert!(bed.records.find_token(&hash).await.expect("store").expect("a token").dpop_jkt.is_some());
}

#[tokio::test]
async fn a_stolen_access_token_opens_nothing_without_the_key() {
    let (bed, token) = high().await;
    let session = session(&bed, &token).await;
    let ask = Ask { purpose: Some(PURPOSE.into()), claims: vec![Claim::Name], sealed_for: SealedFor::Holder };
    let bare = Presented { token: &session.tokens.access, dpop: None, method: "POST", client: None };
    let refused = distribute::distribute(&bed.context(), &bed.provider, bare, &ask).await;
    assert_eq!(refused.err(), Some(Refusal::MissingDpop));
    let other = crate::runtime::AppClient::of(&AppId::new(OTHER).expect("id"), Tier::High);
    let slot = KeySlot { key_use: KeyUse::Sign, suite: Suite::International };
    bed.keys.create(&KeyOwner::Client(other.id.clone()), slot, START).expect("a key");
    let url = format!("{ISSUER}/oauth/userinfo");
    let call = super::super::Call { method: "POST", url: &url, access: Some(&session.tokens.access), nonce: None };
    let proof = Prover::of(&bed.runtime, &other).possession(&bed.context(), call).expect("signed").expect("a proof");
    let foreign = Presented { dpop: Some(proof.as_str()), ..bare };
    let refused = distribute::distribute(&bed.context(), &bed.provider, foreign, &ask).await;
    assert_eq!(refused.err(), Some(Refusal::WrongDpopKey));
}

#[tokio::test]
async fn a_runtime_that_behaves_as_at_baseline_is_refused() {
    let bed = Bed::of(Tier::High).await;
    let baseline = AppPolicy { tier: Tier::Baseline, ..(*bed.policy).clone() };
    let ask = LoginAsk { policy: &baseline, ..bed.ask(CLAIMS) };
    let begun = login::begin(&bed.context(), &bed.runtime, ask).await.expect("begun");
    let query = begun.location.split_once('?').expect("a query").1;
    let parameters = RequestParameters(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    let refused = authorize::begin(&bed.context(), &bed.provider, &parameters).await.err();
    assert!(format!("{refused:?}").contains("PushRequired"), "{refused:?}");
    // A code that was got as it should be is not exchanged without a proof either.
    let hub = bed.at_hub("zhang").await;
    let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
    let query = bed.at_consent(&begun.location, &hub, true).await;
    let value = |name: &str| {
        let found = form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        Zeroizing::new(found.expect("a value").1.into_owned())
    };
    let client = crate::runtime::AppClient::of(&bed.policy.app, Tier::Baseline);
    let redirect_uri = format!("{ORIGIN}/.yizhan/callback");
    let answer = CodeAnswer { code: value("code"), verifier: Zeroizing::new("v".repeat(43)), redirect_uri };
    let refused = bed.link.exchange(bed.context(), Prover::of(&bed.runtime, &client), answer).await.err();
    assert!(
        matches!(refused, Some(LinkError::Refused("missing-dpop" | "wrong-verifier"))),
        "neither the verifier nor the proof is there: {refused:?}"
    );
}
