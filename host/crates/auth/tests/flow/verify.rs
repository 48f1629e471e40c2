//! Step 2: the exchange of a code.

use crate::bed::{Bed, HOUR_MS, Journey, TestClient, claims_of, manifest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use yizhan_auth::Refusal;
use yizhan_auth::flow::{RequestParameters, revoke, verify};
use yizhan_domain::Clock as _;
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_store::records::{AppState, SessionRecord, Trail};

#[tokio::test]
async fn code_is_exchanged_for_tokens_of_what_was_reviewed_and_consented() {
    let bed = Bed::new().await;
    let tokens = Journey::of(&bed, "zhang").await.tokens(&[]).await;
    assert_eq!(tokens.access_token.len(), 43, "256 bits, opaque");
    assert_eq!((tokens.token_type, tokens.expires_in), ("Bearer", 300));
    assert_eq!(tokens.scope, "openid name id-number-masked mobile-masked");
    assert_eq!(tokens.authorization_details.len(), 2, "one entry per purpose");
    assert!(tokens.refresh_token.is_some(), "the runtime's, bound to the session");
}

#[tokio::test]
async fn id_token_has_what_is_needed_and_no_personal_data() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let claims = claims_of(tokens.id_token.as_deref().expect("ID token"));
    let names: Vec<&String> = claims.as_object().expect("object").keys().collect();
    assert_eq!(names, ["acr", "amr", "at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"]);
    assert_eq!(claims["iss"], crate::bed::ISSUER);
    assert_eq!(claims["aud"], bed.client.id.as_str());
    assert_eq!(claims["nonce"], "a nonce");
    assert_eq!(claims["acr"], "urn:yizhan:acr:real-name");
    assert_eq!(claims["sid"], journey.session.id.as_str());
    assert_eq!(claims["exp"].as_u64(), Some(bed.clock.now().0 / 1000 + 300));
    let half = &Sha256::digest(tokens.access_token.as_bytes())[..16];
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(half));
}

#[tokio::test]
async fn expired_code_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    bed.clock.advance_ms(60_000);
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::ExpiredCode));
    assert_eq!(journey.exchange("never was").await.map(|_| ()), Err(Refusal::ExpiredCode));
    assert!(bed.audited("token.refused", "expired-code").await);
}

#[tokio::test]
async fn replayed_code_ends_everything_that_was_issued_from_it() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    let refresh = tokens.refresh_token.expect("refresh token");
    let later = journey.refresh(&refresh).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::CodeReplayed));
    assert!(bed.audited("code.replayed", "code-replayed").await);
    for access in [&tokens.access_token, &later.access_token] {
        let refused = journey.userinfo(access, &Default::default()).await;
        assert_eq!(refused, Err(Refusal::RevokedToken));
    }
    let successor = later.refresh_token.expect("refresh token");
    assert_eq!(journey.refresh(&successor).await.map(|_| ()), Err(Refusal::ExpiredRefresh));
}

#[tokio::test]
async fn late_replay_is_known_too() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    bed.clock.advance_ms(120_000);
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::CodeReplayed));
    assert!(!journey.introspect(&tokens.access_token).await.active);
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let (one, two) = tokio::join!(journey.exchange(&code), journey.exchange(&code));
    assert!(one.is_ok() != two.is_ok());
    let refused = one.err().or(two.err());
    assert_eq!(refused, Some(Refusal::CodeReplayed));
}

#[tokio::test]
async fn other_clients_code_is_refused_and_not_used_up() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let thief = Journey { bed: &bed, client: &bed.other, session: journey.session.clone(), dpop: false };
    assert_eq!(thief.exchange(&code).await.map(|_| ()), Err(Refusal::OtherClientsCode));
    assert!(journey.exchange(&code).await.is_ok());
}

#[tokio::test]
async fn wrong_verifier_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    for verifier in [None, Some("another-verifier-of-at-least-forty-three-chars"), Some("short")] {
        let refused = journey.exchange_with(&code, |exchanging| exchanging.verifier = verifier).await;
        assert_eq!(refused.map(|_| ()), Err(Refusal::WrongVerifier), "{verifier:?}");
    }
}

