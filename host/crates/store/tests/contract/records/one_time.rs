//! The one-time set.

use super::{
    Store, count, race,
    sample::{LATER, NOW, hash, none},
};
use yizhan_domain::Timestamp;

pub(crate) async fn of_racing_uses_one_wins(store: Store) {
    let answers = race(|_| {
        let store = store.clone();
        async move { store.use_once("jti", hash("a"), LATER, NOW, none()).await.expect("use") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let just_before = Timestamp(LATER.0 - 1);
    assert!(!store.use_once("jti", hash("a"), LATER.plus_ms(9), just_before, none()).await.expect("use"));
}

pub(crate) async fn kinds_and_hashes_do_not_meet(store: Store) {
    for (kind, name) in [("jti", "a"), ("jti", "b"), ("dpop", "a"), ("jtid", "a")] {
        assert!(store.use_once(kind, hash(name), LATER, NOW, none()).await.expect("use"), "{kind} {name}");
    }
}

pub(crate) async fn what_has_ended_is_never_used(store: Store) {
    for _ in 0..2 {
        assert!(!store.use_once("jti", hash("ended"), NOW, NOW, none()).await.expect("use"));
    }
    // So many that the store removes some by itself: none that counts goes with them.
    for index in 0..200 {
        let expires = NOW.plus_ms(1 + index);
        assert!(store.use_once("jti", hash(&index.to_string()), expires, NOW, none()).await.expect("use"));
    }
    assert!(store.use_once("jti", hash("stays"), LATER, NOW, none()).await.expect("use"));
    let later = Timestamp(LATER.0 - 1);
    for index in 0..200 {
        assert!(store.use_once("other", hash(&index.to_string()), LATER, later, none()).await.expect("use"));
    }
    assert!(!store.use_once("jti", hash("stays"), LATER, later, none()).await.expect("use"));
}
