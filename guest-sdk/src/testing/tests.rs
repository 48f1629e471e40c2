//! The fake host answers as the real one is documented to.

use super::*;
use crate::identity::CapacityKind;
use crate::{Error, PageRequest, catalog, identity, kv, place, visitor};

#[test]
fn a_dropped_host_is_gone() {
    {
        let _host = FakeHost::new().locale("en").install();
        assert!(visitor::preferences().english());
    }
    assert!(!visitor::preferences().english());
}

#[test]
fn items_of_regions_above_and_below_match() {
    let mut county = item("县级事项");
    county.summary.region = "330106000000".to_owned();
    let mut province = item("省级事项");
    province.summary.region = "330000000000".to_owned();
    let mut elsewhere = item("外省事项");
    elsewhere.summary.region = "440100000000".to_owned();
    let _host = FakeHost::new().item(county).item(province).item(elsewhere).install();
    let query = catalog::Query::text("事项").region("330100000000");
    let names: Vec<String> = catalog::search(&query, &PageRequest::default())
        .expect("valid")
        .items
        .into_iter()
        .map(|item| item.name)
        .collect();
    assert_eq!(names, ["县级事项", "省级事项"]);
}

#[test]
fn pages_follow_each_other_and_end() {
    let _host = FakeHost::new().item(item("甲")).item(item("乙")).item(item("丙")).install();
    let query = catalog::Query::default();
    let first = catalog::search(&query, &PageRequest::first(2)).expect("first");
    assert_eq!((first.items.len(), first.total), (2, 3));
    let second = catalog::search(&query, &PageRequest::first(2).after(first.next.as_deref())).expect("second");
    assert_eq!((second.items.len(), second.next), (1, None));
    assert!(catalog::search(&query, &PageRequest::first(101)).is_err());
}

#[test]
fn an_implementer_is_looked_for_upwards() {
    let city = item("社保卡");
    let basic = city.summary.basic_code.clone();
    let _host = FakeHost::new().item(city).install();
    assert_eq!(catalog::implementers(&basic, "330106000000").expect("valid").len(), 1);
    assert_eq!(catalog::implementers(&basic, "440100000000").expect("valid").len(), 0);
}

#[test]
fn one_claim_that_is_not_granted_refuses_all_and_leaves_no_trace() {
    let persona = Persona::new("s").claim("name", "示例").claim("id-number", "11010519491231002X");
    let host = FakeHost::new().persona(persona).grant("p", &["name", "id-number-masked"]).install();
    let authorization = identity::current().expect("host").expect("signed in");
    let refused = authorization.open("p", &["name", "id-number"]).expect_err("not granted");
    assert_eq!(refused, Error::Denied("identity:id-number".to_owned()));
    assert!(authorization.open("other", &["name"]).is_err());
    assert_eq!(host.opened(), Vec::<String>::new());
    let claims = authorization.open("p", &["id-number-masked"]).expect("granted");
    assert_eq!(claims.get("id-number-masked"), Some("110105********002X"));
    assert_eq!(format!("{claims:?}"), "[\"id-number-masked\"]");
    assert_eq!(host.opened(), ["p: id-number-masked"]);
}

#[test]
fn opening_hours_are_local() {
    let _host = FakeHost::new().place(hall("甲", 30.0, 120.0)).install();
    // 2026-01-05 is a Monday; 09:00 in UTC+8 is 01:00 in UTC.
    let monday_nine = 1_767_574_800_000;
    assert_eq!(place::open_at("hall-甲", monday_nine), Ok(true));
    assert_eq!(place::open_at("hall-甲", monday_nine - 1), Ok(false));
    assert_eq!(place::open_at("hall-甲", monday_nine - 86_400_000), Ok(false), "Sunday");
    assert_eq!(place::open_at("none", monday_nine), Err(Error::NotFound));
}

#[test]
fn an_update_tries_again_when_another_was_faster() {
    let host = FakeHost::new().kv("default", "n", "1").install();
    let bucket = kv::open("default").expect("default");
    let mut calls = 0;
    bucket
        .update("n", |old| {
            calls += 1;
            if calls == 1 {
                bucket.set("n", "5").expect("another request");
            }
            let mut value = old.unwrap_or_default();
            value.push(b'0');
            value
        })
        .expect("second try");
    assert_eq!((calls, host.kv("default", "n")), (2, Some(b"50".to_vec())));
    assert_eq!(kv::open("Other bucket").err(), Some(Error::NotFound));
}

#[test]
fn an_envelope_needs_a_back_end_that_the_person_granted_the_purpose_to() {
    let host = || FakeHost::new().persona(Persona::new("s").agent().claim("name", "示例甲")).grant("query", &["name"]);
    let envelope = |purpose: &str| identity::current().expect("host").expect("signed in").envelope(purpose);
    let _bare = host().install();
    assert!(matches!(envelope("query"), Err(Error::NotProvided(_))));
    let _other = host().backend(&["remind"]).install();
    assert!(matches!(envelope("query"), Err(Error::Denied(_))));
    let _whole = host().backend(&["query"]).install();
    assert!(!envelope("query").expect("sealed").contains("示例甲"));
    assert!(matches!(envelope("advertising"), Err(Error::Denied(_))));
    let person = identity::current().expect("host").expect("signed in");
    assert_eq!((person.kind(), person.capacity()), (identity::PersonKind::LegalPerson, CapacityKind::Agent));
}
