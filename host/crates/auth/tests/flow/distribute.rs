//! Steps 3 and 4: what is sealed, to whom, and what is refused.

use crate::bed::{APP, Bed, HOUR_MS, Journey, TestClient, manifest};
use serde_json::json;
use yizhan_auth::Refusal;
use yizhan_auth::flow::distribute::{Ask, Presented, distribute};
use yizhan_auth::flow::revoke;
use yizhan_auth::jose;
use yizhan_domain::authorization::{Suite, Tier};
use yizhan_domain::{Claim, ClientId, Clock as _};
use yizhan_store::records::{AccessOutcome, AppState, Recipient, Trail};

fn ask(purpose: &str, claims: &[Claim]) -> Ask {
    Ask { purpose: Some(purpose.into()), claims: claims.to_vec(), ..Ask::default() }
}

#[tokio::test]
async fn envelope_holds_exactly_the_asked_claims_for_two_minutes() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let envelope = journey.userinfo(&tokens.access_token, &ask("query", &[Claim::Name])).await.expect("envelope");
    let claims = bed.client.open(&bed, &envelope).await;
    let names: Vec<&String> = claims.as_object().expect("object").keys().collect();
    assert_eq!(names, ["aud", "exp", "grant_id", "iat", "iss", "jti", "name", "purpose", "sub", "txn"]);
    assert_eq!(claims["name"], "张示例");
    assert_eq!(claims["purpose"], "query");
    assert_eq!(claims["aud"], bed.client.id.as_str());
    assert_eq!(claims["iss"], crate::bed::ISSUER);
    assert_eq!(claims["jti"], envelope.jti);
    let now = bed.clock.now().0 / 1000;
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(now), Some(now + 120)));
    let id_token = crate::bed::claims_of(tokens.id_token.as_deref().expect("ID token"));
    assert_eq!(claims["sub"], id_token["sub"]);
}

#[tokio::test]
async fn without_narrowing_everything_that_the_token_carries_is_sealed() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let envelope = journey.userinfo(&tokens.access_token, &Ask::default()).await.expect("envelope");
    let claims = bed.client.open(&bed, &envelope).await;
    assert_eq!(claims["purpose"], "query remind");
    assert_eq!(claims["mobile-masked"], "019****6651");
    assert_eq!(bed.access("zhang").await.len(), 2, "one row per purpose");
}

#[tokio::test]
async fn every_delivery_is_an_envelope_of_its_own() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let one = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    let two = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    assert_ne!(one.jti, two.jti);
    assert_ne!(one.jwe, two.jwe);
}

#[tokio::test]
async fn audit_and_access_log_have_the_delivery() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let envelope = journey.userinfo(&access, &ask("query", &[Claim::Name])).await.expect("envelope");
    let audit = bed.audit().await;
    for action in ["userinfo.sealed", "userinfo.distributed"] {
        let record = audit.iter().find(|record| record.action == action).expect(action);
        assert_eq!(record.outcome, "ok");
        assert_eq!(record.details["jti"], envelope.jti);
    }
    let sealed = audit.iter().find(|record| record.action == "userinfo.sealed").expect("sealed");
    assert_eq!(sealed.details["claims"], "query/name");
    let row = bed.access("zhang").await.remove(0);
    assert_eq!(row.recipient, Recipient::Sandbox);
    assert_eq!(row.outcome, AccessOutcome::Opened);
    assert_eq!((row.purpose.as_str(), row.claims), ("query", vec!["name".to_owned()]));
    assert_eq!(row.unit, "示例市人力资源和社会保障局");
}

#[tokio::test]
async fn back_end_gets_an_envelope_of_its_own_key_and_the_log_says_so() {
    let bed = Bed::new().await;
    let client = TestClient::new(&format!("{APP}:backend"), 8, Suite::International);
    let mut record = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    record.id = client.id.clone();
    record.custody = yizhan_domain::authorization::Custody::Backend;
    record.jwks = client.jwks();
    bed.provider.store.put_client(record, Trail::default()).await.expect("kept");
    let journey = Journey::of(&bed, "zhang").await.with(&client);
    let access = journey.tokens(&[]).await.access_token;
    let envelope = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    let claims = client.open(&bed, &envelope).await;
    assert_eq!(claims["aud"], client.id.as_str());
    let row = bed.access("zhang").await.remove(0);
    assert_eq!((row.recipient, row.outcome), (Recipient::Backend, AccessOutcome::Delivered));
}

#[tokio::test]
async fn only_the_recipients_key_opens_an_envelope() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let envelope = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    let keys = bed.provider.jwks(bed.clock.now()).await.expect("keys");
    let sealed = jose::Envelope(envelope.jwe);
    assert!(jose::unseal(&sealed, &bed.other.decryption, &keys).is_err());
    assert!(jose::unseal(&sealed, &bed.client.decryption, &keys).is_ok());
}

