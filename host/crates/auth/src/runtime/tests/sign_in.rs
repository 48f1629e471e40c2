//! Sign-in by way of the hub: once, in one browser, with the hub's own answer.

use super::*;

const CLAIMS: &[Claim] = &[Claim::Name, Claim::IdNumberMasked];

#[tokio::test]
async fn a_person_who_agrees_is_signed_in_and_the_transaction_works_once() {
    let bed = Bed::new().await;
    let session = bed.at_hub("zhang").await;
    let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
    assert!(
        begun.location.starts_with("http://localhost:8080/oauth/authorize?client_id=cn.gov.example.social-security&")
    );
    let query = bed.at_consent(&begun.location, &session, true).await;
    let Ok(Finished::SignedIn { session, return_path }) = bed.finish(&query, &begun.transaction, None).await else {
        panic!("not signed in");
    };
    assert_eq!(return_path, "/x");
    assert!(bed.permit(&session).await.signed_in());
    let again = bed.finish(&query, &begun.transaction, None).await.err();
    assert_eq!(again, Some(LoginError::AlreadyDone));
    assert!(bed.permit(&session).await.signed_in(), "coming back ends nothing");
}

#[tokio::test]
async fn another_browser_cannot_finish_a_sign_in() {
    let bed = Bed::new().await;
    let session = bed.at_hub("zhang").await;
    let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
    let query = bed.at_consent(&begun.location, &session, true).await;
    assert_eq!(bed.finish(&query, "another", None).await.err(), Some(LoginError::AlreadyDone));
    let none = CallbackCookies::default();
    let parsed = CallbackQuery::parse(&query).expect("a query");
    let refused = callback::finish(&bed.context(), &bed.runtime, &bed.policy.app, parsed, none).await.err();
    assert_eq!(refused, Some(LoginError::AlreadyDone));
    assert!(bed.finish(&query, &begun.transaction, None).await.is_ok(), "its own browser still can");
}

#[tokio::test]
async fn an_answer_with_another_state_or_issuer_or_a_doubled_parameter_is_refused() {
    let bed = Bed::new().await;
    let session = bed.at_hub("zhang").await;
    let changes: [fn(&str) -> String; 4] = [
        |query| query.replace("state=", "state=x"),
        |query| query.replace("iss=http", "iss=https"),
        |query| query.split('&').filter(|pair| !pair.starts_with("iss=")).collect::<Vec<_>>().join("&"),
        |query| format!("{query}&code=second"),
    ];
    for change in changes {
        let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
        let query = change(&bed.at_consent(&begun.location, &session, true).await);
        let refused = bed.finish(&query, &begun.transaction, None).await.err();
        assert_eq!(refused, Some(LoginError::ForeignAnswer), "{query}");
    }
}

#[tokio::test]
async fn a_sign_in_that_takes_longer_than_half_an_hour_has_ended() {
    let bed = Bed::new().await;
    let begun = login::begin(&bed.context(), &bed.runtime, bed.ask(CLAIMS)).await.expect("begun");
    bed.clock.advance_ms(login::LOGIN_MS);
    let late = bed.finish("code=x&state=y&iss=z", &begun.transaction, None).await.err();
    assert_eq!(late, Some(LoginError::AlreadyDone));
}

#[tokio::test]
async fn a_refusal_is_a_normal_result_and_leaves_the_session_before_as_it_was() {
    let bed = Bed::new().await;
    let hub = bed.at_hub("zhang").await;
    let before = bed.signed_in_with(&hub, &[Claim::Name], None).await;
    let ask = bed.ask(&[Claim::MobileMasked]);
    let begun = login::begin(&bed.context(), &bed.runtime, ask).await.expect("begun");
    let query = bed.at_consent(&begun.location, &hub, false).await;
    let finished = bed.finish(&query, &begun.transaction, Some(&before)).await;
    assert!(matches!(finished, Ok(Finished::Refused { return_path }) if return_path == "/x"));
    assert!(bed.permit(&before).await.signed_in());
}

#[tokio::test]
async fn more_consent_keeps_what_was_granted_and_ends_the_session_before() {
    let bed = Bed::new().await;
    let hub = bed.at_hub("zhang").await;
    let before = bed.signed_in_with(&hub, &[Claim::Name], None).await;
    let after = bed.signed_in_with(&hub, &[Claim::MobileMasked], Some(&before)).await;
    assert!(!bed.permit(&before).await.signed_in());
    let permit = bed.permit(&after).await;
    let crate::Authorized::SignedIn(authorization) = permit.authorization(&bed.context(), &bed.runtime).await else {
        panic!("signed out");
    };
    let mut claims: Vec<Claim> = authorization.granted.iter().map(|(claim, _)| *claim).collect();
    claims.sort();
    assert_eq!(claims, [Claim::Name, Claim::MobileMasked]);
}

#[tokio::test]
async fn nothing_of_a_session_can_be_read_in_the_store() {
    use yizhan_store::records::AppSessionStore as _;
    let bed = Bed::new().await;
    let token = bed.signed_in("zhang", CLAIMS).await;
    let hash = crate::provider::hash(&token);
    let record = bed.records.find_app_session(&hash, bed.clock.now()).await.expect("store").expect("a session");
    let kept = serde_json::to_string(&record).expect("JSON");
    let session = crate::Session::of(&bed.runtime, record).expect("opens");
    for secret in [&token, &session.tokens.access, session.tokens.refresh.as_ref().expect("a refresh token")] {
        assert!(!kept.contains(secret.as_str()));
    }
    assert!(!kept.contains("张"), "{kept}");
}
