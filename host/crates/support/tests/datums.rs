//! No interface takes or gives a point without its datum: the contract of guests, the API's description, the types.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends here")]

use serde_json::Value;
use std::{fs, path::Path};
use yizhan_domain::geo::Point;

const NUMBERS: [&str; 6] = ["latitude", "longitude", "lat", "lng", "lon", "coordinates"];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    fs::read_to_string(root.join(path)).expect(path)
}

/// Text of a WIT file without its comments.
fn code_of(wit: &str) -> String {
    wit.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Whether a declaration has a field or parameter of this name.
fn declares(text: &str, name: &str) -> bool {
    text.split([',', '{', '(', '\n']).any(|part| part.split(':').next().is_some_and(|word| word.trim() == name))
}

/// What of a WIT file has the numbers of a point without a datum beside them.
fn without_datum(wit: &str) -> Vec<String> {
    let code = code_of(wit);
    // Records end with a brace, functions with a semicolon; neither holds the other.
    let declarations = code.split(['}', ';']).filter(|part| NUMBERS.iter().any(|name| declares(part, name)));
    declarations.filter(|part| !declares(part, "datum")).map(str::to_owned).collect()
}

#[test]
fn guests_never_see_a_point_without_its_datum() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../guest-sdk/wit");
    let mut points = 0;
    for entry in fs::read_dir(folder).expect("the contract") {
        let path = entry.expect("entry").path();
        if path.extension().is_some_and(|ending| ending == "wit") {
            let wit = fs::read_to_string(&path).expect("reads");
            assert_eq!(without_datum(&wit), [""; 0], "{}", path.display());
            points += usize::from(declares(&code_of(&wit), "latitude"));
        }
    }
    assert_eq!(points, 1, "the place interface has the one point");
}

#[test]
fn a_contract_without_a_datum_would_be_seen() {
    let record = "record point { latitude: f64, longitude: f64, }";
    let function = "near: func(latitude: f64, longitude: f64, radius: u32) -> bool;";
    let sound = "record point { latitude: f64, longitude: f64, datum: datum, }";
    assert_eq!((without_datum(record).len(), without_datum(function).len(), without_datum(sound).len()), (1, 1, 0));
}

/// Walks through a JSON document; `found` hears of every place with the numbers of a point.
fn walk(value: &Value, found: &mut dyn FnMut(&Value, &str)) {
    if let Some(properties) = value.get("properties").and_then(Value::as_object)
        && NUMBERS.iter().any(|name| properties.contains_key(*name))
    {
        found(value, "properties");
    }
    if let Some(parameters) = value.get("parameters").and_then(Value::as_array) {
        let named = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        if NUMBERS.iter().any(|name| named(name)) {
            found(value, "parameters");
        }
    }
    let below: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => Vec::new(),
    };
    below.into_iter().for_each(|value| walk(value, found));
}

#[test]
fn the_api_never_has_a_point_without_a_required_datum() {
    let api: Value = serde_json::from_str(&read("docs/openapi.json")).expect("JSON");
    walk(&api, &mut |value, kind| match kind {
        "properties" => {
            let required = value["required"].as_array().into_iter().flatten().any(|name| name == "datum");
            assert!(required, "a schema without a required datum: {value}");
        }
        _ => {
            let required = value["parameters"].as_array().into_iter().flatten();
            let required = required.filter(|parameter| parameter["required"] == true);
            assert!(
                required.into_iter().any(|parameter| parameter["name"] == "datum"),
                "no datum is asked for: {value}"
            );
        }
    });
}

#[test]
fn a_point_is_not_read_without_its_datum() {
    let read = |text: &str| serde_json::from_str::<Point>(text);
    assert!(read(r#"{"latitude": 30.2, "longitude": 120.1}"#).is_err());
    assert!(read(r#"{"latitude": 30.2, "longitude": 120.1, "datum": "CGCS"}"#).is_err());
    assert!(read(r#"{"latitude": 30.2, "longitude": 120.1, "datum": "wgs84"}"#).is_ok());
}
