//! Refresh tokens: rotation with its retry rule at baseline, none in the high tier, bound to session or reviewed offline.

use crate::bed::{Bed, HOUR_MS, Journey, TestClient, manifest};
use yizhan_auth::Refusal;
use yizhan_auth::flow::revoke;
use yizhan_auth::flow::verify::RETRY_MS;
use yizhan_domain::ClientId;
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_store::records::{AppState, ClientRecord, Trail};

async fn first(journey: &Journey<'_>) -> String {
    journey.tokens(&[]).await.refresh_token.expect("refresh token").to_string()
}

async fn refreshed(journey: &Journey<'_>, token: &str) -> Result<(String, Option<String>), Refusal> {
    let answer = journey.refresh(token).await?;
    Ok((answer.access_token.to_string(), answer.refresh_token.map(|token| token.to_string())))
}

#[tokio::test]
async fn baseline_rotates_and_a_late_replay_ends_the_family() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let old = first(&journey).await;
    let (access, new) = refreshed(&journey, &old).await.expect("refreshed");
    let new = new.expect("a successor");
    assert_ne!(old, new);
    assert!(journey.introspect(&access).await.active);
    bed.clock.advance_ms(RETRY_MS);
    assert_eq!(refreshed(&journey, &old).await, Err(Refusal::RefreshReplayed));
    assert!(bed.audited("refresh.replayed", "refresh-replayed").await);
    assert!(!journey.introspect(&access).await.active, "the family has ended");
    assert_eq!(refreshed(&journey, &new).await, Err(Refusal::ExpiredRefresh));
}

#[tokio::test]
async fn retry_at_once_gets_the_same_tokens_again() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let old = first(&journey).await;
    let one = refreshed(&journey, &old).await.expect("refreshed");
    bed.clock.advance_ms(RETRY_MS - 1000);
    assert_eq!(refreshed(&journey, &old).await, Ok(one.clone()));
    assert!(refreshed(&journey, &one.1.expect("a successor")).await.is_ok());
}

#[tokio::test]
async fn rotated_token_is_inactive_at_once_and_a_retry_still_works() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let old = first(&journey).await;
    assert!(journey.introspect(&old).await.active);
    let one = refreshed(&journey, &old).await.expect("refreshed");
    assert!(!journey.introspect(&old).await.active, "RFC 7662: it was used");
    assert!(journey.introspect(one.1.as_deref().expect("a successor")).await.active);
    assert_eq!(refreshed(&journey, &old).await, Ok(one));
}

#[tokio::test]
async fn retry_after_the_successor_was_used_is_a_replay() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let old = first(&journey).await;
    let (_, successor) = refreshed(&journey, &old).await.expect("refreshed");
    let (access, _) = refreshed(&journey, &successor.expect("a successor")).await.expect("refreshed");
    assert_eq!(refreshed(&journey, &old).await, Err(Refusal::RefreshReplayed));
    assert!(!journey.introspect(&access).await.active);
}

#[tokio::test]
async fn of_two_uses_at_once_one_rotates_and_nobody_loses_the_session() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let old = first(&journey).await;
    let (one, two) = tokio::join!(refreshed(&journey, &old), refreshed(&journey, &old));
    let answers: Vec<_> = [one, two].into_iter().filter_map(Result::ok).collect();
    assert!(!answers.is_empty());
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "never two successors");
    assert_eq!(refreshed(&journey, &old).await.as_ref(), Ok(&answers[0]), "the other tries again");
}

#[tokio::test]
async fn high_tier_keeps_its_bound_refresh_token() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    for _ in 0..2 {
        let (access, next) = refreshed(&journey, &token).await.expect("refreshed");
        assert_eq!(next, None, "not rotated");
        assert!(journey.introspect(&access).await.active);
    }
    journey.dpop = false;
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::MissingDpop));
    let thief =
        TestClient { dpop: crate::bed::DpopKey::new(66), ..TestClient::new(crate::bed::APP, 1, Suite::International) };
    let stolen = Journey { bed: &bed, client: &thief, session: journey.session.clone(), dpop: true };
    assert_eq!(refreshed(&stolen, &token).await, Err(Refusal::WrongDpopKey));
}

#[tokio::test]
async fn refresh_token_of_another_client_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    let thief = Journey { bed: &bed, client: &bed.other, session: journey.session.clone(), dpop: false };
    assert_eq!(refreshed(&thief, &token).await, Err(Refusal::OtherClientsToken));
    assert!(refreshed(&journey, &token).await.is_ok());
}

#[tokio::test]
async fn access_token_is_no_refresh_token() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    assert_eq!(refreshed(&journey, &access).await, Err(Refusal::ExpiredRefresh));
}