#[tokio::test]
async fn national_suite_seals_in_its_own_algorithms() {
    let bed = Bed::with(Tier::Baseline, Suite::National).await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let envelope = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    let header = envelope.jwe.split('.').next().expect("header");
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header).expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header["alg"], "SGD_SM2_3");
    assert_eq!(header["enc"], "SGD_SM4_GCM");
    assert_eq!(header["cty"], "SGD_JWS");
    assert_eq!(bed.client.open(&bed, &envelope).await["name"], "张示例");
}

#[tokio::test]
async fn agent_is_sealed_with_the_legal_persons_data() {
    let bed = Bed::new().await;
    let mut with_org = manifest();
    with_org["req_permissions"]
        .as_array_mut()
        .expect("list")
        .push(json!({ "name": "identity:uscc", "reason": "核对" }));
    with_org["gov_data_use"]
        .as_array_mut()
        .expect("list")
        .push(json!({ "claim": "uscc", "purpose": "query", "retention_days": 0 }));
    bed.release(APP, with_org, Vec::new()).await;
    let journey = Journey::of(&bed, "sun").await;
    let access = journey.tokens(&[("scope", "openid name uscc")]).await.access_token;
    let envelope = journey.userinfo(&access, &ask("query", &[Claim::Uscc])).await.expect("envelope");
    assert_eq!(bed.client.open(&bed, &envelope).await["uscc"], "91000000MA00000X1P");
}

#[tokio::test]
async fn datum_that_is_not_held_is_left_out() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "ma").await;
    let access = journey.tokens(&[]).await.access_token;
    let envelope = journey.userinfo(&access, &Ask::default()).await.expect("envelope");
    assert_eq!(bed.client.open(&bed, &envelope).await.get("mobile-masked"), None);
}

#[tokio::test]
async fn unknown_token_is_refused_and_leaves_no_record() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let before = bed.audit().await.len();
    assert_eq!(journey.userinfo("nothing", &Ask::default()).await, Err(Refusal::RevokedToken));
    assert_eq!(bed.audit().await.len(), before);
}

#[tokio::test]
async fn revoked_token_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let client = bed.client.proved(&bed).await;
    revoke::token(&bed.context(), &bed.provider, &client, &access).await.expect("revoked");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::RevokedToken));
}

#[tokio::test]
async fn expired_token_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    bed.clock.advance_ms(300_000);
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::ExpiredToken));
    assert!(bed.audited("userinfo.distributed", "expired-token").await);
}

#[tokio::test]
async fn refresh_token_opens_nothing() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let refresh = journey.tokens(&[]).await.refresh_token.expect("refresh token");
    assert_eq!(journey.userinfo(&refresh, &Ask::default()).await, Err(Refusal::RevokedToken));
}

#[tokio::test]
async fn token_of_another_app_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let other = ClientId(crate::bed::OTHER_APP.into());
    let presented = Presented { token: &access, dpop: None, method: "GET", client: Some(&other) };
    let refused = distribute(&bed.context(), &bed.provider, presented, &Ask::default()).await;
    assert_eq!(refused, Err(Refusal::OtherClientsToken));
    assert!(bed.audited("userinfo.distributed", "other-clients-token").await);
}

#[tokio::test]
async fn suspended_withdrawn_and_restored_app_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    for (state, refusal) in [
        (AppState::Suspended, Refusal::SuspendedApp),
        (AppState::Withdrawn, Refusal::UnknownApp),
        (AppState::Released, Refusal::StaleGeneration),
    ] {
        bed.set_state(state).await;
        assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(refusal), "{state:?}");
    }
}

#[tokio::test]
async fn consent_withdrawn_between_token_and_userinfo_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let person = &journey.session.person;
    let grant = bed.provider.store.list_grants(person, None, 1).await.expect("grants").entries.remove(0);
    revoke::grant(&bed.context(), &bed.provider, person, &grant.id).await.expect("withdrawn");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::RevokedToken));
}

#[tokio::test]
async fn token_ends_with_its_grant() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    journey.code(&[]).await;
    bed.clock.advance_ms(30 * 24 * HOUR_MS - 10_000);
    journey.session = bed.sign_in("zhang").await;
    let tokens = journey.tokens(&[]).await;
    assert_eq!(tokens.expires_in, 10);
    bed.clock.advance_ms(10_000);
    assert_eq!(journey.userinfo(&tokens.access_token, &Ask::default()).await, Err(Refusal::ExpiredToken));
}

#[tokio::test]
async fn session_that_ended_refuses_its_tokens() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    revoke::logout(&bed.context(), &bed.provider, &journey.session).await.expect("signed out");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::SessionEnded));
}

#[tokio::test]
async fn erased_person_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    revoke::person(&bed.context(), &bed.provider, "operator:test", &journey.session.person).await.expect("erased");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::RevokedToken));
}

