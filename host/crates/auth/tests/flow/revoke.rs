//! Revocation: tokens, grants, sessions, people; sign-out that clients begin.

use crate::bed::{APP, Bed, HOUR_MS, Journey, claims_of};
use yizhan_auth::Refusal;
use yizhan_auth::flow::{RequestParameters, revoke};
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::{AppId, ClientId, Clock as _, GrantId};
use yizhan_store::records::{AppState, GrantRecord, Trail};

async fn newest(journey: &Journey<'_>) -> GrantRecord {
    let page = journey.bed.provider.store.list_grants(&journey.session.person, None, 1).await;
    page.expect("grants").entries.remove(0)
}

#[tokio::test]
async fn client_ends_its_own_tokens_only() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let (owner, other) = (bed.client.proved(&bed).await, bed.other.proved(&bed).await);
    let (context, provider) = (bed.context(), &bed.provider);
    let refused = revoke::token(&context, provider, &other, &tokens.access_token).await;
    assert_eq!(refused, Err(Refusal::OtherClientsToken));
    assert!(journey.introspect(&tokens.access_token).await.active);
    assert_eq!(revoke::token(&context, provider, &owner, "nothing").await, Ok(()));
    let refresh = tokens.refresh_token.expect("refresh token");
    assert_eq!(revoke::token(&context, provider, &owner, &refresh).await, Ok(()));
    assert!(!journey.introspect(&tokens.access_token).await.active, "the family ends with its refresh token");
    assert!(bed.audited("token.revoked", "ok").await);
}

#[tokio::test]
async fn person_ends_own_grants_only() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let grant = newest(&journey).await;
    let stranger = bed.sign_in("li").await;
    let (context, provider) = (bed.context(), &bed.provider);
    let refused = revoke::grant(&context, provider, &stranger.person, &grant.id).await;
    assert_eq!(refused, Err(Refusal::ForeignGrant));
    let unknown = revoke::grant(&context, provider, &stranger.person, &GrantId("none".into())).await;
    assert_eq!(unknown, Err(Refusal::ForeignGrant), "the two look the same");
    assert!(journey.introspect(&tokens.access_token).await.active);
    assert_eq!(revoke::grant(&context, provider, &journey.session.person, &grant.id).await, Ok(true));
    assert_eq!(revoke::grant(&context, provider, &journey.session.person, &grant.id).await, Ok(false));
    assert!(!journey.introspect(&tokens.access_token).await.active);
    let consent = bed.provider.store.find_consent(&grant.consent).await.expect("store").expect("consent");
    assert!(consent.withdrawn.is_some());
}

#[tokio::test]
async fn operator_ends_any_grant_with_a_reason() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let grant = newest(&journey).await;
    let (context, provider) = (bed.context(), &bed.provider);
    let ended = revoke::grant_by_operator(&context, provider, "operator:li", (&grant.id, "incident 7")).await;
    assert_eq!(ended, Ok(true));
    assert!(!journey.introspect(&tokens.access_token).await.active);
    let unknown = revoke::grant_by_operator(&context, provider, "operator:li", (&GrantId("x".into()), "y")).await;
    assert_eq!(unknown, Err(Refusal::ForeignGrant));
}

#[tokio::test]
async fn app_is_set_to_each_state_once() {
    let bed = Bed::new().await;
    let app = AppId::new(APP).expect("app");
    let (context, provider) = (bed.context(), &bed.provider);
    let set = |state| revoke::app(&context, provider, "operator:li", (&app, state));
    assert_eq!(set(AppState::Suspended).await, Ok(true));
    assert_eq!(set(AppState::Suspended).await, Ok(false));
    assert_eq!(set(AppState::Released).await, Ok(true));
    let nobody = AppId::new("cn.gov.nobody").expect("app");
    let unknown = revoke::app(&context, provider, "operator:li", (&nobody, AppState::Suspended)).await;
    assert_eq!(unknown, Err(Refusal::UnknownApp));
}

async fn wants_notice(bed: &Bed, client: &crate::bed::TestClient) {
    let mut record = bed.runtime(client, Tier::Baseline, Suite::International);
    record.backchannel_logout_uri = Some("https://back.example/logout".into());
    bed.provider.store.put_client(record, Trail::default()).await.expect("kept");
}

