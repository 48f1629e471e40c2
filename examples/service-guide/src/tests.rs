//! Handlers against a fake host.

use super::*;
use yizhan_sdk::place::Opening;
use yizhan_sdk::testing::{FakeHost, hall, item, region};

fn get(target: &str) -> Response {
    app().handle(Request::get(target).with_header("accept", "text/html"))
}

#[test]
fn search_finds_items_and_links_to_them() {
    let found = item("社会保障卡补领");
    let code = found.summary.code.clone();
    let _host = FakeHost::new().item(found).item(item("护照换发")).region(region("330100000000", "杭州市")).install();
    let page = get("/?q=%E7%A4%BE%E4%BC%9A").text();
    assert!(page.contains(&format!("href=\"/items/{code}\"")) && page.contains("共 1 项"), "{page}");
    assert!(page.contains("杭州市可办理") && !page.contains("护照"));
}

#[test]
fn what_the_visitor_typed_is_shown_but_never_run() {
    let _host = FakeHost::new().install();
    let page = get("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text();
    assert!(page.contains("没有找到相关事项"));
    assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;") && !page.contains("<script>alert"));
}

#[test]
fn long_words_are_cut_instead_of_refused() {
    let _host = FakeHost::new().install();
    assert_eq!(get(&format!("/?q={}", "%E7%A4%BE".repeat(300))).status(), 200);
}

#[test]
fn an_item_page_says_what_to_bring_and_where_to_go() {
    let found = item("社会保障卡补领");
    let target = format!("/items/{}", found.summary.code);
    let _host = FakeHost::new().item(found).place(hall("示例大厅", 30.25, 120.16)).install();
    let page = get(&target).text();
    for expected in ["居民身份证", "原件 1 份", "5 个工作日", "示例大厅", "周一至周五 9:00–17:00", "营业中"]
    {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}

#[test]
fn an_unknown_or_mistyped_code_is_a_page_that_does_not_exist() {
    let _host = FakeHost::new().install();
    for code in ["11330100MB1A00001R3002000000000", "42"] {
        let response = get(&format!("/items/{code}"));
        assert_eq!(response.status(), 404, "{code}");
        assert!(response.text().contains("没有找到这个页面"));
    }
}

#[test]
fn halls_are_sorted_by_distance_when_a_position_is_known() {
    let _host = FakeHost::new().place(hall("远处大厅", 30.30, 120.16)).place(hall("近处大厅", 30.25, 120.16)).install();
    let page = get("/halls?lat=30.25&lon=120.16").text();
    assert!(page.find("近处大厅") < page.find("远处大厅") && page.contains("5.5 km"), "{page}");
    assert!(get("/halls").text().contains("本地区"));
    assert_eq!(get("/halls?lat=north&lon=120").status(), 400);
}

#[test]
fn elder_mode_and_language_reach_the_page() {
    let _host = FakeHost::new().elder_mode(true).locale("en").install();
    let page = get("/").text();
    assert!(page.contains("<html lang=\"en\" class=\"elder\">") && page.contains("What do you need?"));
}

#[test]
fn hours_of_days_that_differ_stand_apart() {
    let _host = FakeHost::new().install();
    let span = |weekday, opens, closes| Opening { weekday, opens, closes };
    let week = [span(1, 540, 690), span(1, 810, 1020), span(2, 540, 1020), span(3, 540, 1020), span(7, 600, 960)];
    let text = places::hours(&View::new(), &week);
    assert_eq!(text, "周一 9:00–11:30、13:30–17:00；周二至周三 9:00–17:00；周日 10:00–16:00");
}
