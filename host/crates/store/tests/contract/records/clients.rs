//! Clients and states of apps.

use super::{
    RACERS, Store, race,
    sample::{app, app_state, client, client_id, none},
};
use serde_json::json;
use yizhan_domain::ClientId;
use yizhan_store::StoreError;
use yizhan_store::records::AppState;

pub(crate) async fn clients_are_found_by_id_and_by_app(store: Store) {
    let mut backend = client("shop");
    backend.id = ClientId("cn.gov.example.shop:backend".to_owned());
    for client in [backend.clone(), client("shop"), client("bank")] {
        store.put_client(client, none()).await.expect("put");
    }
    assert_eq!(store.find_client(&backend.id).await.expect("find"), Some(backend.clone()));
    assert_eq!(store.list_clients(&app("shop")).await.expect("list"), [client("shop"), backend.clone()]);
    let mut moved = backend.clone();
    moved.app = app("bank");
    store.put_client(moved.clone(), none()).await.expect("put");
    assert_eq!(store.list_clients(&app("shop")).await.expect("list"), [client("shop")]);
    assert!(store.remove_client(&moved.id, none()).await.expect("remove"));
    assert!(!store.remove_client(&moved.id, none()).await.expect("remove"));
    assert_eq!(store.find_client(&moved.id).await.expect("find"), None);
    assert_eq!(store.list_clients(&app("bank")).await.expect("list"), [client("bank")]);
}

pub(crate) async fn keys_that_fit_are_kept_and_more_is_refused(store: Store) {
    let mut large = client("shop");
    large.jwks = json!({"keys": ["k".repeat(15_000)]});
    store.put_client(large.clone(), none()).await.expect("15 000 bytes fit");
    assert_eq!(store.find_client(&large.id).await.expect("find"), Some(large.clone()));
    let mut larger = large.clone();
    larger.jwks = json!({"keys": ["k".repeat(16_384)]});
    let error = store.put_client(larger, none()).await.expect_err("too large");
    assert!(matches!(error, StoreError::Size { max: 16_384, .. }), "{error}");
    assert_eq!(store.find_client(&client_id("shop")).await.expect("find"), Some(large));
}

pub(crate) async fn the_generation_rises_with_every_change(store: Store) {
    assert_eq!(store.find_app_state(&app("shop")).await.expect("find"), None);
    race(|_| {
        let store = store.clone();
        async move { store.put_app_state(app_state("shop", json!({})), none()).await.expect("put") }
    })
    .await;
    let mut state = store.find_app_state(&app("shop")).await.expect("find").expect("state");
    assert_eq!(state.generation, RACERS as u64);
    (state.generation, state.state) = (0, AppState::Suspended);
    store.put_app_state(state, none()).await.expect("put");
    let state = store.find_app_state(&app("shop")).await.expect("find").expect("state");
    assert_eq!((state.generation, state.state), (RACERS as u64 + 1, AppState::Suspended));
}

pub(crate) async fn a_renewed_version_keeps_the_generation_that_it_was_made_for(store: Store) {
    assert!(!store.renew_app_state(app_state("shop", json!("none")), none()).await.expect("renew"), "no such app");
    store.put_app_state(app_state("shop", json!("first")), none()).await.expect("put");
    let mut next = app_state("shop", json!("second"));
    next.generation = 1;
    assert!(store.renew_app_state(next.clone(), none()).await.expect("renew"));
    let found = store.find_app_state(&app("shop")).await.expect("find").expect("state");
    assert_eq!((found.generation, found.manifest), (1, json!("second")));
    let suspended = yizhan_store::records::AppStateRecord { state: AppState::Suspended, ..next.clone() };
    store.put_app_state(suspended, none()).await.expect("put");
    for generation in [1, 2] {
        next.generation = generation;
        assert!(!store.renew_app_state(next.clone(), none()).await.expect("renew"), "it was suspended meanwhile");
    }
    let found = store.find_app_state(&app("shop")).await.expect("find").expect("state");
    assert_eq!((found.generation, found.state), (2, AppState::Suspended));
}

pub(crate) async fn a_manifest_is_read_back_at_every_length(store: Store) {
    store.put_app_state(app_state("shopping", json!("other")), none()).await.expect("put");
    let part = 16 << 10;
    for length in [0, 1, part - 3, part - 2, part - 1, 256 * 1_024 - 2, 5 * part, 10] {
        let manifest = json!("m".repeat(length));
        store.put_app_state(app_state("shop", manifest.clone()), none()).await.expect("put");
        let found = store.find_app_state(&app("shop")).await.expect("find").expect("state");
        assert!(found.manifest == manifest, "{length} characters");
    }
    let states = store.list_app_states().await.expect("list");
    let names: Vec<_> = states.iter().map(|state| (state.slug.as_str(), &state.manifest)).collect();
    assert_eq!(names, [("shop", &json!("m".repeat(10))), ("shopping", &json!("other"))]);
}

pub(crate) async fn a_manifest_beyond_its_bound_changes_nothing(store: Store) {
    store.put_app_state(app_state("shop", json!("small")), none()).await.expect("put");
    let error = store.put_app_state(app_state("shop", json!("m".repeat(256 << 10))), none()).await.expect_err("large");
    assert!(matches!(error, StoreError::Size { what: "manifest in bytes", .. }), "{error}");
    let found = store.find_app_state(&app("shop")).await.expect("find").expect("state");
    assert_eq!((found.manifest, found.generation), (json!("small"), 1));
}
