//! Client authentication: assertions and secrets.

use crate::bed::{Bed, ISSUER, TestClient};
use serde_json::{Value, json};
use yizhan_auth::Refusal;
use yizhan_auth::client_auth::hash_secret;
use yizhan_auth::flow::verify::{ClientCredentials, authenticate};
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_domain::{ClientId, Clock as _};
use yizhan_store::records::{ClientAuthMethod, ClientRecord, StoreMode, Trail};
use zeroize::Zeroizing;

async fn outcome(bed: &Bed, credentials: &ClientCredentials) -> Result<ClientId, Refusal> {
    authenticate(&bed.context(), &bed.provider, credentials).await.map(|client| client.record().id.clone())
}

async fn with(bed: &Bed, change: impl FnOnce(&mut Value)) -> Result<ClientId, Refusal> {
    outcome(bed, &bed.client.credentials(bed, change)).await
}

fn seconds(bed: &Bed) -> u64 {
    bed.clock.now().0 / 1000
}

#[tokio::test]
async fn right_assertion_is_taken_once() {
    let bed = Bed::new().await;
    let credentials = bed.client.credentials(&bed, |_| ());
    assert_eq!(outcome(&bed, &credentials).await, Ok(bed.client.id.clone()));
    assert_eq!(outcome(&bed, &credentials).await, Err(Refusal::AssertionReplayed));
    assert!(bed.audited("client.refused", "assertion-replayed").await);
}

#[tokio::test]
async fn of_two_uses_of_one_assertion_one_wins() {
    let bed = Bed::new().await;
    let credentials = bed.client.credentials(&bed, |_| ());
    let (one, two) = tokio::join!(outcome(&bed, &credentials), outcome(&bed, &credentials));
    assert!(one.is_ok() != two.is_ok());
}

#[tokio::test]
async fn unknown_client_is_refused() {
    let bed = Bed::new().await;
    let stranger = TestClient::new("cn.gov.nobody", 9, Suite::International);
    assert_eq!(outcome(&bed, &stranger.credentials(&bed, |_| ())).await, Err(Refusal::UnknownClient));
}

#[tokio::test]
async fn assertion_signed_by_another_key_is_refused() {
    let bed = Bed::new().await;
    let thief = TestClient::new(bed.client.id.as_str(), 9, Suite::International);
    assert_eq!(outcome(&bed, &thief.credentials(&bed, |_| ())).await, Err(Refusal::WrongClient));
    let other =
        TestClient { id: bed.client.id.clone(), ..TestClient::new("cn.gov.example.tax", 2, Suite::International) };
    assert_eq!(outcome(&bed, &other.credentials(&bed, |_| ())).await, Err(Refusal::WrongClient), "another app's key");
}

#[tokio::test]
async fn issuer_and_subject_must_be_the_client() {
    let bed = Bed::new().await;
    assert_eq!(with(&bed, |claims| claims["iss"] = "cn.gov.example.tax".into()).await, Err(Refusal::WrongClient));
    let credentials = match bed.client.credentials(&bed, |_| ()) {
        ClientCredentials::Assertion { assertion, .. } => {
            ClientCredentials::Assertion { client_id: Some("cn.gov.example.tax".into()), assertion }
        }
        basic @ ClientCredentials::Basic { .. } => basic,
    };
    assert_eq!(outcome(&bed, &credentials).await, Err(Refusal::WrongClient), "client_id names another");
}

#[tokio::test]
async fn audience_is_the_issuer_or_at_baseline_the_token_endpoint() {
    let endpoint = format!("{ISSUER}/oauth/token");
    let bed = Bed::new().await;
    assert!(with(&bed, |claims| claims["aud"] = endpoint.clone().into()).await.is_ok());
    for wrong in [
        json!(format!("{ISSUER}/")),
        json!(format!("{ISSUER}/oauth/par")),
        json!("https://other.example"),
        json!({ "aud": ISSUER }),
        Value::Null,
    ] {
        let refused = with(&bed, |claims| claims["aud"] = wrong.clone()).await;
        assert_eq!(refused, Err(Refusal::AssertionAudience), "{wrong}");
    }
    let high = Bed::with(Tier::High, Suite::International).await;
    assert!(with(&high, |_| ()).await.is_ok());
    let refused = with(&high, |claims| claims["aud"] = endpoint.into()).await;
    assert_eq!(refused, Err(Refusal::AssertionAudience), "issuer only in the high tier");
}

#[tokio::test]
async fn list_of_one_audience_is_taken_at_baseline_and_refused_in_the_high_tier() {
    let endpoint = format!("{ISSUER}/oauth/token");
    let bed = Bed::new().await;
    let high = Bed::with(Tier::High, Suite::International).await;
    for list in [json!([ISSUER]), json!([endpoint])] {
        assert!(with(&bed, |claims| claims["aud"] = list.clone()).await.is_ok(), "{list}");
        let refused = with(&high, |claims| claims["aud"] = list.clone()).await;
        assert_eq!(refused, Err(Refusal::AssertionAudience), "{list} in the high tier");
    }
    assert_eq!(
        with(&bed, |claims| claims["aud"] = json!(["https://other.example"])).await,
        Err(Refusal::AssertionAudience)
    );
}

#[tokio::test]
async fn list_of_no_audience_or_of_more_than_one_is_refused() {
    let endpoint = format!("{ISSUER}/oauth/token");
    for tier in [Tier::Baseline, Tier::High] {
        let bed = Bed::with(tier, Suite::International).await;
        for list in [
            json!([]),
            json!([ISSUER, ISSUER]),
            json!([ISSUER, endpoint]),
            json!([ISSUER, "https://other.example"]),
            json!([[ISSUER]]),
            json!([Value::Null]),
        ] {
            let refused = with(&bed, |claims| claims["aud"] = list.clone()).await;
            assert_eq!(refused, Err(Refusal::AssertionAudience), "{list}");
        }
    }
}

