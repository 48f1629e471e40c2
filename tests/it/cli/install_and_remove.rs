//! Installing and removing with no hub running: what is refused, and what the data directory holds.

use super::sign::leaflet;
use crate::program;
use std::fs;

#[test]
fn unsigned_packages_are_refused_with_how_to_sign() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let json = program::refused(dir.path(), "install leaflet.ma --data hub", 1);
    assert!(json["fix"].as_str().is_some_and(|fix| fix.contains("yizhan sign")), "{json}");
    assert!(!dir.path().join("hub").exists(), "nothing is made for a package that is refused");
    let text = program::run(dir.path(), "install leaflet.ma --data hub");
    let text = String::from_utf8_lossy(&text.stderr);
    assert!(
        text.contains("error: cannot install leaflet.ma") && text.contains("why:") && text.contains("do:"),
        "{text}"
    );
}

#[test]
fn a_signed_package_needs_its_publisher_registered_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let digest = leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::json(dir.path(), "sign leaflet.ma --key unit.pem");
    program::refused(dir.path(), "install leaflet.ma --data hub", 1);
    let json = program::json(dir.path(), "install leaflet.ma --data hub --publisher unit.pub.pem");
    assert_eq!((json["slug"].as_str(), json["digest"].as_str()), (Some("leaflet"), Some(digest.as_str())));
    program::json(dir.path(), "install leaflet.ma --data hub");
    assert_eq!(fs::read_to_string(dir.path().join("hub/mode")).expect("reads"), "development\n");
    assert!(dir.path().join(format!("hub/packages/{digest}.ma")).is_file());
}

#[test]
fn an_older_version_is_refused_unless_asked_for() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::json(dir.path(), "pack leaflet --key unit.pem -o one.ma");
    let manifest = dir.path().join("leaflet/manifest.json");
    let text = fs::read_to_string(&manifest).expect("reads").replace("\"code\": 1", "\"code\": 2");
    fs::write(&manifest, text).expect("writes");
    program::json(dir.path(), "pack leaflet --key unit.pem -o two.ma");
    program::json(dir.path(), "install two.ma --data hub --publisher unit.pub.pem");
    program::refused(dir.path(), "install one.ma --data hub", 1);
    let json = program::json(dir.path(), "install one.ma --data hub --allow-downgrade");
    assert_eq!(json["version_code"], 1);
}

#[test]
fn removing_takes_the_app_and_its_bytes_away() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::json(dir.path(), "sign leaflet.ma --key unit.pem");
    program::json(dir.path(), "install leaflet.ma --data hub --publisher unit.pub.pem");
    program::json(dir.path(), "remove cn.gov.example.leaflet --data hub");
    assert_eq!(fs::read_dir(dir.path().join("hub/packages")).expect("lists").count(), 0);
    program::refused(dir.path(), "remove leaflet --data hub", 1);
}

#[test]
fn a_folder_that_is_no_data_directory_is_not_touched() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::json(dir.path(), "sign leaflet.ma --key unit.pem");
    program::refused(dir.path(), "install leaflet.ma --data leaflet", 2);
    program::refused(dir.path(), "remove leaflet --data leaflet", 2);
    assert!(!dir.path().join("leaflet/mode").exists());
}
