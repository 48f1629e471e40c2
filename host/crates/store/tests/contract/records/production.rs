//! What a production store refuses.

use super::{
    Store,
    sample::{client, client_id, hash, id, none, person},
};
use yizhan_domain::authorization::Custody;
use yizhan_store::StoreError;
use yizhan_store::records::{ClientAuthMethod, HubStore, StoreMode};

pub(crate) async fn a_production_store_takes_no_persona(store: Store) {
    assert_eq!(HubStore::mode(&*store), StoreMode::Production);
    let mut persona = person("a");
    persona.persona = true;
    let error = store.create_person(persona.clone(), vec![7; 60], none()).await.expect_err("persona");
    assert!(matches!(error, StoreError::DevelopmentOnly { .. }), "{error}");
    assert_eq!(store.find_person(&id("a")).await.expect("find"), None);
    assert!(store.create_person(person("a"), vec![7; 60], none()).await.expect("create"));
    persona.revision = 2;
    assert!(store.replace_person(persona, none()).await.is_err());
}

pub(crate) async fn a_production_store_takes_no_development_registration(store: Store) {
    let mut secret = client("shop");
    secret.auth_method = ClientAuthMethod::ClientSecretBasic(hash("secret"));
    let mut developer = client("shop");
    developer.custody = Custody::Development;
    for client in [secret, developer] {
        let error = store.put_client(client, none()).await.expect_err("development");
        assert!(matches!(error, StoreError::DevelopmentOnly { .. }), "{error}");
    }
    assert_eq!(store.find_client(&client_id("shop")).await.expect("find"), None);
    store.put_client(client("shop"), none()).await.expect("client");
}