#[tokio::test]
async fn expired_long_lived_and_future_assertions_are_refused() {
    let bed = Bed::new().await;
    let now = seconds(&bed);
    let cases: [(&str, u64); 5] = [("exp", now), ("exp", now + 3601), ("iat", now + 61), ("nbf", now + 61), ("exp", 0)];
    for (name, at) in cases {
        let refused = with(&bed, |claims| claims[name] = at.into()).await;
        assert_eq!(refused, Err(Refusal::AssertionExpired), "{name}={at}");
    }
    assert!(with(&bed, |claims| claims["iat"] = (now + 60).into()).await.is_ok(), "a clock that is a minute ahead");
    let refused = with(&bed, |claims| claims["exp"] = Value::Null).await;
    assert_eq!(refused, Err(Refusal::AssertionExpired), "no end");
}

#[tokio::test]
async fn assertion_that_says_an_hour_counts_five_minutes_at_baseline_and_not_at_all_in_the_high_tier() {
    let bed = Bed::new().await;
    let now = seconds(&bed);
    assert!(with(&bed, |claims| claims["exp"] = (now + 3600).into()).await.is_ok());
    let old = bed.client.credentials(&bed, |claims| claims["exp"] = (now + 3600).into());
    bed.clock.advance_ms(300_000);
    assert_eq!(outcome(&bed, &old).await, Err(Refusal::AssertionExpired));
    let no_begin = with(&bed, |claims| {
        claims["exp"] = (now + 3600).into();
        claims.as_object_mut().expect("object").remove("iat");
    });
    assert_eq!(no_begin.await, Err(Refusal::AssertionExpired));
    let high = Bed::with(Tier::High, Suite::International).await;
    assert!(with(&high, |claims| claims["exp"] = (now + 300).into()).await.is_ok());
    assert_eq!(with(&high, |claims| claims["exp"] = (now + 301).into()).await, Err(Refusal::AssertionExpired));
}

#[tokio::test]
async fn assertion_without_an_id_is_refused() {
    let bed = Bed::new().await;
    assert_eq!(with(&bed, |claims| claims["jti"] = "".into()).await, Err(Refusal::WrongClient));
    assert_eq!(with(&bed, |claims| claims["jti"] = "x".repeat(257).into()).await, Err(Refusal::WrongClient));
}

#[tokio::test]
async fn revoked_signing_key_counts_no_more() {
    let bed = Bed::new().await;
    let mut record = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    record.jwks["keys"][0]["revoked"] = json!({ "revoked_at": 1 });
    bed.provider.store.put_client(record, Trail::default()).await.expect("kept");
    assert_eq!(with(&bed, |_| ()).await, Err(Refusal::WrongClient));
}

fn developer(secret: &str) -> ClientRecord {
    ClientRecord {
        id: ClientId(format!("{}:dev", crate::bed::APP)),
        app: yizhan_domain::AppId::new(crate::bed::APP).expect("app"),
        custody: Custody::Development,
        tier: Tier::Baseline,
        suite: Suite::International,
        auth_method: ClientAuthMethod::ClientSecretBasic(hash_secret(secret)),
        jwks: json!({ "keys": [] }),
        redirect_uris: vec!["http://localhost:9000/cb".into()],
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        offline_access: false,
    }
}

fn basic(client: &ClientRecord, secret: &str) -> ClientCredentials {
    ClientCredentials::Basic { client_id: client.id.0.clone(), secret: Zeroizing::new(secret.into()) }
}

#[tokio::test]
async fn secret_counts_for_a_development_registration() {
    let bed = Bed::new().await;
    let client = developer("a secret of enough random bits");
    bed.provider.store.put_client(client.clone(), Trail::default()).await.expect("kept");
    assert!(outcome(&bed, &basic(&client, "a secret of enough random bits")).await.is_ok());
    assert_eq!(outcome(&bed, &basic(&client, "another")).await, Err(Refusal::WrongClient));
}

#[tokio::test]
async fn secret_elsewhere_is_refused() {
    let bed = Bed::new().await;
    let record = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    assert_eq!(outcome(&bed, &basic(&record, "any")).await, Err(Refusal::SecretForbidden), "a signing client");
    let mut backend = developer("a secret of enough random bits");
    backend.custody = Custody::Backend;
    bed.provider.store.put_client(backend.clone(), Trail::default()).await.expect("kept");
    let credentials = basic(&backend, "a secret of enough random bits");
    assert_eq!(outcome(&bed, &credentials).await, Err(Refusal::SecretForbidden), "a back end");
    let production = Bed::of(StoreMode::Production, Tier::Baseline, Suite::International).await;
    let client = developer("a secret of enough random bits");
    let kept = production.provider.store.put_client(client, Trail::default()).await;
    assert!(kept.is_err(), "a production store takes no development registration");
}

#[tokio::test]
async fn assertion_for_a_client_with_a_secret_is_refused() {
    let bed = Bed::new().await;
    let client = developer("a secret of enough random bits");
    bed.provider.store.put_client(client.clone(), Trail::default()).await.expect("kept");
    let signer = TestClient::new(client.id.as_str(), 9, Suite::International);
    assert_eq!(outcome(&bed, &signer.credentials(&bed, |_| ())).await, Err(Refusal::WrongClient));
}
