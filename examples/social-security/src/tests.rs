//! Handlers against a fake host: signed out, all granted, optional refused, required refused.

use super::*;
use yizhan_sdk::testing::{FakeHost, Persona};

fn get(target: &str) -> Response {
    app().handle(Request::get(target).with_header("accept", "text/html"))
}

fn persona() -> Persona {
    Persona::new("subject-1")
        .claim("name", "示例甲")
        .claim("id-number", "11010519491231002X")
        .claim("mobile", "13800000000")
}

#[test]
fn signed_out_the_app_says_what_it_will_ask_and_links_to_sign_in() {
    let host = FakeHost::new().install();
    let page = get("/").text();
    assert!(
        page.contains(
            "href=\"/.yizhan/login?purpose=query-insurance&amp;claims=name%2Cid-number-masked%2Cmobile-masked"
        )
    );
    assert!(page.contains("可不提供") && page.contains("登录并授权"));
    assert_eq!(host.opened(), Vec::<String>::new());
}

#[test]
fn all_granted_shows_masked_data_in_one_opening() {
    let granted = ["name", "id-number-masked", "mobile-masked"];
    let host = FakeHost::new().persona(persona()).grant(PURPOSE, &granted).install();
    let page = get("/").text();
    for expected in ["示例甲", "110105********002X", "138****0000", "养老保险", "示例数据", "2026年7月4日"]
    {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!page.contains("11010519491231002X") && !page.contains("13800000000"));
    assert_eq!(host.opened(), ["query-insurance: name, id-number-masked, mobile-masked"]);
}

#[test]
fn refusing_the_optional_claim_takes_nothing_away() {
    let host = FakeHost::new().persona(persona()).grant(PURPOSE, &["name", "id-number-masked"]).install();
    let page = get("/").text();
    assert!(page.contains("不影响查询") && page.contains("养老保险") && !page.contains("138"));
    assert_eq!(host.opened(), ["query-insurance: name, id-number-masked"]);
}

#[test]
fn without_a_required_claim_nothing_is_opened() {
    let host = FakeHost::new().persona(persona()).grant(PURPOSE, &["name"]).install();
    assert!(get("/").text().contains("登录并授权"));
    let records = get("/records/pension");
    assert_eq!((records.status(), records.header("location")), (303, Some("/")));
    assert_eq!(host.opened(), Vec::<String>::new());
}

#[test]
fn records_are_the_same_at_every_visit_and_differ_between_people() {
    let january = 1_767_574_800_000;
    let first = Insurance::of("subject-1", Kind::Pension, january);
    assert_eq!(first, Insurance::of("subject-1", Kind::Pension, january));
    assert_ne!(first.months_total, Insurance::of("subject-2", Kind::Pension, january).months_total);
    let newest = &first.months[0];
    assert_eq!((newest.year, newest.month, first.months.len()), (2025, 12, 12));
    assert_eq!((newest.own, newest.unit), (newest.base * 8 / 100, newest.base * 16 / 100));
}

#[test]
fn a_record_page_shows_twelve_months_and_an_unknown_kind_is_not_found() {
    let _host = FakeHost::new().persona(persona()).grant(PURPOSE, &["name", "id-number-masked"]).install();
    let page = get("/records/medical").text();
    assert_eq!(page.matches("<th scope=\"row\">").count(), 12);
    assert_eq!(get("/records/lottery").status(), 404);
}