#[tokio::test]
async fn verifier_of_a_wrong_length_is_refused_even_when_it_fits() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let client = bed.client.proved(&bed).await;
    for length in [42, 129] {
        let verifier = "x".repeat(length);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let code = journey.code(&[("code_challenge", &challenge)]).await;
        let redirect_uri = Some(crate::bed::REDIRECT);
        let exchanging = verify::Exchanging { code: &code, verifier: Some(&verifier), redirect_uri, dpop: None };
        let refused = verify::exchange(&bed.context(), &bed.provider, &client, exchanging).await;
        assert_eq!(refused.map(|_| ()), Err(Refusal::WrongVerifier), "{length}");
    }
}

#[tokio::test]
async fn other_redirect_address_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    for uri in [None, Some("https://social.apps.example/")] {
        let refused = journey.exchange_with(&code, |exchanging| exchanging.redirect_uri = uri).await;
        assert_eq!(refused.map(|_| ()), Err(Refusal::RedirectMismatch));
    }
}

#[tokio::test]
async fn app_suspended_between_the_steps_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    bed.set_state(AppState::Suspended).await;
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::SuspendedApp));
    bed.set_state(AppState::Withdrawn).await;
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::UnknownApp));
}

#[tokio::test]
async fn grant_withdrawn_between_the_steps_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let person = &journey.session.person;
    let grant = bed.provider.store.list_grants(person, None, 1).await.expect("grants").entries.remove(0);
    revoke::grant(&bed.context(), &bed.provider, person, &grant.id).await.expect("withdrawn");
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::GrantEnded));
}

#[tokio::test]
async fn grant_that_expires_between_the_steps_is_refused() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    journey.code(&[]).await;
    bed.clock.advance_ms(30 * 24 * HOUR_MS - 10_000);
    journey.session = bed.sign_in("zhang").await;
    let code = journey.code(&[]).await;
    bed.clock.advance_ms(10_000);
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::GrantEnded));
}

#[tokio::test]
async fn session_ended_between_the_steps_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn session_of_another_person_under_the_same_name_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let stranger = bed.sign_in("li").await;
    let old = journey.session.hash;
    let taken = SessionRecord { id: journey.session.id.clone(), ..stranger };
    let replaced = bed.provider.store.replace_session(&old, taken, bed.clock.now(), Trail::default()).await;
    assert!(replaced.expect("store"));
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn assurance_raised_by_a_new_version_meanwhile_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let mut more = manifest();
    more["gov_assurance"] = "face".into();
    bed.release(crate::bed::APP, more, Vec::new()).await;
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::AssuranceTooLow));
}

#[tokio::test]
async fn claim_dropped_between_the_steps_is_not_in_the_scope() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let mut less = manifest();
    less["gov_data_use"].as_array_mut().expect("list").remove(1);
    bed.release(crate::bed::APP, less, Vec::new()).await;
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(tokens.scope, "openid name mobile-masked");
}

#[tokio::test]
async fn tokens_never_outlive_session_and_grant() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    bed.clock.advance_ms(8 * HOUR_MS - 100_000);
    assert_eq!(journey.tokens(&[]).await.expires_in, 100);
}

#[tokio::test]
async fn high_tier_without_proof_is_refused() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    journey.dpop = false;
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::MissingDpop));
    journey.dpop = true;
    let tokens = journey.exchange(&code).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(tokens.token_type, "DPoP");
}

#[tokio::test]
async fn high_tier_asks_for_a_proof_even_when_the_code_names_no_key() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let high = bed.runtime(&bed.client, Tier::High, Suite::International);
    bed.provider.store.put_client(high, Trail::default()).await.expect("kept");
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::MissingDpop));
    journey.dpop = true;
    assert!(journey.exchange(&code).await.is_ok());
}

#[tokio::test]
async fn code_bound_to_a_key_needs_its_proof_at_baseline_too() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[("dpop_jkt", &bed.client.dpop.thumbprint())]).await;
    assert_eq!(journey.exchange(&code).await.map(|_| ()), Err(Refusal::MissingDpop));
    journey.dpop = true;
    let thief =
        TestClient { dpop: crate::bed::DpopKey::new(66), ..TestClient::new(crate::bed::APP, 1, Suite::International) };
    let stolen = Journey { bed: &bed, client: &thief, session: journey.session.clone(), dpop: true };
    assert_eq!(stolen.exchange(&code).await.map(|_| ()), Err(Refusal::WrongDpopKey));
    assert!(journey.exchange(&code).await.is_ok());
}

