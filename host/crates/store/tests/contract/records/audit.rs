//! The audit chain and access logs.

use super::{
    RACERS, Store, race,
    sample::{NOW, access, hash, id, note, rows, trail},
};
use std::collections::BTreeSet;
use yizhan_store::StoreError;
use yizhan_store::records::Trail;

pub(crate) async fn every_record_is_one_link_of_the_chain(store: Store) {
    let mut heads = vec![store.head().await.expect("head")];
    assert_eq!((heads[0].sequence, heads[0].hash), (0, [0; 32]));
    for trail in [trail("a"), Trail { audit: vec![note("b")], access: vec![access("p", NOW)] }, rows(vec![])] {
        store.append(trail).await.expect("append");
        heads.push(store.head().await.expect("head"));
    }
    assert_eq!(heads.iter().map(|head| head.sequence).collect::<Vec<_>>(), [0, 1, 3, 3]);
    assert_eq!(heads.iter().map(|head| head.hash).collect::<BTreeSet<_>>().len(), 3);
}

pub(crate) async fn a_refused_step_leaves_no_trail(store: Store) {
    assert!(!store.use_setup(&hash("none"), NOW, trail("x")).await.expect("use"));
    assert!(!store.revoke_token(&hash("none"), NOW, trail("x")).await.expect("revoke"));
    assert!(!store.use_once("jti", hash("ended"), NOW, NOW, trail("x")).await.expect("use"));
    assert!(!store.erase_person(&id("nobody"), NOW, trail("x")).await.expect("erase"));
    assert_eq!(store.head().await.expect("head").sequence, 0);
    assert!(store.use_once("jti", hash("a"), NOW.plus_ms(1), NOW, trail("used")).await.expect("use"));
    assert_eq!(store.list_audit(None, 10).await.expect("list").entries, [note("used")]);
}

pub(crate) async fn racing_records_are_all_in_the_chain(store: Store) {
    race(|racer| {
        let store = store.clone();
        async move { store.append(trail(&format!("n{racer}"))).await.expect("append") }
    })
    .await;
    assert_eq!(store.head().await.expect("head").sequence, RACERS as u64);
    let listed = store.list_audit(None, 100).await.expect("list").entries;
    assert_eq!(listed.into_iter().map(|record| record.action).collect::<BTreeSet<_>>().len(), RACERS);
}

pub(crate) async fn audit_is_listed_newest_first(store: Store) {
    for index in 0..25 {
        store.append(trail(&format!("{index:02}"))).await.expect("append");
    }
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list_audit(cursor.as_deref(), 10).await.expect("list");
        assert!(page.entries.len() <= 10);
        listed.extend(page.entries.into_iter().map(|record| record.action));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        store.append(trail("newer")).await.expect("append");
    }
    assert_eq!(listed, (0..25).rev().map(|index| format!("{index:02}")).collect::<Vec<_>>());
}

pub(crate) async fn hidden_rows_are_not_listed_before_their_date(store: Store) {
    let mut all = Vec::new();
    for index in 0..150 {
        let mut row = access("a", NOW.plus_ms(index));
        if index != 3 && index != 140 {
            row.hidden_until = Some((NOW.plus_ms(1_000), "investigation".to_owned()));
        }
        store.append(rows(vec![row.clone()])).await.expect("append");
        all.insert(0, row);
    }
    let page = store.list_access(&id("a"), NOW.plus_ms(999), None, 1).await.expect("list");
    assert_eq!(page.entries, [all[9].clone()]);
    let page = store.list_access(&id("a"), NOW.plus_ms(999), page.next.as_deref(), 1).await.expect("list");
    assert_eq!((page.entries, page.next), (vec![all[146].clone()], None), "no cursor tells of hidden rows");
    let page = store.list_access(&id("a"), NOW.plus_ms(1_000), None, 100).await.expect("list");
    assert_eq!(page.entries, all[..100]);
}

pub(crate) async fn a_record_too_large_refuses_its_step(store: Store) {
    let large = Trail::of(note("x").with("detail", "d".repeat(16 << 10)));
    let error = store.use_once("jti", hash("a"), NOW.plus_ms(1), NOW, large).await.expect_err("large");
    assert!(matches!(error, StoreError::Size { .. }), "{error}");
    assert_eq!(store.head().await.expect("head").sequence, 0);
    assert!(store.use_once("jti", hash("a"), NOW.plus_ms(1), NOW, trail("x")).await.expect("nothing was used"));
}
