//! `yizhan admin import` and `export`: a list goes in as a whole or not at all, comes out as it went in, and a hub that runs
//! has it at once.

use crate::{
    program,
    serving::{Serving, guests},
};
use std::{fs, path::Path};

const HALLS: &str =
    "id,kind,name,address,region,latitude,longitude,datum,phone,hours,special_days,open_on_holidays,accessible,items";

/// A development store `hub` with nothing in it but an app.
fn hub(folder: &Path) {
    super::admin::hub(folder);
}

fn hall(id: &str, region: &str) -> String {
    format!("{id},hall,某市民中心,某路1号,{region},30.2741,120.13,gcj02,0000-1,1-5 09:00-17:00,,,true,")
}

fn write(folder: &Path, name: &str, rows: &[String]) {
    fs::write(folder.join(name), format!("{HALLS}\n{}\n", rows.join("\n"))).expect("writes");
}

#[test]
fn a_list_goes_in_and_comes_out_as_it_went_in() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    for format in ["json", "csv"] {
        for set in ["units", "items", "places", "holidays"] {
            let json = program::json(dir.path(), &format!("admin export {set} --data hub --to {set}.{format}"));
            let before = fs::read(dir.path().join(format!("{set}.{format}"))).expect("written");
            assert_eq!(json["bytes"], before.len(), "{json}");
        }
        for set in ["units", "items", "places", "holidays"] {
            let json = program::json(dir.path(), &format!("admin import {set} {set}.{format} --data hub"));
            assert_eq!(
                (json["written"].as_bool(), json["hub"].as_str()),
                (Some(true), Some("no hub is running there"))
            );
            let printed = program::json(dir.path(), &format!("admin export {set} --data hub --format {format}"));
            let file = fs::read_to_string(dir.path().join(format!("{set}.{format}"))).expect("reads");
            assert_eq!(printed["file"].as_str(), Some(file.as_str()), "{set} as {format}");
        }
    }
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_imported() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    write(
        dir.path(),
        "halls.csv",
        &[hall("one", "330106000000"), hall("two", "330199000000"), hall("one", "330106000000")],
    );
    for dry in ["", " --dry-run"] {
        let json = program::refused(dir.path(), &format!("admin import places halls.csv --data hub{dry}"), 1);
        let places: Vec<&str> =
            json["findings"].as_array().expect("findings").iter().filter_map(|one| one["pointer"].as_str()).collect();
        assert_eq!(places, ["line 3, region", "line 4, id"], "{json}");
        assert!(json["findings"][0]["why"].as_str().is_some_and(|why| why.contains("330199000000")), "{json}");
    }
    assert!(!dir.path().join("hub/data-sets/places.json").exists());
    write(dir.path(), "halls.csv", &[hall("one", "330106000000")]);
    let json = program::json(dir.path(), "admin import places halls.csv --data hub --dry-run");
    assert_eq!((json["rows"].as_u64(), json["written"].as_bool()), (Some(1), Some(false)));
    assert!(!dir.path().join("hub/data-sets/places.json").exists());
    program::refused(dir.path(), "admin import places halls --data hub", 2);
    program::refused(dir.path(), "admin import places halls.csv --data nowhere", 2);
}

#[test]
fn a_backup_carries_the_imported_lists() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    write(dir.path(), "halls.csv", &[hall("one", "330106000000")]);
    program::json(dir.path(), "admin import places halls.csv --data hub");
    super::admin::register_backend(dir.path());
    program::json(dir.path(), "backup --data hub --to copy");
    let read = |path: &str| fs::read_to_string(dir.path().join(path)).expect("reads");
    assert_eq!(read("copy/data-sets/places.json"), read("hub/data-sets/places.json"));
}

#[test]
fn a_running_hub_has_an_import_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let package = guests().join("../../packages/hall-finder.ma");
    assert!(package.is_file(), "{} is missing: cargo xtask guests", package.display());
    let line = format!("demo --addr 127.0.0.1:0 --data hub --package {}", package.display());
    let served = Serving::within(dir.path(), &line);
    let found = || {
        let json = served.get("hall-finder", "/api/places?region=330106000000").json();
        let places = json["places"].as_array().unwrap_or_else(|| panic!("{json}"));
        places.iter().map(|place| place["id"].as_str().expect("id").to_owned()).collect::<Vec<_>>()
    };
    assert!(found().contains(&"hangzhou-west-hall".to_owned()), "the samples");
    write(dir.path(), "halls.csv", &[hall("one", "330106000000")]);
    let json = program::json(dir.path(), "admin import places halls.csv --data hub");
    assert_eq!(json["hub"], "the running hub has taken it over");
    assert_eq!(found(), ["one"], "no sample stands beside it");
    write(dir.path(), "halls.csv", &[hall("two", "330106000000"), "wrong".to_owned()]);
    program::refused(dir.path(), "admin import places halls.csv --data hub", 1);
    assert_eq!(found(), ["one"]);
    let holidays = "date,kind,name\n2027-01-01,holiday,元旦\n";
    fs::write(dir.path().join("holidays.csv"), holidays).expect("writes");
    let json = program::json(dir.path(), "admin import holidays holidays.csv --data hub");
    assert_eq!((json["added"].as_u64(), json["removed"].as_u64()), (Some(1), Some(0)));
}
