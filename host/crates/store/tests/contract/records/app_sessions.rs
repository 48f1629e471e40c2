//! Logins and sessions at the runtime.

use super::{
    RACERS, Store, count, race,
    sample::{LATER, NOW, app, app_session, hash, none},
};
use yizhan_domain::SessionId;
use yizhan_store::records::LoginRecord;

fn login(name: &str) -> LoginRecord {
    LoginRecord { hash: hash(name), app: app("shop"), sealed: "sealed".to_owned(), expires: LATER }
}

pub(crate) async fn of_racing_takers_of_a_login_one_gets_it(store: Store) {
    store.put_login(login("l")).await.expect("put");
    let answers = race(|_| {
        let store = store.clone();
        async move { store.take_login(&hash("l"), NOW).await.expect("take") }
    })
    .await;
    assert_eq!(count(&answers, &Some(login("l"))), 1);
    assert_eq!(count(&answers, &None), RACERS - 1);
    store.put_login(login("late")).await.expect("put");
    assert_eq!(store.take_login(&hash("late"), LATER).await.expect("take"), None);
}

pub(crate) async fn an_app_session_is_replaced_while_it_lives(store: Store) {
    let kept = app_session("a", "shop", "s");
    store.create_app_session(kept.clone(), none()).await.expect("create");
    assert_eq!(store.find_app_session(&kept.hash, NOW).await.expect("find"), Some(kept.clone()));
    assert_eq!(store.find_app_session(&kept.hash, LATER).await.expect("find"), None);
    let mut new = kept.clone();
    new.sealed_tokens = "fresh".to_owned();
    assert!(store.replace_app_session(new.clone(), NOW).await.expect("replace"));
    assert_eq!(store.find_app_session(&kept.hash, NOW).await.expect("find"), Some(new.clone()));
    assert!(store.end_app_session(&kept.hash, none()).await.expect("end"));
    assert!(!store.end_app_session(&kept.hash, none()).await.expect("end"));
    assert!(!store.replace_app_session(new, NOW).await.expect("replace"));
    assert_eq!(store.find_app_session(&kept.hash, NOW).await.expect("find"), None);
}

pub(crate) async fn a_logout_ends_exactly_the_sessions_that_came_from_it(store: Store) {
    let sessions =
        [("1", "shop", "s"), ("2", "shop", "s"), ("3", "shop", "other"), ("4", "bank", "s"), ("5", "shop", "moved")];
    for (name, app, session) in sessions {
        store.create_app_session(app_session(name, app, session), none()).await.expect("create");
    }
    let moved = app_session("5", "shop", "s");
    assert!(store.replace_app_session(moved, NOW).await.expect("replace"));
    let from = SessionId("s".to_owned());
    assert_eq!(store.end_app_sessions_of(&app("shop"), &from, none()).await.expect("end"), 3);
    assert_eq!(store.end_app_sessions_of(&app("shop"), &from, none()).await.expect("end"), 0);
    for ((name, app, session), lives) in sessions.into_iter().zip([false, false, true, true, false]) {
        let found = store.find_app_session(&app_session(name, app, session).hash, NOW).await.expect("find");
        assert_eq!(found.is_some(), lives, "{name}");
    }
}