#[tokio::test]
async fn sign_out_tells_the_clients_of_this_session_alone() {
    let bed = Bed::new().await;
    wants_notice(&bed, &bed.client).await;
    wants_notice(&bed, &bed.other).await;
    let journey = Journey::of(&bed, "zhang").await;
    let sub = claims_of(journey.tokens(&[]).await.id_token.as_deref().expect("ID token"))["sub"].clone();
    let elsewhere = Journey::of(&bed, "zhang").await.with(&bed.other);
    elsewhere.tokens(&[]).await;
    let notices = revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
    assert_eq!(notices.len(), 1, "the other client belongs to another session");
    assert_eq!(notices[0].client, bed.client.id);
    assert_eq!(notices[0].uri, "https://back.example/logout");
    let claims = claims_of(&notices[0].token);
    assert_eq!((&claims["sub"], &claims["aud"]), (&sub, &serde_json::json!(bed.client.id)));
    assert_eq!(claims["sid"], journey.session.id.as_str());
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    assert!(claims.get("nonce").is_none());
    assert_eq!(claims["exp"].as_u64(), Some(bed.clock.now().0 / 1000 + 120));
    let again = revoke::logout(&bed.context(), &bed.provider, &journey.session).await;
    assert_eq!(again.map(|_| ()), Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn client_that_was_covered_without_a_question_is_told_too() {
    let bed = Bed::new().await;
    wants_notice(&bed, &bed.client).await;
    let first = Journey::of(&bed, "zhang").await;
    first.tokens(&[]).await;
    let second = Journey::of(&bed, "zhang").await;
    second.tokens(&[]).await;
    let notices = revoke::logout(&bed.context(), &bed.provider, &second.session).await.expect("signed out");
    assert_eq!(notices.len(), 1);
}

#[tokio::test]
async fn erasing_a_person_ends_everything_and_tells_the_back_ends() {
    let bed = Bed::new().await;
    wants_notice(&bed, &bed.client).await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let person = &journey.session.person;
    let notices = revoke::person(&bed.context(), &bed.provider, "operator:li", person).await.expect("erased");
    assert_eq!(notices.len(), 1);
    assert!(!journey.introspect(&tokens.access_token).await.active);
    let again =
        revoke::person(&bed.context(), &bed.provider, "operator:li", &yizhan_domain::PersonId("x".into())).await;
    assert_eq!(again.map(|_| ()), Err(Refusal::ForeignGrant));
}

async fn ask(bed: &Bed, pairs: &[(&str, &str)]) -> Result<revoke::LogoutAsk, Refusal> {
    revoke::end_session(&bed.context(), &bed.provider, &RequestParameters::of(pairs.iter().copied())).await
}

#[tokio::test]
async fn sign_out_by_a_client_goes_back_to_a_registered_address_only() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let hint = journey.tokens(&[]).await.id_token.expect("ID token");
    let uri = ("post_logout_redirect_uri", "https://social.apps.example/");
    // An old hint still tells which client and which session.
    bed.clock.advance_ms(2 * HOUR_MS);
    let asked = ask(&bed, &[("id_token_hint", &hint), uri, ("state", "a b")]).await.expect("asked");
    assert_eq!(asked.client, Some(bed.client.id.clone()));
    assert_eq!(asked.session, Some(journey.session.id.clone()));
    assert_eq!(asked.redirect.as_deref(), Some("https://social.apps.example/?state=a+b"));
    assert!(ask(&bed, &[("client_id", APP), uri]).await.is_ok());
    assert_eq!(ask(&bed, &[]).await, Ok(revoke::LogoutAsk::default()));
    let foreign = ("post_logout_redirect_uri", "https://social.apps.example/x");
    assert_eq!(ask(&bed, &[("client_id", APP), foreign]).await, Err(Refusal::ForeignLogoutRedirect));
    assert_eq!(ask(&bed, &[uri]).await, Err(Refusal::ForeignLogoutRedirect), "nobody asks");
    assert_eq!(ask(&bed, &[("client_id", "cn.gov.nobody"), uri]).await, Err(Refusal::UnknownClient));
}

#[tokio::test]
async fn wrong_hint_is_refused() {
    let bed = Bed::new().await;
    let hint = Journey::of(&bed, "zhang").await.tokens(&[]).await.id_token.expect("ID token");
    let other = ("client_id", crate::bed::OTHER_APP);
    assert_eq!(ask(&bed, &[("id_token_hint", &hint), other]).await, Err(Refusal::WrongHint));
    assert_eq!(ask(&bed, &[("id_token_hint", "a.b.c")]).await, Err(Refusal::WrongHint));
    let forged = bed.client.assertion(&bed, |claims| claims["aud"] = APP.into());
    assert_eq!(ask(&bed, &[("id_token_hint", &forged)]).await, Err(Refusal::WrongHint), "another signer");
    let elsewhere = yizhan_auth::Provider { issuer: "https://moved.example".into(), ..bed.provider.clone() };
    let form = RequestParameters::of([("id_token_hint", hint.as_str())]);
    let refused = revoke::end_session(&bed.context(), &elsewhere, &form).await;
    assert_eq!(refused, Err(Refusal::WrongHint), "another issuer");
    let id = ClientId(APP.into());
    assert_eq!(ask(&bed, &[("id_token_hint", &hint), ("client_id", APP)]).await.map(|it| it.client), Ok(Some(id)));
}
