//! Erasing a person.

use super::{
    Store,
    sample::{
        LATER, NOW, client_id, code, consent, exchange, give, grant, has_token, hash, id, keep_person, none, pair,
        person, request, session, trail,
    },
};
use yizhan_domain::authorization::Role;
use yizhan_store::records::{Credentials, Exchange, MemberRecord, Rotation, TotpRecord, Trails, UnitRecord};

fn credentials(person: &str) -> Credentials {
    Credentials {
        person: id(person),
        password: Some("$argon2id$".to_owned()),
        totp: Some(TotpRecord { sealed: "sealed".to_owned(), used_step: 0 }),
        recovery: vec![hash("recovery")],
        passkeys: vec!["passkey".to_owned()],
        reset: None,
        revision: 0,
    }
}

pub(crate) async fn erasing_leaves_nothing_readable(store: Store) {
    let kept = keep_person(&store, "a").await;
    let other = keep_person(&store, "b").await;
    store.put_credentials(credentials("a"), none()).await.expect("credentials");
    store.create_session(session("s", "a"), none()).await.expect("session");
    exchange(&store, "g", "a").await;
    exchange(&store, "other", "b").await;
    let uscc: yizhan_domain::code::CreditCode = "91350100M000100Y43".parse().expect("code");
    let unit = UnitRecord { uscc: uscc.clone(), name: "某局".to_owned(), at: NOW };
    store.put_unit(unit, none()).await.expect("unit");
    let member = MemberRecord { unit: uscc.clone(), person: id("a"), roles: vec![Role::OwnerAdmin], at: NOW };
    assert!(store.put_member(member, none()).await.expect("member"));

    assert!(store.erase_person(&id("a"), NOW, trail("person.erased")).await.expect("erase"));

    let found = store.find_person(&id("a")).await.expect("find").expect("its name stays");
    assert_eq!((found.sealed.as_str(), found.handles.len(), found.erased), ("", 0, Some(NOW)));
    assert_eq!(store.find_data_key(&id("a")).await.expect("key"), None);
    for handle in &kept.handles {
        assert_eq!(store.find_person_by_handle(handle).await.expect("find"), None);
    }
    assert_eq!(store.find_credentials(&id("a")).await.expect("find"), None);
    assert_eq!(store.find_session(&session("s", "a").hash, NOW).await.expect("find"), None);
    assert_eq!(store.find_session_by_id(&session("s", "a").id, NOW).await.expect("find"), None);
    assert_eq!(store.find_live_grant(&id("a"), None, &client_id("shop"), NOW).await.expect("find"), None);
    assert!(!has_token(&store, "a-g").await && !has_token(&store, "r-g").await);
    assert!(store.list_memberships(&id("a")).await.expect("list").is_empty());
    assert!(store.list_members(&uscc).await.expect("list").is_empty());

    assert_eq!(store.find_person(&id("b")).await.expect("find"), Some(other));
    assert_eq!(store.find_data_key(&id("b")).await.expect("key"), Some(vec![7; 60]));
    assert!(has_token(&store, "a-other").await);
    assert!(!store.erase_person(&id("nobody"), NOW, none()).await.expect("erase"));
}

pub(crate) async fn an_erased_person_gets_no_credentials_session_consent_or_change(store: Store) {
    let mut kept = keep_person(&store, "a").await;
    assert!(give(&store, "before", "a").await);
    store.create_session(session("old", "a"), none()).await.expect("session");
    assert!(store.erase_person(&id("a"), NOW, none()).await.expect("erase"));
    store.put_credentials(credentials("a"), none()).await.expect("credentials");
    assert_eq!(store.find_credentials(&id("a")).await.expect("find"), None);
    store.create_session(session("s", "a"), none()).await.expect("session");
    assert_eq!(store.find_session(&session("s", "a").hash, NOW).await.expect("find"), None);
    let old = session("old", "a").hash;
    assert!(!store.replace_session(&old, session("s", "a"), NOW, none()).await.expect("replace"));
    assert!(!give(&store, "after", "a").await);
    let exchange = store.exchange_code(&code("before").hash, NOW, pair("before"), Trails::default()).await;
    assert_eq!(exchange.expect("exchange"), Exchange::Missing);
    let rotation = store.rotate_refresh(&hash("token r-before"), NOW, Vec::new(), Trails::default()).await;
    assert_eq!(rotation.expect("rotate"), Rotation::Missing);
    for revision in 0..5 {
        kept.revision = revision;
        assert!(!store.replace_person(kept.clone(), none()).await.expect("replace"));
        assert!(!store.create_person(kept.clone(), vec![7; 60], none()).await.expect("create"));
    }
    assert_eq!(store.find_data_key(&id("a")).await.expect("key"), None);
}

pub(crate) async fn a_long_list_of_sessions_and_grants_ends_whole(store: Store) {
    keep_person(&store, "a").await;
    for index in 0..250 {
        store.create_session(session(&format!("s{index}"), "a"), none()).await.expect("session");
        let (name, request) = (format!("g{index}"), request(&format!("g{index}")));
        store.put_request(request.clone(), none()).await.expect("request");
        let (mut consent, mut grant) = (consent(&name, "a"), grant(&name, "a"));
        (consent.client, grant.client) = (client_id(&name), client_id(&name));
        assert!(store.give_consent(request.hash, consent, grant, code(&name), none()).await.expect("consent"));
    }
    assert_eq!(store.list_sessions(&id("a"), NOW).await.expect("list").len(), 250);
    assert!(store.erase_person(&id("a"), NOW, none()).await.expect("erase"));
    assert!(store.list_sessions(&id("a"), NOW).await.expect("list").is_empty());
    for index in 0..250 {
        let grant = store.find_grant(&grant(&format!("g{index}"), "a").id).await.expect("find").expect("grant");
        assert_eq!(grant.revoked, Some((NOW, "erased".to_owned())), "{index}");
        assert!(grant.expires == LATER);
    }
}

pub(crate) async fn handles_of_the_erased_are_free_again(store: Store) {
    let kept = keep_person(&store, "a").await;
    assert!(store.erase_person(&id("a"), NOW, none()).await.expect("erase"));
    let mut newcomer = person("b");
    newcomer.handles = kept.handles.clone();
    assert!(store.create_person(newcomer, vec![9; 60], none()).await.expect("create"));
    assert!(store.erase_person(&id("a"), NOW, none()).await.expect("erased before"));
    assert_eq!(store.find_person_by_handle(&kept.handles[0]).await.expect("find"), Some(id("b")));
}