#[tokio::test]
async fn proof_counts_once_and_only_for_its_request() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let journey = Journey::of(&bed, "zhang").await;
    let proof = journey.proof("/oauth/token", None).expect("proof");
    let code = journey.code(&[]).await;
    let wrong = journey.proof("/oauth/par", None).expect("proof");
    let refused = journey.exchange_with(&code, |exchanging| exchanging.dpop = Some("a.b.c")).await;
    assert_eq!(refused.map(|_| ()), Err(Refusal::WrongDpop));
    // The closure's proof lives outside: it is made before.
    let client = bed.client.proved(&bed).await;
    let exchange = |dpop| verify::Exchanging {
        code: &code,
        verifier: Some(crate::bed::VERIFIER),
        redirect_uri: Some(crate::bed::REDIRECT),
        dpop: Some(dpop),
    };
    let (one, two) = (bed.context(), bed.context());
    let refused = verify::exchange(&one, &bed.provider, &client, exchange(&wrong)).await;
    assert_eq!(refused.map(|_| ()), Err(Refusal::WrongDpop));
    assert!(verify::exchange(&one, &bed.provider, &client, exchange(&proof)).await.is_ok());
    let refused = verify::exchange(&two, &bed.provider, &client, exchange(&proof)).await;
    assert_eq!(refused.map(|_| ()), Err(Refusal::DpopReplayed));
}

#[tokio::test]
async fn token_endpoint_reads_its_form() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let code = journey.code(&[]).await;
    let client = bed.client.proved(&bed).await;
    let context = bed.context();
    let token = |pairs: Vec<(&str, &str)>| {
        let form = RequestParameters::of(pairs);
        let (provider, client) = (&bed.provider, &client);
        async move { verify::token(&context, provider, client, &form, None).await.map(|answer| answer.refresh_token) }
    };
    let refused = token(vec![("grant_type", "client_credentials")]).await;
    assert_eq!(refused.map(|_| ()), Err(Refusal::GrantType));
    assert_eq!(token(vec![]).await.map(|_| ()), Err(Refusal::BadParameter));
    let twice = vec![("grant_type", "authorization_code"), ("code", &code), ("code", &code)];
    assert_eq!(token(twice).await.map(|_| ()), Err(Refusal::DuplicateParameter));
    let right = vec![
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", crate::bed::VERIFIER),
        ("redirect_uri", crate::bed::REDIRECT),
    ];
    let refresh = token(right).await.expect("tokens").expect("refresh token");
    assert!(token(vec![("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await.is_ok());
}

#[tokio::test]
async fn introspection_tells_a_client_of_its_own_tokens_only() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let state = journey.introspect(&tokens.access_token).await;
    let of = state.of.expect("active");
    assert_eq!(of.client_id, bed.client.id);
    assert_eq!(of.gov_uses.len(), 4);
    assert_eq!(of.exp, bed.clock.now().0 / 1000 + 300);
    let text = serde_json::to_string(&journey.introspect("nothing").await).expect("JSON");
    assert_eq!(text, r#"{"active":false}"#);
    let stranger = Journey { bed: &bed, client: &bed.other, session: journey.session.clone(), dpop: false };
    assert!(!stranger.introspect(&tokens.access_token).await.active);
    bed.clock.advance_ms(300_000);
    assert!(!journey.introspect(&tokens.access_token).await.active, "expired");
}

#[tokio::test]
async fn introspection_is_signed_for_the_client_that_asks() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let client = bed.client.proved(&bed).await;
    let token = &tokens.access_token;
    let signed = verify::introspect_signed(&bed.context(), &bed.provider, &client, token).await.expect("signed");
    let claims = claims_of(&signed);
    assert_eq!(claims["aud"], bed.client.id.as_str());
    assert_eq!(claims["token_introspection"]["active"], true);
    let header = URL_SAFE_NO_PAD.decode(signed.split('.').next().expect("header")).expect("base64url");
    assert!(String::from_utf8(header).expect("text").contains("token-introspection+jwt"));
}
