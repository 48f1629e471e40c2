//! Pages and cursors.

use super::{
    Store,
    sample::{LATER, NOW, access, client_id, code, consent, grant, id, keep_person, none, request, rows, trail},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use yizhan_store::StoreError;

pub(crate) async fn pages_show_every_row_once_while_rows_come(store: Store) {
    // Several rows of one moment, and rows of somebody whose name begins with the same letter.
    for index in 0..60 {
        let mut row = access("a", NOW.plus_ms(index / 4));
        row.purpose = index.to_string();
        store.append(rows(vec![row, access("ab", NOW)])).await.expect("append");
    }
    let (mut seen, mut times, mut cursor) = (Vec::new(), Vec::new(), None);
    loop {
        let page = store.list_access(&id("a"), LATER, cursor.as_deref(), 7).await.expect("list");
        times.extend(page.entries.iter().map(|row| row.at));
        seen.extend(page.entries.into_iter().map(|row| row.purpose));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        let newer = access("a", NOW.plus_ms(1_000));
        store.append(rows(vec![newer])).await.expect("append");
    }
    assert_eq!(seen.len(), 60);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 60);
    assert!(times.is_sorted_by(|newer, older| newer >= older));
}

pub(crate) async fn pages_of_grants_show_every_one_once_and_newest_first(store: Store) {
    for index in 0..23_u64 {
        let name = format!("g{index}");
        let (mut consent, mut grant, request) = (consent(&name, "a"), grant(&name, "a"), request(&name));
        (consent.at, grant.at) = (NOW.plus_ms(index), NOW.plus_ms(index));
        (consent.client, grant.client) = (client_id(&name), client_id(&name));
        store.put_request(request.clone(), none()).await.expect("request");
        assert!(store.give_consent(request.hash, consent, grant, code(&name), none()).await.expect("give"));
    }
    let (mut grants, mut consents, mut cursors) = (Vec::new(), Vec::new(), (None::<String>, None::<String>));
    for _ in 0..5 {
        let page = store.list_grants(&id("a"), cursors.0.as_deref(), 5).await.expect("list");
        grants.extend(page.entries.into_iter().map(|grant| grant.id.0));
        cursors.0 = page.next;
        let page = store.list_consents(&id("a"), cursors.1.as_deref(), 5).await.expect("list");
        consents.extend(page.entries.into_iter().map(|consent| consent.id.0));
        cursors.1 = page.next;
    }
    assert_eq!(cursors, (None, None));
    assert_eq!(grants, (0..23).rev().map(|index| format!("grant-g{index}")).collect::<Vec<_>>());
    assert_eq!(consents, (0..23).rev().map(|index| format!("consent-g{index}")).collect::<Vec<_>>());
}

pub(crate) async fn pages_of_people_stay_right_while_people_come(store: Store) {
    for index in 0..20 {
        keep_person(&store, &format!("p{index:02}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    for round in 0.. {
        let page = store.list_people(cursor.as_deref(), 6).await.expect("list");
        seen.extend(page.entries.into_iter().map(|person| person.id.0));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        keep_person(&store, &format!("a{round}")).await;
    }
    assert_eq!(seen, (0..20).map(|index| format!("p{index:02}")).collect::<Vec<_>>());
}

pub(crate) async fn a_cursor_of_another_list_is_refused(store: Store) {
    for index in 0..3 {
        store.append(trail("x")).await.expect("append");
        store.append(rows(vec![access("a", NOW.plus_ms(index))])).await.expect("append");
        keep_person(&store, &format!("p{index}")).await;
    }
    let cursor = store.list_audit(None, 1).await.expect("list").next.expect("cursor");
    let long = "A".repeat(5_000);
    for cursor in [cursor.as_str(), "", "!", "Zg==", "AAAA", &long] {
        let error = store.list_access(&id("a"), LATER, Some(cursor), 1).await.expect_err("access");
        assert!(matches!(error, StoreError::Cursor { list: "access log", .. }), "{error}");
        assert!(matches!(store.list_people(Some(cursor), 1).await, Err(StoreError::Cursor { .. })));
        assert!(matches!(store.list_grants(&id("a"), Some(cursor), 1).await, Err(StoreError::Cursor { .. })));
    }
    let error = store.list_audit(Some("!"), 1).await.expect_err("audit");
    assert_eq!(
        error.to_string(),
        "the cursor of audit is not base64url; pass the `next` of the page before unchanged, or none"
    );
}

pub(crate) async fn a_cursor_never_shows_another_person(store: Store) {
    for person in ["a", "b", "c"] {
        for index in 0..4 {
            store.append(rows(vec![access(person, NOW.plus_ms(index))])).await.expect("append");
        }
    }
    let cursor = store.list_access(&id("b"), LATER, None, 2).await.expect("list").next.expect("cursor");
    let mut forged = BASE64_URL_SAFE_NO_PAD.decode(&cursor).expect("base64url");
    forged.truncate(1);
    for rest in [vec![0], vec![0xff; 40], vec![0xff; 16]] {
        let forged = BASE64_URL_SAFE_NO_PAD.encode([forged.clone(), rest].concat());
        for cursor in [&cursor, &forged] {
            let page = store.list_access(&id("b"), LATER, Some(cursor), 100).await.expect("list");
            assert!(page.entries.iter().all(|row| row.person == id("b")));
        }
    }
    let page = store.list_access(&id("a"), LATER, Some(&cursor), 100).await.expect("list");
    assert!(page.entries.iter().all(|row| row.person == id("a")));
}

pub(crate) async fn limits_outside_their_bounds_are_refused(store: Store) {
    for limit in [0, 101] {
        let answers = [
            store.list_audit(None, limit).await.err(),
            store.list_access(&id("a"), NOW, None, limit).await.err(),
            store.list_people(None, limit).await.err(),
            store.list_grants(&id("a"), None, limit).await.err(),
            store.list_consents(&id("a"), None, limit).await.err(),
        ];
        assert!(answers.iter().all(|answer| matches!(answer, Some(StoreError::Size { max: 100, .. }))), "{answers:?}");
    }
}
