//! Registration of apps and clients, and what the hub says of itself.

use crate::bed::{APP, Bed, ISSUER, TestClient, manifest, state};
use serde_json::json;
use yizhan_auth::Refusal;
use yizhan_auth::client_auth::hash_secret;
use yizhan_auth::provider::{Registration, discovery, register_app, register_client, remove_client};
use yizhan_domain::ClientId;
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_store::records::{ClientAuthMethod, ClientRecord, StoreMode};

async fn registered(bed: &Bed, change: impl FnOnce(&mut ClientRecord)) -> Result<(), Refusal> {
    let mut client = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    change(&mut client);
    let registration = Registration { state: state(APP, manifest()), clients: vec![client] };
    register_app(&bed.context(), &bed.provider, "operator:test", registration).await
}

/// Breaks one rule of a right registration.
type Change = fn(&mut ClientRecord);

#[tokio::test]
async fn each_rule_of_clients_is_kept() {
    let bed = Bed::new().await;
    assert_eq!(registered(&bed, |_| ()).await, Ok(()));
    let other = TestClient::new(APP, 44, Suite::International);
    let rules: [(&str, Change); 11] = [
        ("the id is the app's", |client| client.id = ClientId("cn.gov.example.tax".into())),
        ("the app is the state's", |client| client.app = yizhan_domain::AppId::new("cn.gov.tax").expect("app")),
        ("a back end has its own id", |client| client.custody = Custody::Backend),
        ("a secret is for developers", |client| {
            client.auth_method = ClientAuthMethod::ClientSecretBasic(hash_secret("x"))
        }),
        ("a key to sign with", |client| client.jwks = json!({ "keys": [] })),
        ("keys are public ones", |client| client.jwks["keys"][0]["d"] = "AAAA".into()),
        ("a redirect address", |client| client.redirect_uris.clear()),
        ("few redirect addresses", |client| client.redirect_uris = vec!["https://a.example/".into(); 9]),
        ("https", |client| client.redirect_uris = vec!["http://a.example/".into()]),
        ("https for logout", |client| client.backchannel_logout_uri = Some("http://a.example/".into())),
        ("the runtime is never offline", |client| client.offline_access = true),
    ];
    for (rule, change) in rules {
        assert_eq!(registered(&bed, change).await, Err(Refusal::BadRegistration), "{rule}");
    }
    assert_eq!(registered(&bed, |client| client.jwks = other.jwks()).await, Ok(()), "new keys");
}

#[tokio::test]
async fn keys_are_not_shared_between_the_clients_of_an_app() {
    let bed = Bed::new().await;
    let shared = |client: &mut ClientRecord| {
        client.id = ClientId(format!("{APP}:backend"));
        client.custody = Custody::Backend;
    };
    assert_eq!(registered(&bed, shared).await, Err(Refusal::BadRegistration));
}

#[tokio::test]
async fn development_registrations_exist_in_development_stores_only() {
    let developer = |client: &mut ClientRecord| {
        client.id = ClientId(format!("{APP}:dev"));
        client.custody = Custody::Development;
        client.auth_method = ClientAuthMethod::ClientSecretBasic(hash_secret("a secret of enough random bits"));
        client.jwks = json!({ "keys": [] });
    };
    assert_eq!(registered(&Bed::new().await, developer).await, Ok(()));
    let longest = format!(":{}", "x".repeat(31));
    let too_long = format!("{longest}x");
    let bed = Bed::new().await;
    for (rest, outcome) in [
        (":x", Ok(())),
        (longest.as_str(), Ok(())),
        (too_long.as_str(), Err(Refusal::BadRegistration)),
        (":", Err(Refusal::BadRegistration)),
        ("dev", Err(Refusal::BadRegistration)),
    ] {
        let named = |client: &mut ClientRecord| {
            developer(client);
            client.id = ClientId(format!("{APP}{rest}"));
        };
        assert_eq!(registered(&bed, named).await, outcome, "{rest}");
    }
    let high = |client: &mut ClientRecord| {
        developer(client);
        client.tier = Tier::High;
    };
    assert_eq!(registered(&Bed::new().await, high).await, Err(Refusal::BadRegistration));
    let production = Bed::of(StoreMode::Production, Tier::Baseline, Suite::International).await;
    assert_eq!(registered(&production, developer).await, Err(Refusal::BadRegistration));
}

#[tokio::test]
async fn open_app_has_no_client() {
    let bed = Bed::new().await;
    let mut open = manifest();
    open["gov_access"] = "open".into();
    let client = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    let registration = Registration { state: state(APP, open), clients: vec![client] };
    let refused = register_app(&bed.context(), &bed.provider, "operator:test", registration).await;
    assert_eq!(refused, Err(Refusal::BadRegistration));
}

#[tokio::test]
async fn discovery_names_every_endpoint_under_the_configured_origin() {
    let bed = Bed::new().await;
    let metadata = serde_json::to_value(discovery::metadata(&bed.provider)).expect("JSON");
    for (name, value) in metadata.as_object().expect("object") {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().is_some_and(|url| url.starts_with(ISSUER)), "{name}");
        }
    }
    assert_eq!(metadata["issuer"], ISSUER);
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["private_key_jwt", "client_secret_basic"]));
    let production = Bed::of(StoreMode::Production, Tier::Baseline, Suite::International).await;
    let methods = discovery::metadata(&production.provider).token_endpoint_auth_methods_supported;
    assert_eq!(methods, ["private_key_jwt"]);
}

#[tokio::test]
async fn a_back_ends_client_is_registered_and_removed_with_a_trail() {
    let bed = Bed::new().await;
    assert_eq!(registered(&bed, |_| ()).await, Ok(()));
    let store = &*bed.provider.store;
    let runtime = bed.runtime(&bed.client, Tier::Baseline, Suite::International);
    let (id, keys) = (ClientId(format!("{APP}:backend")), TestClient::new(APP, 45, Suite::International));
    let back_end = ClientRecord { id: id.clone(), custody: Custody::Backend, jwks: keys.jwks(), ..runtime.clone() };
    let shared = ClientRecord { jwks: runtime.jwks.clone(), ..back_end.clone() };
    let context = bed.context();
    for refused in [runtime.clone(), shared] {
        let answer = register_client(&context, store, "command", refused).await;
        assert_eq!(answer, Err(Refusal::BadRegistration));
    }
    assert_eq!(register_client(&context, store, "command", back_end.clone()).await, Ok(()));
    assert_eq!(store.find_client(&id).await.expect("reads"), Some(back_end));
    assert_eq!(remove_client(&context, store, "command", &runtime.id).await, Err(Refusal::BadRegistration));
    assert_eq!(remove_client(&context, store, "command", &id).await, Ok(true));
    assert_eq!(remove_client(&context, store, "command", &id).await, Ok(false));
    let page = store.list_audit(None, 2).await.expect("lists");
    let actions: Vec<_> = page.entries.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["client.removed", "client.registered"]);
}
