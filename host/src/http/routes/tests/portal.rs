//! The citizen's pages without a session: search, a service, halls, the region.

use super::{Answer, Browser, TestHub};
use http::Method;
use yizhan_support::PageRequest;
use yizhan_support::catalog::Query;

/// In Hangzhou, in plain mode.
const HANGZHOU: (&str, &str) = ("cookie", "yz-dev-prefs=zh-CN.330100000000.plain");

async fn get(hub: &TestHub, path: &str) -> Answer {
    Browser::default().ask(hub, (Method::GET, path), &[("accept", "text/html")], "").await
}

#[tokio::test]
async fn search_finds_services_counts_them_and_leads_on() {
    let hub = TestHub::new().await;
    let found = get(&hub, "/services?q=%E7%A4%BE%E4%BF%9D").await;
    assert_eq!(found.status, 200);
    assert!(found.text.contains("href=\"/services/0") && found.text.contains("role=\"status\""));
    let all = get(&hub, "/services").await.text;
    let next = all.split("href=\"/services?cursor=").nth(1).expect("a next page").split('"').next().expect("cursor");
    let later = get(&hub, &format!("/services?cursor={next}")).await;
    assert_eq!(later.status, 200);
    assert_ne!(later.text, all);
    assert_eq!(get(&hub, "/services?cursor=1-0-0").await.status, 400, "a cursor of nothing");
}

#[tokio::test]
async fn an_empty_result_says_what_was_asked_and_how_to_go_on() {
    let hub = TestHub::new().await;
    let none = get(&hub, "/services?q=zzqqxx%3Cb%3E&audience=legal-person").await.text;
    assert!(none.contains("没有找到与“zzqqxx&#60;b&#62;”有关的事项"), "{none}");
    assert!(none.contains("在全国查找") && none.contains("where=country"));
}

#[tokio::test]
async fn a_service_says_everything_an_applicant_needs() {
    let hub = TestHub::new().await;
    let page = PageRequest::first(100);
    let items = hub.hub.catalog.search(&hub.context(), &Query::default(), &page).expect("search").items;
    for item in items {
        let answer = get(&hub, &format!("/services/{}", item.code)).await;
        assert_eq!(answer.status, 200);
        for words in [item.name.as_str(), item.unit.as_str(), "承诺时间", "监督电话", "示例事项"] {
            assert!(answer.text.contains(words), "{words} of {}", item.code);
        }
    }
    assert_eq!(get(&hub, "/services/0").await.status, 400);
}

#[tokio::test]
async fn a_hall_shows_its_hours_and_the_way_in_the_right_datum() {
    let hub = TestHub::new().await;
    let list = get(&hub, "/places?kind=hall").await.text;
    assert!(list.contains("href=\"/places/hangzhou-hall\""));
    let hall = get(&hub, "/places/hangzhou-hall").await.text;
    assert!(hall.contains("geo:30.") && hall.contains("coordinate=gaode"), "{hall}");
    assert_eq!(hall.matches("<dt>").count(), 3 + 7, "facts and seven days");
    assert_eq!(get(&hub, "/places/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_region_is_chosen_step_by_step_and_holds_for_services_and_halls() {
    let hub = TestHub::new().await;
    let provinces = get(&hub, "/region?to=%2Fplaces").await.text;
    assert!(provinces.contains("in=330000000000") && provinces.contains("name=\"return\" value=\"/places\""));
    let cities = get(&hub, "/region?in=330000000000").await.text;
    assert!(cities.contains("name=\"region\" value=\"330000000000\"") && cities.contains("in=330100000000"));
    let counties = get(&hub, "/region?in=330100000000").await.text;
    assert!(counties.contains("name=\"region\" value=\"330102000000\""));
    assert_eq!(get(&hub, "/region?in=999999000000").await.status, 404);
    assert!(get(&hub, "/region?to=//evil.example").await.text.contains("value=\"/\""));
    for path in ["/services", "/places"] {
        let there = Browser::default().ask(&hub, (Method::GET, path), &[HANGZHOU], "").await;
        assert!(there.text.contains("杭州市"), "{path}");
    }
}