#[tokio::test]
async fn refresh_token_ends_with_the_session_that_it_is_bound_to() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn expired_refresh_token_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    bed.clock.advance_ms(8 * HOUR_MS);
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::ExpiredRefresh));
    assert!(bed.audited("token.refused", "expired-refresh").await);
}

#[tokio::test]
async fn refresh_after_a_suspension_is_refused_even_when_restored() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    bed.set_state(AppState::Suspended).await;
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::SuspendedApp));
    bed.set_state(AppState::Released).await;
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::StaleGeneration));
}

#[tokio::test]
async fn offline_tokens_outlive_a_version_that_asks_for_no_more_and_end_with_one_that_does() {
    let bed = Bed::new().await;
    let client = TestClient::new("cn.gov.example.social-security:backend", 5, Suite::International);
    let journey = Journey::of(&bed, "zhang").await.with(&client);
    bed.provider.store.put_client(backend(&client, true), Trail::default()).await.expect("kept");
    let offline = [("scope", "openid name mobile-masked offline_access")];
    let token = journey.tokens(&offline).await.refresh_token.expect("refresh token").to_string();
    let mut less = manifest();
    less["gov_data_use"].as_array_mut().expect("uses").remove(2);
    less["name"] = "社保查询二".into();
    bed.release(crate::bed::APP, less.clone(), Vec::new()).await;
    let answer = journey.refresh(&token).await.expect("the grant goes on");
    assert_eq!(answer.scope, "openid offline_access name", "what is asked no more is carried no more");
    let token = answer.refresh_token.expect("a successor").to_string();
    bed.release(crate::bed::APP, manifest(), Vec::new()).await;
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::StaleGeneration), "it asks for a claim again");
}

#[tokio::test]
async fn scope_may_shrink_and_never_grow() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token =
        journey.tokens(&[("scope", "openid name id-number-masked")]).await.refresh_token.expect("refresh token");
    let grown = journey.refresh_with(&token, |it| it.scope = Some("openid name mobile-masked")).await;
    assert_eq!(grown.map(|_| ()), Err(Refusal::ScopeGrew));
    let less = journey.refresh_with(&token, |it| it.scope = Some("openid name")).await;
    assert_eq!(less.map(|answer| answer.scope), Ok("openid name".to_owned()));
}

fn backend(client: &TestClient, offline_access: bool) -> ClientRecord {
    ClientRecord {
        id: client.id.clone(),
        app: yizhan_domain::AppId::new(crate::bed::APP).expect("app"),
        custody: Custody::Backend,
        tier: Tier::Baseline,
        suite: Suite::International,
        auth_method: yizhan_store::records::ClientAuthMethod::PrivateKeyJwt,
        jwks: client.jwks(),
        redirect_uris: vec![crate::bed::REDIRECT.into()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        offline_access,
    }
}

#[tokio::test]
async fn back_end_gets_a_refresh_token_only_with_reviewed_and_shown_offline_access() {
    let bed = Bed::new().await;
    let client = TestClient::new(&format!("{}:backend", crate::bed::APP), 8, Suite::International);
    let journey = Journey::of(&bed, "zhang").await.with(&client);
    let offline = [("scope", "openid name offline_access")];
    bed.provider.store.put_client(backend(&client, false), Trail::default()).await.expect("kept");
    let tokens = journey.tokens(&offline).await;
    assert!(tokens.refresh_token.is_none(), "not reviewed, so ignored");
    assert_eq!(tokens.scope, "openid name");
    bed.provider.store.put_client(backend(&client, true), Trail::default()).await.expect("kept");
    assert!(journey.tokens(&[("scope", "openid name")]).await.refresh_token.is_none(), "not asked");
    let handle = journey.begin(&offline).await;
    let next = journey.next(&handle).await;
    assert!(
        matches!(&next, Ok(yizhan_auth::flow::authorize::Next::Consent(ask)) if ask.offline),
        "shown, though the claims are granted"
    );
    let token = journey.tokens(&offline).await.refresh_token.expect("refresh token");
    revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
    assert!(refreshed(&journey, &token).await.is_ok(), "it outlives the session");
}

#[tokio::test]
async fn version_that_asks_for_more_needs_new_tokens_and_asks_only_for_what_is_not_covered() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let token = first(&journey).await;
    let mut more = manifest();
    more["gov_data_use"]
        .as_array_mut()
        .expect("uses")
        .push(serde_json::json!({ "claim": "birth-date", "purpose": "query", "retention_days": 0 }));
    bed.release(crate::bed::APP, more, Vec::new()).await;
    assert_eq!(refreshed(&journey, &token).await, Err(Refusal::StaleGeneration));
    assert!(journey.tokens(&[]).await.refresh_token.is_some(), "without a question: the consent covers it");
    let id = ClientId(crate::bed::APP.into());
    assert!(bed.provider.store.find_client(&id).await.expect("store").is_some());
}
