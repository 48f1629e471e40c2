//! People, handles and data keys.

use super::{
    Store, count, race,
    sample::{NOW, hash, id, keep_person, none, person},
};
use yizhan_store::StoreError;

pub(crate) async fn a_person_is_found_by_id_and_by_every_handle(store: Store) {
    assert_eq!(store.find_person(&id("a")).await.expect("find"), None);
    let kept = keep_person(&store, "a").await;
    assert_eq!(store.find_person(&id("a")).await.expect("find"), Some(kept.clone()));
    for handle in &kept.handles {
        assert_eq!(store.find_person_by_handle(handle).await.expect("find"), Some(id("a")));
    }
    assert_eq!(store.find_person_by_handle(&hash("other")).await.expect("find"), None);
    assert_eq!(store.find_data_key(&id("a")).await.expect("key"), Some(vec![7; 60]));
    assert_eq!(store.find_data_key(&id("b")).await.expect("key"), None);
}

pub(crate) async fn a_taken_id_or_handle_keeps_nothing(store: Store) {
    let kept = keep_person(&store, "a").await;
    let same_id = super::sample::person("a");
    assert!(!store.create_person(same_id, vec![8; 60], none()).await.expect("create"));
    assert_eq!(store.find_data_key(&id("a")).await.expect("key"), Some(vec![7; 60]));
    let mut same_handle = person("b");
    same_handle.handles.push(kept.handles[1]);
    assert!(!store.create_person(same_handle.clone(), vec![8; 60], none()).await.expect("create"));
    assert_eq!(store.find_person(&id("b")).await.expect("find"), None);
    assert_eq!(store.find_person_by_handle(&same_handle.handles[0]).await.expect("find"), None);
    assert_eq!(store.find_data_key(&id("b")).await.expect("key"), None);
}

pub(crate) async fn a_replacement_needs_the_next_revision_and_free_handles(store: Store) {
    let mut kept = keep_person(&store, "a").await;
    let other = keep_person(&store, "b").await;
    for revision in [0, 1, 3] {
        kept.revision = revision;
        assert!(!store.replace_person(kept.clone(), none()).await.expect("replace"), "{revision}");
    }
    kept.revision = 2;
    let dropped = std::mem::replace(&mut kept.handles[0], other.handles[0]);
    assert!(!store.replace_person(kept.clone(), none()).await.expect("replace"), "handle of b");
    assert_eq!(store.find_person_by_handle(&dropped).await.expect("find"), Some(id("a")));
    kept.handles[0] = hash("new");
    assert!(store.replace_person(kept.clone(), none()).await.expect("replace"));
    assert_eq!(store.find_person(&id("a")).await.expect("find"), Some(kept));
    assert_eq!(store.find_person_by_handle(&hash("new")).await.expect("find"), Some(id("a")));
    assert_eq!(store.find_person_by_handle(&dropped).await.expect("find"), None);
    assert!(!store.replace_person(person("nobody"), none()).await.expect("replace"));
}

pub(crate) async fn of_racing_replacements_one_wins(store: Store) {
    let kept = keep_person(&store, "a").await;
    let answers = race(|racer| {
        let (store, mut person) = (store.clone(), kept.clone());
        person.revision = 2;
        person.sealed = format!("racer {racer}");
        async move { store.replace_person(person, none()).await.expect("replace") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let winner = answers.iter().position(|won| *won).expect("winner");
    let found = store.find_person(&id("a")).await.expect("find").expect("person");
    assert_eq!((found.sealed, found.revision), (format!("racer {winner}"), 2));
}

pub(crate) async fn a_data_key_or_record_outside_its_bounds_is_refused(store: Store) {
    let error = store.create_person(person("a"), vec![7; 61], none()).await.expect_err("61 bytes");
    assert_eq!(error.to_string(), "data key in bytes is 61; 1 to 60 is allowed");
    let mut large = person("a");
    large.sealed = "x".repeat(16 << 10);
    let error = store.create_person(large, vec![7; 60], none()).await.expect_err("large");
    assert!(matches!(error, StoreError::Size { max: 16_384, .. }), "{error}");
    let mut long = person("a");
    long.id = id(&"p".repeat(1_025));
    let error = store.create_person(long, vec![7; 60], none()).await.expect_err("long");
    assert!(matches!(error, StoreError::Size { max: 1_024, .. }), "{error}");
    assert_eq!(store.find_person(&id(&"p".repeat(100_000))).await.expect("find"), None);
    assert_eq!(store.find_person_by_handle(&person("a").handles[0]).await.expect("find"), None);
    assert_eq!(store.list_people(None, 10).await.expect("list").entries, []);
    assert!(store.list_sessions(&id("a"), NOW).await.expect("list").is_empty());
}
