//! What ends a session with an app, and how soon.

use super::*;
use crate::flow::{open, revoke};
use crate::runtime::{backchannel, logout};
use crate::{AuthError, Authorized};
use yizhan_store::records::GrantStore as _;

const CLAIMS: &[Claim] = &[Claim::Name, Claim::IdNumberMasked];

async fn who(bed: &Bed, permit: &InvokePermit) -> Authorized {
    permit.authorization(&bed.context(), &bed.runtime).await
}

#[tokio::test]
async fn a_withdrawn_grant_signs_out_at_the_next_call_of_a_running_request() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    let permit = bed.permit(&token).await;
    assert!(matches!(who(&bed, &permit).await, Authorized::SignedIn(_)));
    let person = PersonId("zhang".into());
    let grants = bed.records.list_grants(&person, None, 10).await.expect("grants");
    revoke::grant(&bed.context(), &bed.provider, &person, &grants.entries[0].id).await.expect("revoked");
    assert!(matches!(who(&bed, &permit).await, Authorized::SignedOut));
    assert!(!bed.permit(&token).await.signed_in());
}

#[tokio::test]
async fn a_suspended_app_and_a_version_that_asks_for_more_end_what_was_issued() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    let change = (&bed.policy.app, AppState::Suspended);
    revoke::app(&bed.context(), &bed.provider, "operator:x", change).await.expect("suspended");
    assert!(!bed.permit(&token).await.signed_in());
    let change = (&bed.policy.app, AppState::Released);
    revoke::app(&bed.context(), &bed.provider, "operator:x", change).await.expect("restored");
    assert!(!bed.permit(&token).await.signed_in(), "what was issued before stays ended");
    let token = bed.signed_in("zhang", CLAIMS).await;
    bed.release(APP, 2).await;
    assert!(bed.permit(&token).await.signed_in(), "it asks for no more");
    let mut more: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../../examples/social-security/manifest.json")).expect("JSON");
    more["gov_data_use"][0]["retention_days"] = 3650.into();
    bed.release_of(APP, 3, more).await;
    assert!(!bed.permit(&token).await.signed_in());
}

#[tokio::test]
async fn a_sign_out_at_the_hub_ends_the_session_with_the_app() {
    let bed = Bed::new().await;
    let hub = bed.at_hub("zhang").await;
    let token = bed.signed_in_with(&hub, CLAIMS, None).await;
    sessions::end(&bed.context(), &bed.sign_in, &hub).await.expect("ended");
    assert!(!bed.permit(&token).await.signed_in());
}

#[tokio::test]
async fn a_hub_that_cannot_be_asked_refuses_identity_calls_after_800_ms_and_not_before() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    bed.link.confirmation_ms.store(5_000, Ordering::SeqCst);
    let permit = bed.permit(&token).await;
    let asked = bed.link.asked.load(Ordering::SeqCst);
    bed.link.is_cut.store(true, Ordering::SeqCst);
    bed.clock.advance_ms(799);
    assert!(matches!(who(&bed, &permit).await, Authorized::SignedIn(_)));
    assert_eq!(bed.link.asked.load(Ordering::SeqCst), asked, "the answer of a moment ago was taken");
    bed.clock.advance_ms(1);
    assert!(matches!(who(&bed, &permit).await, Authorized::Unknown));
    let refused = open::open(&bed.context(), &bed.runtime, &permit, PURPOSE, &["name".into()]).await.err();
    assert_eq!(refused, Some(AuthError::Unavailable));
    assert!(bed.permit(&token).await.signed_in(), "the session itself goes on");
    bed.link.is_cut.store(false, Ordering::SeqCst);
    assert!(matches!(who(&bed, &permit).await, Authorized::SignedIn(_)), "the hub is back");
}

#[tokio::test]
async fn an_access_token_that_ends_is_renewed_once_for_all_requests() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    bed.clock.advance_ms(crate::provider::ACCESS_MS);
    let (one, two) = tokio::join!(bed.permit(&token), bed.permit(&token));
    assert!(one.signed_in() && two.signed_in());
    bed.clock.advance_ms(crate::provider::ACCESS_MS);
    assert!(bed.permit(&token).await.signed_in(), "and again");
    assert!(bed.audit("token.refused").await.is_empty() && bed.audit("refresh.replayed").await.is_empty());
}

#[tokio::test]
async fn leaving_ends_the_session_and_takes_its_tokens_back() {
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    let permit = bed.permit(&token).await;
    logout::leave(&bed.context(), &bed.runtime, &bed.policy.app, &token).await.expect("left");
    assert!(!bed.permit(&token).await.signed_in());
    assert!(matches!(who(&bed, &permit).await, Authorized::SignedOut), "its tokens are taken back");
    assert_eq!(bed.audit("token.revoked").await.len(), 1);
    logout::leave(&bed.context(), &bed.runtime, &bed.policy.app, &token).await.expect("once more is no error");
}

/// A logout token as the hub signs it, changed by the test.
fn notice(bed: &Bed, hub: &SessionRecord, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let now = bed.clock.now().0 / 1000;
    let mut claims = serde_json::json!({
        "iss": ISSUER, "aud": APP, "iat": now, "exp": now + 120, "jti": "one", "sid": hub.id,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    change(&mut claims);
    let header = crate::jose::JwsHeader { typ: Some("logout+jwt"), ..Default::default() };
    let payload = claims.to_string();
    bed.provider.keys.sign(&KeyOwner::Hub, Suite::International, &header, payload.as_bytes()).expect("signed")
}

#[tokio::test]
async fn a_logout_notice_ends_the_sessions_of_that_browser_once() {
    let bed = Bed::new().await;
    let hub = bed.at_hub("zhang").await;
    let token = bed.signed_in_with(&hub, CLAIMS, None).await;
    let text = notice(&bed, &hub, |_| {});
    assert_eq!(backchannel::logout(&bed.context(), &bed.runtime, &bed.policy.app, &text).await, Ok(1));
    assert!(!bed.permit(&token).await.signed_in());
    let again = backchannel::logout(&bed.context(), &bed.runtime, &bed.policy.app, &text).await;
    assert_eq!(again, Err(LoginError::Token("jti")));
}

#[tokio::test]
async fn a_logout_notice_that_is_not_one_ends_nothing() {
    let bed = Bed::new().await;
    let hub = bed.at_hub("zhang").await;
    let token = bed.signed_in_with(&hub, CLAIMS, None).await;
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 7] = [
        ("iss", |claims| claims["iss"] = "https://hub.example".into()),
        ("aud", |claims| claims["aud"] = OTHER.into()),
        ("events", |claims| claims["events"] = serde_json::json!({})),
        ("nonce", |claims| claims["nonce"] = "n".into()),
        ("exp", |claims| claims["iat"] = 1.into()),
        ("sid", |claims| claims["sid"] = serde_json::Value::Null),
        ("jti", |claims| claims["jti"] = serde_json::Value::Null),
    ];
    for (member, change) in changes {
        let text = notice(&bed, &hub, change);
        let refused = backchannel::logout(&bed.context(), &bed.runtime, &bed.policy.app, &text).await;
        assert_eq!(refused, Err(LoginError::Token(member)));
    }
    let forged = notice(&bed, &hub, |_| {}).replace("eyJ", "eyK");
    let refused = backchannel::logout(&bed.context(), &bed.runtime, &bed.policy.app, &forged).await;
    assert_eq!(refused, Err(LoginError::Token("signature")));
    assert!(bed.permit(&token).await.signed_in());
}
