//! Queries over the sample places, and broken files.

use super::*;
use yizhan_domain::RequestId;

const WESTLAKE: Point = Point { latitude: 30.2741, longitude: 120.13, datum: Datum::Wgs84 };

fn context() -> Context {
    Context { id: RequestId(1), now: Timestamp(0) }
}

fn places() -> Places {
    Places::sample().expect("sample data")
}

fn ids(page: &PlacePage) -> Vec<&str> {
    page.places.iter().map(|place| place.id.as_str()).collect()
}

#[test]
fn near_gives_the_nearest_first_within_the_radius() {
    let page = places().near(&context(), WESTLAKE, 5_000, &PageRequest::first(10)).expect("page");
    assert_eq!(ids(&page)[..2], ["hangzhou-west-hall", "hangzhou-t1"]);
    let distances: Vec<u32> = page.places.iter().filter_map(|place| place.distance).collect();
    assert!(distances.is_sorted() && distances.iter().all(|metres| *metres <= 5_000), "{distances:?}");
    assert_eq!(distances.len(), page.places.len());
    let all = places().near(&context(), WESTLAKE, 20_000, &PageRequest::first(100)).expect("page").places.len();
    assert!(page.places.len() < all);
}

#[test]
fn the_same_point_in_any_datum_finds_the_same_places_in_its_datum() {
    let places = places();
    let expected = places.near(&context(), WESTLAKE, 5_000, &PageRequest::first(10)).expect("page");
    for datum in [Datum::Gcj02, Datum::Bd09] {
        let found = places.near(&context(), datum::convert(WESTLAKE, datum), 5_000, &PageRequest::first(10));
        let found = found.expect("page");
        assert_eq!(ids(&found), ids(&expected));
        for (place, same) in found.places.iter().zip(&expected.places) {
            assert_eq!(place.point, datum::convert(same.point, datum));
            assert!(place.distance.unwrap_or(0).abs_diff(same.distance.unwrap_or(0)) <= 1);
        }
    }
}

#[test]
fn a_radius_or_point_out_of_bounds_is_refused() {
    for (point, radius, expected) in [
        (WESTLAKE, 0, "radius is 0 metres; 1 to 200000 is allowed"),
        (WESTLAKE, 200_001, "radius is 200001 metres; 1 to 200000 is allowed"),
        (Point { longitude: 181.0, ..WESTLAKE }, 1, "longitude is 181; -180 to 180 degrees is allowed"),
    ] {
        let error = places().near(&context(), point, radius, &PageRequest::first(10)).expect_err("refused");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn places_of_a_region_come_with_those_below_it_by_name() {
    let places = places();
    let in_region =
        |code: &str| places.in_region(&context(), code, Datum::Wgs84, &PageRequest::first(100)).expect("page").places;
    let (city, county) = (in_region("330100000000"), in_region("330106000000"));
    assert!(county.len() >= 2 && city.len() > county.len() && in_region("330000000000").len() > city.len());
    assert!(county.iter().all(|place| city.contains(place)));
    assert!(city.iter().map(|place| &place.name).is_sorted());
    assert!(city.iter().all(|place| place.distance.is_none()));
    let error = places.in_region(&context(), "3301", Datum::Wgs84, &PageRequest::first(1)).expect_err("short");
    assert_eq!(error.to_string(), "region has 4 characters; the region code has 12");
}

#[test]
fn a_cursor_fits_its_own_list_only() {
    let places = places();
    let first = places.in_region(&context(), "330100000000", Datum::Wgs84, &PageRequest::first(2)).expect("page");
    let next = PageRequest { cursor: first.next, limit: 2 };
    let second = places.in_region(&context(), "330100000000", Datum::Wgs84, &next).expect("page");
    assert!(second.places.iter().all(|place| !first.places.contains(place)));
    assert!(places.in_region(&context(), "330200000000", Datum::Wgs84, &next).is_err());
    assert!(places.near(&context(), WESTLAKE, 5_000, &next).is_err());
}

#[test]
fn an_item_is_handled_where_the_data_says_so() {
    let places = places();
    let data = places.current.get();
    let entry = data.entries.iter().find(|entry| entry.place.id == "hangzhou-fund-hall").expect("hall");
    let code = entry.items.first().expect("item").as_str();
    let page = places.for_item(&context(), code, Datum::Gcj02, &PageRequest::first(100)).expect("page");
    assert!(ids(&page).contains(&"hangzhou-fund-hall") && !ids(&page).contains(&"chengdu-hall"));
    assert!(page.places.iter().all(|place| place.point.datum == Datum::Gcj02));
    let error = places.for_item(&context(), &code[..30], Datum::Wgs84, &PageRequest::first(1)).expect_err("short");
    assert_eq!(error.to_string(), "item code has 30 characters; the implementing code has 31");
}

#[test]
fn an_unknown_place_is_not_found() {
    let error = places().open_at(&context(), "nowhere", Timestamp(0)).expect_err("unknown");
    assert!(matches!(error, SupportError::NotFound { .. }));
    assert_eq!(error.to_string(), "there is no place \"nowhere\"");
    assert!(places().find(&context(), "nowhere", Datum::Wgs84).is_none());
}

#[test]
fn a_hall_is_open_on_a_monday_morning_and_closed_on_sunday() {
    let places = places();
    // 2026-11-23, a Monday, 10:00 in China.
    let monday = Timestamp(1_795_399_200_000);
    assert!(places.open_at(&context(), "hangzhou-hall", monday).expect("known"));
    let sunday = monday.plus_ms(6 * 86_400_000);
    assert!(!places.open_at(&context(), "hangzhou-hall", sunday).expect("known"));
    assert!(places.open_at(&context(), "hangzhou-t1", sunday).expect("a terminal that never closes"));
}

#[test]
fn a_broken_file_is_refused_with_the_entry() {
    let row = |id: &str, latitude: f64, closes: u16| {
        format!(
            r#"{{"id":"{id}","kind":"hall","name":"n","address":"a","region":"330106000000","point":{{"latitude":{latitude},
            "longitude":120,"datum":"gcj02"}},"phone":"1","hours":[{{"weekday":1,"opens":60,"closes":{closes}}}],
            "accessible":true,"items":[]}}"#
        )
    };
    let load = |rows: &[String]| {
        data::load("sample-places.json", &format!(r#"{{"sample":true,"places":[{}]}}"#, rows.join(",")))
    };
    let loaded = load(&[row("a", 30.0, 90)]).expect("sound");
    assert_eq!(loaded.entries[0].place.point.datum, Datum::Wgs84, "kept in one datum");
    for (rows, expected) in [
        (vec![row("a", 30.0, 90), row("a", 30.0, 90)], "sample-places.json, entry 2: id \"a\" stands there twice"),
        (vec![row("a", 91.0, 90)], "sample-places.json, entry 1: latitude is 91; -90 to 90 degrees is allowed"),
        (vec![row("a", 30.0, 60)], "sample-places.json, entry 1: opens at minute 60 and closes at 60"),
    ] {
        assert_eq!(load(&rows).expect_err("broken").to_string(), expected);
    }
    assert!(data::load("sample-places.json", "{").is_err());
}
