//! Sessions of browsers at the hub.

use super::{
    Store, count, race,
    sample::{LATER, NOW, hash, id, none, session},
};

pub(crate) async fn a_session_is_found_until_it_ends(store: Store) {
    let kept = session("s", "a");
    store.create_session(kept.clone(), none()).await.expect("create");
    let just_before = yizhan_domain::Timestamp(LATER.0 - 1);
    for (now, found) in [(NOW, true), (just_before, true), (LATER, false)] {
        let expected = found.then(|| kept.clone());
        assert_eq!(store.find_session(&kept.hash, now).await.expect("find"), expected);
        assert_eq!(store.find_session_by_id(&kept.id, now).await.expect("find"), expected);
    }
}

pub(crate) async fn a_replaced_session_is_found_under_the_new_hash_only(store: Store) {
    let old = session("s", "a");
    store.create_session(old.clone(), none()).await.expect("create");
    let mut new = old.clone();
    new.hash = hash("stronger");
    assert!(store.replace_session(&old.hash, new.clone(), NOW, none()).await.expect("replace"));
    assert_eq!(store.find_session(&old.hash, NOW).await.expect("find"), None);
    assert_eq!(store.find_session(&new.hash, NOW).await.expect("find"), Some(new.clone()));
    assert_eq!(store.find_session_by_id(&old.id, NOW).await.expect("find"), Some(new.clone()));
    assert_eq!(store.list_sessions(&id("a"), NOW).await.expect("list"), std::slice::from_ref(&new));
    assert!(!store.replace_session(&new.hash, old, LATER, none()).await.expect("ended"));
}

pub(crate) async fn of_racing_replacements_one_wins(store: Store) {
    let old = session("s", "a");
    store.create_session(old.clone(), none()).await.expect("create");
    let answers = race(|racer| {
        let (store, mut new, old) = (store.clone(), old.clone(), old.hash);
        new.hash = hash(&format!("racer {racer}"));
        async move { store.replace_session(&old, new, NOW, none()).await.expect("replace") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    assert_eq!(store.list_sessions(&id("a"), NOW).await.expect("list").len(), 1);
}

pub(crate) async fn an_ended_session_never_comes_back(store: Store) {
    let kept = session("s", "a");
    store.create_session(kept.clone(), none()).await.expect("create");
    assert!(store.end_session(&kept.id, none()).await.expect("end"));
    assert!(!store.end_session(&kept.id, none()).await.expect("end"));
    assert_eq!(store.find_session(&kept.hash, NOW).await.expect("find"), None);
    assert!(!store.replace_session(&kept.hash, kept.clone(), NOW, none()).await.expect("replace"));
    assert_eq!(store.find_session_by_id(&kept.id, NOW).await.expect("find"), None);
}

pub(crate) async fn a_name_stands_for_one_session(store: Store) {
    let old = session("s", "a");
    let mut new = old.clone();
    new.hash = hash("again");
    for session in [&old, &new] {
        store.create_session(session.clone(), none()).await.expect("create");
    }
    assert_eq!(store.find_session(&old.hash, NOW).await.expect("find"), None);
    assert!(store.end_session(&old.id, none()).await.expect("end"));
    assert_eq!(store.find_session(&new.hash, NOW).await.expect("find"), None);
}

pub(crate) async fn only_live_sessions_of_the_person_are_listed(store: Store) {
    for (name, person) in [("s1", "a"), ("s2", "a"), ("s3", "ab"), ("s4", "b")] {
        store.create_session(session(name, person), none()).await.expect("create");
    }
    let mut short = session("s5", "a");
    short.expires = NOW.plus_ms(1);
    store.create_session(short, none()).await.expect("create");
    let names = async |now| {
        let sessions = store.list_sessions(&id("a"), now).await.expect("list");
        sessions.into_iter().map(|session| session.id.0).collect::<Vec<_>>()
    };
    assert_eq!(names(NOW).await, ["s1", "s2", "s5"]);
    assert_eq!(names(NOW.plus_ms(1)).await, ["s1", "s2"]);
}
