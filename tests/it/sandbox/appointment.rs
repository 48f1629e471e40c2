//! Booking by an app: with permission, person and consent it books for that person; each one missing is `denied`.

use crate::serving::{App, Serving};
use serde_json::{Value, json};

/// An app that may book, with what the command line says.
fn serve(words: &[&str], change: impl FnOnce(App) -> App) -> (tempfile::TempDir, Serving) {
    let folder = tempfile::tempdir().expect("a folder");
    let may_book = json!([{ "name": "appointment:book", "reason": "替您预约大厅" }]);
    let app = App::identity("appointment", &[]).with("req_permissions", may_book);
    let path = change(app.with("gov_assurance", json!("real-name"))).write(folder.path());
    let mut all = words.to_vec();
    all.push(path.to_str().expect("a path"));
    let serving = Serving::run(&all);
    (folder, serving)
}

/// A bookable item of the samples for natural persons.
fn item() -> String {
    let catalog = yizhan_support::Catalog::sample().expect("catalog");
    let context = yizhan_domain::Context { id: yizhan_domain::RequestId(1), now: yizhan_domain::Timestamp(0) };
    let query = yizhan_support::catalog::Query { region: Some("330102000000".to_owned()), ..Default::default() };
    let page = yizhan_support::PageRequest::first(100);
    let places = yizhan_support::Places::sample().expect("places");
    let fits = |code: &str| {
        let item = catalog.find_item(&context, code, &yizhan_support::app::NoApps).expect("find").expect("item");
        let halls = places.for_item(&context, code, yizhan_domain::geo::Datum::Wgs84, &page).expect("places").places;
        item.bookable && halls.iter().any(|place| place.id == "hangzhou-hall")
    };
    let found = catalog.search(&context, &query, &page).expect("search").items;
    let mut codes = found.into_iter().map(|item| item.code.to_string());
    codes.find(|code| fits(code)).expect("the samples have such an item")
}

/// The address that books a free slot of a hall.
/// A slot of the last day with room: the first may already be too near to cancel.
fn free_slot(serving: &Serving, item: &str) -> String {
    let halls = serving.get("appointment", &format!("/halls?item={item}"));
    assert_eq!(halls.status, 200, "{}", halls.text());
    let hall = halls.json()[0].clone();
    let (id, first) = (hall["id"].as_str().expect("hall"), hall["first"].as_str().expect("a free day"));
    let days = serving.get("appointment", &format!("/days?hall={id}&item={item}")).json();
    let days = days.as_array().expect("days");
    assert!(days.iter().any(|day| day["date"] == first), "{days:?}");
    let free = days.iter().rev().find(|day| day["left"].as_u64() > Some(0)).expect("a day with room");
    let date = free["date"].as_str().expect("date");
    let slots = serving.get("appointment", &format!("/slots?hall={id}&item={item}&date={date}")).json();
    let slots = slots.as_array().expect("slots");
    let free = slots.iter().find(|slot| slot["left"].as_u64() > Some(0)).expect("a free slot");
    format!("/book?hall={id}&item={item}&date={date}&start={}", free["start"].as_str().expect("start"))
}

fn error(serving: &Serving, path: &str) -> Value {
    serving.get("appointment", path).json()["error"].clone()
}

#[test]
fn an_app_books_shows_and_cancels_for_the_person_who_agreed() {
    let (_folder, serving) = serve(&["--as", "zhang"], |app| app);
    let book = free_slot(&serving, &item());
    let made = serving.get("appointment", &format!("{book}&key=key-number-1"));
    assert_eq!((made.status, made.json()["state"].as_str()), (200, Some("BookingState::Booked")), "{}", made.text());
    let again = serving.get("appointment", &format!("{book}&key=key-number-1"));
    assert_eq!(again.json(), made.json(), "the same key books once");
    assert_eq!(error(&serving, &format!("{book}&key=key-number-2")), "conflict:booked-already");
    let id = made.json()["id"].as_str().expect("id").to_owned();
    assert_eq!(serving.get("appointment", "/mine").json(), json!([made.json()]));
    let token = serving.get("appointment", &format!("/code?id={id}")).json();
    assert_eq!(token.as_str().map(|token| token.split('.').count()), Some(3), "{token}");
    let cancelled = serving.get("appointment", &format!("/cancel?id={id}"));
    assert_eq!(cancelled.json()["state"], "BookingState::Cancelled", "{}", cancelled.text());
    assert_eq!(error(&serving, &format!("/cancel?id={id}")), "conflict:ended");
    assert_eq!(error(&serving, "/cancel?id=another"), "not-found");
}

#[test]
fn without_permission_or_person_every_act_is_denied_and_offers_stay_public() {
    let undeclared = |app: App| app.with("req_permissions", json!([]));
    for (words, change) in [
        (&["--as", "zhang"][..], Box::new(undeclared) as Box<dyn FnOnce(App) -> App>),
        (&[][..], Box::new(|app: App| app)),
    ] {
        let (_folder, serving) = serve(words, change);
        let book = free_slot(&serving, &item());
        for path in [format!("{book}&key=key-number-1").as_str(), "/mine", "/cancel?id=a", "/code?id=a"] {
            assert_eq!(error(&serving, path), "denied:appointment:book", "{path}");
        }
    }
}

#[test]
fn more_calls_than_a_minute_allows_are_exhausted() {
    let (_folder, serving) = serve(&["--as", "zhang"], |app| app);
    assert_eq!(serving.get("appointment", "/mine?times=60").status, 200);
    let refused = error(&serving, "/mine");
    assert!(refused.as_str().is_some_and(|error| error.starts_with("exhausted:")), "{refused}");
}

#[test]
fn an_open_app_cannot_import_booking() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = App::open("appointment").write(folder.path());
    let json = crate::program::refused(folder.path(), &format!("run {}", path.display()), 1);
    assert!(json.to_string().contains("component.identity-in-open-app"), "{json}");
}
