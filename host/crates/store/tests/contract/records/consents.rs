//! Requests, consents and grants.

use super::{
    RACERS, Store, count, race,
    sample::{
        LATER, NOW, capacity, client_id, code, consent, exchange, give, grant, has_token, id, none, pair, request,
        trail,
    },
};
use yizhan_store::records::{Exchange, Trails};

pub(crate) async fn of_racing_takers_of_a_request_one_gets_it(store: Store) {
    store.put_request(request("r"), none()).await.expect("put");
    let wanted = request("r").hash;
    assert_eq!(store.find_request(&wanted, NOW).await.expect("find"), Some(request("r")));
    assert_eq!(store.find_request(&wanted, LATER).await.expect("find"), None);
    let answers = race(|_| {
        let store = store.clone();
        async move { store.take_request(&wanted, NOW, trail("request.taken")).await.expect("take") }
    })
    .await;
    assert_eq!(count(&answers, &Some(request("r"))), 1);
    assert_eq!(count(&answers, &None), RACERS - 1);
    assert_eq!(store.find_request(&wanted, NOW).await.expect("find"), None);
    assert_eq!(store.head().await.expect("head").sequence, 1);
    store.put_request(request("late"), none()).await.expect("put");
    assert_eq!(store.take_request(&request("late").hash, LATER, none()).await.expect("take"), None);
}

