//! Booking as JSON: what is public, what needs the session, what needs the form token.

use super::{Answer, Browser, TestHub};
use http::Method;
use serde_json::{Value, json};
use yizhan_support::appointment::put_samples;

const JSON: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("accept", "application/json")];

/// A hub whose sample halls take bookings.
async fn hub() -> TestHub {
    let hub = TestHub::new().await;
    put_samples(&hub.context(), &hub.hub.appointments).await.expect("samples");
    hub
}

async fn get(hub: &TestHub, browser: &mut Browser, path: &str) -> Answer {
    browser.ask(hub, (Method::GET, path), &JSON, "").await
}

async fn post(hub: &TestHub, browser: &mut Browser, path: &str, csrf: &str, body: &Value) -> Answer {
    let headers = [JSON[0], JSON[1], ("x-yizhan-csrf", csrf)];
    browser.ask(hub, (Method::POST, path), &headers, &body.to_string()).await
}

/// A bookable item of the samples, and its first free slot.
async fn free_slot(hub: &TestHub, browser: &mut Browser) -> Value {
    let query = yizhan_support::catalog::Query { region: Some("330102000000".to_owned()), ..Default::default() };
    let page = yizhan_support::PageRequest::first(100);
    for item in hub.hub.catalog.search(&hub.context(), &query, &page).expect("search").items {
        let item = item.code.to_string();
        let halls = get(hub, browser, &format!("/api/appointments/halls?item={item}")).await;
        let Some(hall) = halls.json().get(0).cloned().filter(|hall| hall["first_free"].is_string()) else { continue };
        let (id, date) = (hall["id"].as_str().expect("id"), hall["first_free"].as_str().expect("day"));
        assert_eq!(hall["sample"], true);
        let days = get(hub, browser, &format!("/api/appointments/days?hall={id}&item={item}")).await.json();
        let day = days.as_array().expect("days").iter().find(|day| day["date"] == date).expect("the day");
        assert_eq!(day["standing"], "open");
        let path = format!("/api/appointments/slots?hall={id}&item={item}&date={date}");
        let slots = get(hub, browser, &path).await.json();
        let start = slots[0]["start"].clone();
        return json!({ "hall": id, "item": item, "date": date, "start": start, "key": "key-of-the-form" });
    }
    panic!("the samples have no free slot")
}

#[tokio::test]
async fn a_person_books_sees_takes_along_and_cancels() {
    let (hub, mut browser) = (hub().await, Browser::default());
    let slot = free_slot(&hub, &mut browser).await;
    browser.sign_in(&hub, "zhang").await;
    let csrf = get(&hub, &mut browser, "/api/me").await.json()["csrf"].as_str().expect("token").to_owned();
    let made = post(&hub, &mut browser, "/api/me/appointments", &csrf, &slot).await;
    assert_eq!((made.status, made.json()["again"].as_bool()), (200, Some(false)), "{}", made.text);
    let booking = made.json()["booking"].clone();
    assert_eq!((&booking["state"], &booking["start"]), (&json!("booked"), &slot["start"]));
    let again = post(&hub, &mut browser, "/api/me/appointments", &csrf, &slot).await.json();
    assert_eq!((again["again"].as_bool(), &again["booking"]), (Some(true), &booking));
    let path = format!("/api/me/appointments/{}", booking["id"].as_str().expect("id"));
    assert_eq!(get(&hub, &mut browser, &path).await.json(), booking);
    assert_eq!(get(&hub, &mut browser, "/api/me/appointments").await.json()["entries"], json!([booking]));
    let code = get(&hub, &mut browser, &format!("{path}/code")).await.json();
    assert_eq!(code["number"], booking["number"]);
    assert_eq!(code["token"].as_str().map(|token| token.split('.').count()), Some(3));
    let file = get(&hub, &mut browser, &format!("{path}/calendar.ics")).await;
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
    assert!(file.text.starts_with("BEGIN:VCALENDAR\r\n") && file.header("cache-control").contains("no-store"));
    let cancelled = post(&hub, &mut browser, &format!("{path}/cancel"), &csrf, &json!({})).await;
    assert_eq!(cancelled.json()["state"], "cancelled", "{}", cancelled.text);
    let ended = post(&hub, &mut browser, &format!("{path}/cancel"), &csrf, &json!({})).await;
    assert_eq!(
        (ended.status, ended.json()["code"].as_str(), ended.json()["state"].as_str()),
        (409, Some("ended"), Some("cancelled"))
    );
}

#[tokio::test]
async fn strangers_others_and_requests_without_the_form_token_get_nothing() {
    let (hub, mut browser) = (hub().await, Browser::default());
    let slot = free_slot(&hub, &mut browser).await;
    for path in ["", "/0", "/0/code", "/0/calendar.ics"] {
        assert_eq!(get(&hub, &mut browser, &format!("/api/me/appointments{path}")).await.status, 401, "{path}");
    }
    assert_eq!(post(&hub, &mut browser, "/api/me/appointments", "", &slot).await.status, 401);
    browser.sign_in(&hub, "zhang").await;
    let csrf = get(&hub, &mut browser, "/api/me").await.json()["csrf"].as_str().expect("token").to_owned();
    for wrong in ["", "another"] {
        assert_eq!(post(&hub, &mut browser, "/api/me/appointments", wrong, &slot).await.status, 403);
    }
    let made = post(&hub, &mut browser, "/api/me/appointments", &csrf, &slot).await.json();
    let path = format!("/api/me/appointments/{}", made["booking"]["id"].as_str().expect("id"));
    assert_eq!(post(&hub, &mut browser, &format!("{path}/cancel"), "another", &json!({})).await.status, 403);
    let mut other = Browser::default();
    other.sign_in(&hub, "wang").await;
    let csrf = get(&hub, &mut other, "/api/me").await.json()["csrf"].as_str().expect("token").to_owned();
    for sub in ["", "/code", "/calendar.ics"] {
        let answer = get(&hub, &mut other, &format!("{path}{sub}")).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not-found")), "{sub}");
    }
    let refused = post(&hub, &mut other, &format!("{path}/cancel"), &csrf, &json!({})).await;
    assert_eq!(refused.status, 404);
}

#[tokio::test]
async fn a_wrong_wish_is_told_with_a_stable_code() {
    let (hub, mut browser) = (hub().await, Browser::default());
    let slot = free_slot(&hub, &mut browser).await;
    for path in ["halls?item=1", "halls", "days?hall=nowhere&item=1", "slots?hall=a&item=1&date=tomorrow"] {
        let answer = get(&hub, &mut browser, &format!("/api/appointments/{path}")).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid")), "{path}: {}", answer.text);
    }
    browser.sign_in(&hub, "zhang").await;
    let csrf = get(&hub, &mut browser, "/api/me").await.json()["csrf"].as_str().expect("token").to_owned();
    let with = |name: &str, value: &str| {
        let mut wish = slot.clone();
        wish[name] = value.into();
        wish
    };
    let wishes = [
        (with("start", "03:00"), 409, "no-slot"),
        (with("date", "2027-12-31"), 409, "too-far"),
        (with("date", "soon"), 400, "invalid"),
        (with("key", "short"), 400, "invalid"),
        (with("more", "x"), 400, "bad-request"),
        (json!([]), 400, "bad-request"),
        (with("key", &"x".repeat(5_000)), 413, "body-too-large"),
    ];
    for (wish, status, code) in wishes {
        let answer = post(&hub, &mut browser, "/api/me/appointments", &csrf, &wish).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{}", answer.text);
    }
}
