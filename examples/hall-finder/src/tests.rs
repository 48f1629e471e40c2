//! Handlers against a fake host.

use super::*;
use yizhan_sdk::testing::{FakeHost, hall, item, region};

fn get(target: &str) -> Response {
    app().handle(Request::get(target))
}

#[test]
fn places_near_a_point_come_nearest_first_with_their_state() {
    let _host = FakeHost::new().place(hall("远处大厅", 30.30, 120.16)).place(hall("近处大厅", 30.25, 120.16)).install();
    let text = get("/api/places?lat=30.25&lon=120.16").text();
    assert!(text.find("近处大厅") < text.find("远处大厅"), "{text}");
    assert!(
        text.contains("\"open\":true") && text.contains("\"distance\":0") && text.contains("\"today\":1"),
        "{text}"
    );
}

#[test]
fn places_of_the_visitors_region_are_the_default() {
    let mut elsewhere = hall("外地大厅", 23.1, 113.2);
    elsewhere.region = "440100000000".to_owned();
    let _host = FakeHost::new().place(hall("本地大厅", 30.25, 120.16)).place(elsewhere).install();
    let own = get("/api/places").text();
    assert!(own.contains("本地大厅") && !own.contains("外地大厅"));
    assert!(get("/api/places?region=440100000000").text().contains("外地大厅"));
}

#[test]
fn a_wrong_region_is_a_problem_document() {
    let _host = FakeHost::new().install();
    let response = get("/api/places?region=33");
    assert_eq!((response.status(), response.header("content-type")), (400, Some("application/problem+json")));
}

#[test]
fn items_are_searched_by_words() {
    let _host = FakeHost::new().item(item("社会保障卡补领")).install();
    assert!(get("/api/items?q=%E7%A4%BE%E4%BC%9A").text().contains("\"total\":1"));
    assert_eq!(get("/api/items").status(), 400);
}

#[test]
fn regions_below_the_visitors_own_are_listed() {
    let _host = FakeHost::new()
        .region(region("330100000000", "杭州市"))
        .region(region("330106000000", "西湖区"))
        .region(region("330200000000", "宁波市"))
        .install();
    let text = get("/api/regions").text();
    assert!(text.contains("西湖区") && text.contains("杭州市") && !text.contains("宁波市"), "{text}");
}

#[test]
fn every_page_of_the_front_end_gets_the_frame_and_unknown_data_does_not() {
    let _host = FakeHost::new().elder_mode(true).install();
    for path in ["/", "/halls/hall-1", "/any/depth"] {
        let page = get(path);
        assert_eq!(page.status(), 200, "{path}");
        assert!(page.text().contains("<html lang=\"zh-CN\" class=\"elder\">"));
        assert!(page.text().contains("&quot;elderMode&quot;:true"));
    }
    assert_eq!(get("/api/other").status(), 404);
}
