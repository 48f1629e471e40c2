//! Owner units, members, the set-up link.

use super::{
    Store, count, race,
    sample::{LATER, NOW, hash, id, none},
};
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_store::records::{MemberRecord, UnitRecord};

fn code(text: &str) -> CreditCode {
    text.parse().expect("code")
}

fn first() -> CreditCode {
    code("91110000600037341L")
}

fn second() -> CreditCode {
    code("91350100M000100Y43")
}

fn unit(uscc: CreditCode, name: &str) -> UnitRecord {
    UnitRecord { uscc, name: name.to_owned(), at: NOW }
}

fn member(uscc: CreditCode, person: &str, roles: &[Role]) -> MemberRecord {
    MemberRecord { unit: uscc, person: id(person), roles: roles.to_vec(), at: NOW }
}

async fn set(store: &Store, person: &str, roles: &[Role]) -> bool {
    store.put_member(member(first(), person, roles), none()).await.expect("member")
}

pub(crate) async fn members_need_a_unit_and_are_listed_from_both_sides(store: Store) {
    assert!(!set(&store, "a", &[Role::Author]).await, "no such unit");
    for uscc in [second(), first()] {
        store.put_unit(unit(uscc, "某局"), none()).await.expect("unit");
    }
    let codes: Vec<_> = store.list_units().await.expect("list").into_iter().map(|unit| unit.uscc).collect();
    assert_eq!(codes, [first(), second()]);
    assert!(set(&store, "b", &[Role::Author]).await);
    assert!(set(&store, "a", &[Role::Reviewer, Role::Author, Role::Reviewer]).await);
    let other = member(second(), "a", &[Role::Auditor]);
    assert!(store.put_member(other.clone(), none()).await.expect("member"));
    let sorted = member(first(), "a", &[Role::Author, Role::Reviewer]);
    let members = store.list_members(&first()).await.expect("list");
    assert_eq!(members, [sorted.clone(), member(first(), "b", &[Role::Author])]);
    assert_eq!(store.list_memberships(&id("a")).await.expect("list"), [sorted, other.clone()]);
    assert!(set(&store, "a", &[]).await);
    assert_eq!(store.list_memberships(&id("a")).await.expect("list"), [other]);
}

pub(crate) async fn the_last_owner_admin_stays(store: Store) {
    store.put_unit(unit(first(), "某局"), none()).await.expect("unit");
    assert!(set(&store, "x", &[]).await, "a unit without an admin may stay so");
    assert!(set(&store, "a", &[Role::OwnerAdmin, Role::Author]).await);
    assert!(!set(&store, "a", &[Role::Author]).await);
    assert!(!set(&store, "a", &[]).await);
    assert_eq!(store.list_members(&first()).await.expect("list").len(), 1);
    assert!(set(&store, "b", &[Role::OwnerAdmin]).await);
    assert!(set(&store, "b", &[Role::OwnerAdmin, Role::Auditor]).await);
    assert!(set(&store, "a", &[]).await);
    assert!(!set(&store, "b", &[Role::Auditor]).await);
}

pub(crate) async fn of_racing_resignations_one_admin_stays(store: Store) {
    store.put_unit(unit(first(), "某局"), none()).await.expect("unit");
    for racer in 0..super::RACERS {
        assert!(set(&store, &format!("p{racer}"), &[Role::OwnerAdmin]).await);
    }
    let answers = race(|racer| {
        let store = store.clone();
        async move { set(&store, &format!("p{racer}"), &[]).await }
    })
    .await;
    assert_eq!(count(&answers, &false), 1);
    assert_eq!(store.list_members(&first()).await.expect("list").len(), 1);
}

pub(crate) async fn renaming_a_unit_keeps_its_members(store: Store) {
    store.put_unit(unit(first(), "某局"), none()).await.expect("unit");
    assert!(set(&store, "a", &[Role::OwnerAdmin]).await);
    store.put_unit(unit(first(), "新名"), none()).await.expect("unit");
    assert_eq!(store.find_unit(&first()).await.expect("find"), Some(unit(first(), "新名")));
    assert_eq!(store.find_unit(&second()).await.expect("find"), None);
    assert!(!set(&store, "a", &[]).await, "its admins are still counted");
}

pub(crate) async fn of_racing_uses_of_a_setup_link_one_wins(store: Store) {
    store.put_setup(hash("link"), LATER, none()).await.expect("put");
    assert!(!store.use_setup(&hash("wrong"), NOW, none()).await.expect("use"));
    assert!(!store.use_setup(&hash("link"), LATER, none()).await.expect("use"));
    let answers = race(|_| {
        let store = store.clone();
        async move { store.use_setup(&hash("link"), NOW, none()).await.expect("use") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
}

pub(crate) async fn only_the_newest_setup_link_counts(store: Store) {
    store.put_setup(hash("old"), LATER, none()).await.expect("put");
    store.put_setup(hash("new"), LATER, none()).await.expect("put");
    assert!(!store.use_setup(&hash("old"), NOW, none()).await.expect("use"));
    assert!(store.use_setup(&hash("new"), NOW, none()).await.expect("use"));
}