pub(crate) async fn of_racing_consents_to_one_request_one_is_kept(store: Store) {
    store.put_request(request("r"), none()).await.expect("put");
    let answers = race(|racer| {
        let (store, name) = (store.clone(), format!("n{racer}"));
        async move {
            let given = (consent(&name, "a"), grant(&name, "a"), code(&name));
            store.give_consent(request("r").hash, given.0, given.1, given.2, none()).await.expect("give")
        }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let winner = format!("n{}", answers.iter().position(|won| *won).expect("winner"));
    let consents = store.list_consents(&id("a"), None, 100).await.expect("list").entries;
    assert_eq!(consents, [consent(&winner, "a")]);
    assert_eq!(store.list_grants(&id("a"), None, 100).await.expect("list").entries, [grant(&winner, "a")]);
}

pub(crate) async fn a_consent_without_its_request_keeps_nothing(store: Store) {
    let mut ended = request("ended");
    ended.expires = NOW;
    store.put_request(ended, none()).await.expect("put");
    for name in ["ended", "unknown"] {
        let given = (consent(name, "a"), grant(name, "a"), code(name));
        let request = request(name).hash;
        assert!(!store.give_consent(request, given.0, given.1, given.2, trail("x")).await.expect("give"), "{name}");
        assert_eq!(store.find_consent(&consent(name, "a").id).await.expect("find"), None);
        assert_eq!(store.find_grant(&grant(name, "a").id).await.expect("find"), None);
        assert_eq!(store.find_code(&code(name).hash).await.expect("find"), None);
    }
    assert_eq!(store.head().await.expect("head").sequence, 0);
}

pub(crate) async fn a_new_consent_replaces_the_live_grant_of_the_same_capacity(store: Store) {
    exchange(&store, "first", "a").await;
    assert!(give(&store, "unused", "b").await);
    store.put_request(request("agent"), none()).await.expect("put");
    let (mut as_agent, mut agent_grant) = (consent("agent", "a"), grant("agent", "a"));
    (as_agent.acting_for, agent_grant.acting_for) = (Some(capacity()), Some(capacity()));
    let kept = store.give_consent(request("agent").hash, as_agent, agent_grant.clone(), code("agent"), none()).await;
    assert!(kept.expect("give"));
    assert!(has_token(&store, "a-first").await, "another capacity replaces nothing");

    assert!(give(&store, "second", "a").await);
    let first = store.find_grant(&grant("first", "a").id).await.expect("find").expect("grant");
    assert_eq!(first.revoked, Some((NOW, "replaced".to_owned())));
    assert!(!has_token(&store, "a-first").await && !has_token(&store, "r-first").await);
    let live = |acting_for| {
        let store = store.clone();
        async move { store.find_live_grant(&id("a"), acting_for, &client_id("shop"), NOW).await.expect("find") }
    };
    assert_eq!(live(None).await, Some(grant("second", "a")));
    let agent = capacity();
    let found = store.find_live_grant(&id("a"), Some(&agent), &client_id("shop"), NOW).await.expect("find");
    assert_eq!(found, Some(agent_grant));
    assert_eq!(store.find_live_grant(&id("a"), None, &client_id("shop"), LATER).await.expect("find"), None);
    let old = store.exchange_code(&code("unused").hash, NOW, pair("unused"), Trails::default()).await;
    assert_eq!(old.expect("exchange"), Exchange::Exchanged, "another person's grant stays");
}

pub(crate) async fn a_revoked_grant_never_comes_back(store: Store) {
    exchange(&store, "g", "a").await;
    let id_of = grant("g", "a").id;
    assert!(store.revoke_grant(&id_of, "person", NOW, trail("grant.revoked")).await.expect("revoke"));
    assert!(!store.revoke_grant(&id_of, "again", NOW, trail("grant.revoked")).await.expect("revoke"));
    let ended = store.find_grant(&id_of).await.expect("find").expect("grant");
    assert_eq!(ended.revoked, Some((NOW, "person".to_owned())));
    let consent = store.find_consent(&consent("g", "a").id).await.expect("find").expect("consent");
    assert_eq!(consent.withdrawn, Some(NOW));
    assert_eq!(store.find_live_grant(&id("a"), None, &client_id("shop"), NOW).await.expect("find"), None);
    assert!(!has_token(&store, "a-g").await && !has_token(&store, "r-g").await);
    assert!(!give(&store, "g", "a").await, "the same ids are not given again");
    assert!(give(&store, "anew", "a").await);
    assert_eq!(store.find_grant(&id_of).await.expect("find"), Some(ended));
    assert!(!has_token(&store, "a-g").await);
    let past = grant("anew", "a").id;
    assert!(!store.revoke_grant(&past, "late", LATER, none()).await.expect("it ended by itself"));
}

pub(crate) async fn ids_in_use_are_not_given_again(store: Store) {
    assert!(give(&store, "used", "a").await);
    store.put_request(request("r"), none()).await.expect("put");
    let attempt = async |of: [&str; 3]| {
        let given = (consent(of[0], "b"), grant(of[1], "b"), code(of[2]));
        store.give_consent(request("r").hash, given.0, given.1, given.2, none()).await.expect("give")
    };
    for of in [["used", "n", "n"], ["n", "used", "n"], ["n", "n", "used"]] {
        assert!(!attempt(of).await, "{of:?}");
    }
    assert!(attempt(["n", "n", "n"]).await, "the request is still there");
}

pub(crate) async fn a_code_needs_a_live_grant_and_a_request(store: Store) {
    assert!(give(&store, "g", "a").await);
    let mut again = code("again");
    again.grant = grant("g", "a").id;
    let issue = async |code: &yizhan_store::records::CodeRecord, now| {
        store.issue_code(request("again").hash, code.clone(), now, none()).await.expect("issue")
    };
    assert!(!issue(&again, NOW).await, "no request");
    store.put_request(request("again"), none()).await.expect("put");
    assert!(!issue(&code("foreign"), NOW).await, "no grant");
    let mut same = code("g");
    same.grant = grant("g", "a").id;
    assert!(!issue(&same, NOW).await, "a code that is in use");
    let mut stolen = again.clone();
    stolen.client = client_id("bank");
    assert!(!issue(&stolen, NOW).await, "another client's grant");
    assert!(issue(&again, NOW).await);
    assert_eq!(store.find_code(&again.hash).await.expect("find"), Some(again.clone()));
    store.put_request(request("again"), none()).await.expect("put");
    store.revoke_grant(&again.grant, "person", NOW, none()).await.expect("revoke");
    let mut more = code("more");
    more.grant = again.grant;
    assert!(!issue(&more, NOW).await, "the grant is revoked");
    assert!(store.find_request(&request("again").hash, NOW).await.expect("find").is_some(), "and the request stays");
}
