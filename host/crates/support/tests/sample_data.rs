//! The committed sample data is what its generator makes, and every code in it is sound.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends here")]

#[path = "../examples/sample_data/make.rs"]
mod make;

use std::collections::{BTreeMap, BTreeSet};
use yizhan_domain::{
    Context, RequestId, Timestamp,
    code::{BasicCode, CreditCode, ImplementingCode, RegionCode},
    geo::Datum,
};
use yizhan_support::{
    Catalog, PageRequest, Places,
    app::NoApps,
    catalog::{Item, Query},
    place::{Place, PlaceKind},
};

const UNITS: &str = include_str!("../data/sample-units.json");
const ITEMS: &str = include_str!("../data/sample-items.json");
const PLACES: &str = include_str!("../data/sample-places.json");
const COUNTRY: &str = "000000000000";

fn context() -> Context {
    Context { id: RequestId(1), now: Timestamp(0) }
}

fn rows(text: &str, member: &str) -> Vec<serde_json::Value> {
    let file: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(file["sample"], true, "marked as sample");
    file[member].as_array().expect("list").clone()
}

fn text<'a>(row: &'a serde_json::Value, member: &str) -> &'a str {
    row[member].as_str().expect("text")
}

/// Every item of the catalog, read through its pages.
fn items(catalog: &Catalog) -> Vec<Item> {
    let (mut items, mut page) = (Vec::new(), PageRequest::first(100));
    loop {
        let found = catalog.search(&context(), &Query::default(), &page).expect("page");
        items.extend(found.items.iter().map(|summary| {
            catalog.find_item(&context(), summary.code.as_str(), &NoApps).expect("code").expect("listed item")
        }));
        let Some(next) = found.next else { return items };
        page.cursor = Some(next);
    }
}

fn places() -> Vec<Place> {
    let places = Places::sample().expect("places");
    places.in_region(&context(), COUNTRY, Datum::Wgs84, &PageRequest::first(100)).expect("page").places
}

#[test]
fn the_committed_files_are_what_the_generator_makes() {
    let files = make::make().expect("makes");
    let hint = "run `cargo run -p yizhan-support --example sample_data`";
    assert!(files.units == UNITS, "sample-units.json differs; {hint}");
    assert!(files.items == ITEMS, "sample-items.json differs; {hint}");
    assert!(files.places == PLACES, "sample-places.json differs; {hint}");
}

#[test]
fn every_code_in_the_data_is_valid_and_of_a_sample_kind() {
    let catalog = Catalog::sample().expect("catalog");
    let region_known = |row: &serde_json::Value| {
        let code: RegionCode = text(row, "region").parse().expect("region");
        catalog.find_region(&context(), code.as_str()).expect("code").is_some()
    };
    for unit in rows(UNITS, "units") {
        let code: CreditCode = text(&unit, "credit_code").parse().expect("credit code");
        assert!(code.as_str().starts_with("00") && text(&unit, "name").starts_with("示例"), "{unit}");
        assert!(region_known(&unit), "{unit}");
    }
    let items: BTreeSet<String> = rows(ITEMS, "items").iter().map(|row| text(row, "code").to_owned()).collect();
    for item in &items {
        let code: ImplementingCode = item.parse().expect("implementing code");
        code.basic_code().parse::<BasicCode>().expect("basic code");
        assert_eq!(code.basic_code().as_bytes()[4], b'S', "the main part of a sample begins with S");
    }
    for place in rows(PLACES, "places") {
        assert!(text(&place, "name").starts_with("示例") && region_known(&place), "{place}");
        for item in place["items"].as_array().expect("items") {
            assert!(items.contains(item.as_str().expect("code")), "{item} of {}", place["id"]);
        }
    }
}

#[test]
fn phone_numbers_are_impossible_ones() {
    for item in items(&Catalog::sample().expect("catalog")) {
        assert!(item.contact_phone.starts_with("0000-") && item.supervision_phone.starts_with("0000-"));
    }
    assert!(places().iter().all(|place| place.phone.starts_with("0000-")));
}

#[test]
fn there_is_enough_to_make_the_portal_feel_real() {
    let catalog = Catalog::sample().expect("catalog");
    let items = items(&catalog);
    let units: BTreeSet<_> = items.iter().map(|item| &item.summary.unit).collect();
    let regions: BTreeSet<_> = items.iter().map(|item| &item.summary.region).collect();
    let levels: BTreeSet<_> = regions.iter().map(|region| region.level()).collect();
    assert!(items.len() >= 300 && units.len() >= 60 && regions.len() >= 12, "{} {units:?} {regions:?}", items.len());
    assert_eq!(levels, BTreeSet::from([0, 1, 2, 3]));
    let mut same: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for item in &items {
        same.entry(&item.summary.basic_code).or_default().insert(&item.summary.region);
        assert!(!item.conditions.is_empty() && !item.steps.is_empty() && !item.legal_basis.is_empty());
        assert!(!item.outcome.is_empty() && item.apps.is_empty());
        assert_eq!(item.kind, item.summary.code.kind().name(), "{}", item.summary.code);
        assert!(item.legal_days.is_none_or(|legal| item.promised_days <= legal), "{}", item.summary.name);
    }
    assert!(same.values().filter(|regions| regions.len() >= 3).count() >= 10, "services of several regions");
}

#[test]
fn halls_and_terminals_stand_in_cities_of_every_part_of_the_country() {
    let places = places();
    assert!(places.len() >= 40, "{}", places.len());
    let provinces: BTreeSet<String> = places.iter().map(|place| place.region.as_str()[..2].to_owned()).collect();
    // Also in the north-east and in the west.
    assert!(provinces.len() >= 6 && provinces.contains("21") && provinces.contains("65"), "{provinces:?}");
    for kind in [PlaceKind::Hall, PlaceKind::Terminal] {
        assert!(places.iter().filter(|place| place.kind == kind).count() >= 20);
    }
    for place in &places {
        assert!(!place.hours.is_empty(), "{}", place.id);
        assert!((18.0..54.0).contains(&place.point.latitude) && (73.0..136.0).contains(&place.point.longitude));
    }
}

#[test]
fn all_provinces_and_their_counties_are_listed() {
    let catalog = Catalog::sample().expect("catalog");
    let below = |code: Option<&str>| catalog.list_regions(&context(), code).expect("regions");
    let provinces = below(None);
    assert_eq!(provinces.len(), 34);
    for name in ["台湾省", "香港特别行政区", "澳门特别行政区", "浙江省", "新疆维吾尔自治区"]
    {
        assert!(provinces.iter().any(|province| province.name == name), "{name}");
    }
    let counts = provinces.iter().fold((0, 0), |(cities, counties), province| {
        below(Some(province.code.as_str())).iter().fold((cities, counties), |(cities, counties), region| {
            assert_eq!(region.parent.as_ref(), Some(&province.code));
            match region.level {
                2 => (cities + 1, counties + below(Some(region.code.as_str())).len()),
                level => {
                    assert_eq!(level, 3, "{region:?}");
                    (cities, counties + 1)
                }
            }
        })
    });
    let listed = include_str!("../data/regions.tsv").lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(counts.0, 333, "cities");
    assert_eq!(1 + 34 + counts.0 + counts.1, listed, "every region is reached from the country");
}