#[tokio::test]
async fn claim_that_the_token_does_not_carry_is_refused_and_the_person_sees_it() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[("scope", "openid name")]).await.access_token;
    for wrong in [
        ask("query", &[Claim::IdNumber]),
        ask("query", &[Claim::Name, Claim::IdNumberMasked]),
        ask("statistics", &[Claim::Name]),
        ask("statistics", &[]),
        Ask { purpose: None, claims: vec![Claim::MobileMasked], ..Ask::default() },
    ] {
        assert_eq!(journey.userinfo(&access, &wrong).await, Err(Refusal::ClaimNotGranted), "{wrong:?}");
    }
    assert!(bed.audited("userinfo.distributed", "claim-not-granted").await);
    let row = bed.access("zhang").await.remove(0);
    assert_eq!(row.outcome, AccessOutcome::Refused("claim-not-granted".into()));
}

#[tokio::test]
async fn too_many_claims_at_once_are_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    assert!(journey.userinfo(&access, &ask("query", &[Claim::Name; 32])).await.is_ok());
    let many = ask("query", &[Claim::Name; 33]);
    assert_eq!(journey.userinfo(&access, &many).await, Err(Refusal::TooLarge));
}

#[tokio::test]
async fn no_encryption_key_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let mut record = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    record.jwks["keys"].as_array_mut().expect("keys").remove(1);
    bed.provider.store.put_client(record, Trail::default()).await.expect("kept");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::NoRecipientKey));
    assert!(bed.audited("userinfo.distributed", "no-recipient-key").await);
    let other_suite = bed.runtime(&bed.client, Tier::Baseline, Suite::National);
    bed.provider.store.put_client(other_suite, Trail::default()).await.expect("kept");
    assert_eq!(
        journey.userinfo(&access, &Ask::default()).await,
        Err(Refusal::NoRecipientKey),
        "a key of the other suite"
    );
}

#[tokio::test]
async fn revoked_encryption_key_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    let mut record = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    record.jwks["keys"][1]["revoked"] = json!({ "revoked_at": 1, "reason": "compromised" });
    bed.provider.store.put_client(record, Trail::default()).await.expect("kept");
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::RecipientKeyRevoked));
}

#[tokio::test]
async fn claim_withdrawn_meanwhile_is_refused() {
    let bed = Bed::new().await;
    let journey = Journey::of(&bed, "zhang").await;
    let tokens = journey.tokens(&[]).await;
    let hash = yizhan_auth::client_auth::hash_secret(&tokens.access_token);
    let mut token = bed.provider.store.find_token(&hash).await.expect("store").expect("token");
    // A token that says more than the grant gives, as after a grant was made smaller.
    token.scopes.push("query/birth-date".into());
    token.hash = yizhan_auth::client_auth::hash_secret("a second token");
    assert!(bed.provider.store.issue_token(token, Trail::default()).await.expect("store"));
    let refused = journey.userinfo("a second token", &ask("query", &[Claim::BirthDate])).await;
    assert_eq!(refused, Err(Refusal::ClaimWithdrawn));
    let envelope = journey.userinfo("a second token", &Ask::default()).await.expect("envelope");
    assert_eq!(bed.client.open(&bed, &envelope).await.get("birth-date"), None);
}

#[tokio::test]
async fn bound_token_needs_the_proof_of_its_key() {
    let bed = Bed::with(Tier::High, Suite::International).await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    assert!(journey.userinfo(&access, &Ask::default()).await.is_ok());
    let none = journey.userinfo_with(&access, &Ask::default(), |it| it.dpop = None).await;
    assert_eq!(none, Err(Refusal::MissingDpop));
    let of_another_token = journey.proof("/oauth/userinfo", Some("another")).expect("proof");
    let wrong = journey.userinfo_with(&access, &Ask::default(), |it| it.method = "GET").await;
    assert_eq!(wrong, Err(Refusal::WrongDpop), "another method");
    let thief = TestClient { dpop: crate::bed::DpopKey::new(66), ..TestClient::new(APP, 1, Suite::International) };
    let stolen = Journey { bed: &bed, client: &thief, session: journey.session.clone(), dpop: true };
    assert_eq!(stolen.userinfo(&access, &Ask::default()).await, Err(Refusal::WrongDpopKey));
    let presented = |dpop| Presented { token: &access, dpop, method: "POST", client: None };
    let (context, provider) = (bed.context(), &bed.provider);
    let everything = Ask::default();
    let again = |dpop| distribute(&context, provider, presented(dpop), &everything);
    assert_eq!(again(Some(&of_another_token)).await, Err(Refusal::WrongDpop), "made for another token");
    let once = journey.proof("/oauth/userinfo", Some(&access)).expect("proof");
    assert!(again(Some(&once)).await.is_ok());
    assert_eq!(again(Some(&once)).await, Err(Refusal::DpopReplayed));
    journey.dpop = false;
}

#[tokio::test]
async fn bearer_token_with_a_proof_is_refused() {
    let bed = Bed::new().await;
    let mut journey = Journey::of(&bed, "zhang").await;
    let access = journey.tokens(&[]).await.access_token;
    journey.dpop = true;
    assert_eq!(journey.userinfo(&access, &Ask::default()).await, Err(Refusal::WrongDpopKey));
}
