//! Signing: keys, packages, and that the digest stays.

use crate::program;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use yizhan_package::{Package, VerifyingKey};

/// A packed static app in a folder of its own.
pub(super) fn leaflet(folder: &Path) -> String {
    program::json(folder, "new leaflet --template static");
    let json = program::json(folder, "pack leaflet");
    json["digest"].as_str().expect("a digest").to_owned()
}

#[test]
fn a_signed_package_verifies_with_the_public_key_and_keeps_its_digest() {
    for alg in ["es256", "ed25519"] {
        let dir = tempfile::tempdir().expect("a folder");
        let digest = leaflet(dir.path());
        let key = program::json(dir.path(), &format!("sign --new-key unit.pem --alg {alg}"));
        let mode = fs::metadata(dir.path().join("unit.pem")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let signed = program::json(dir.path(), "sign leaflet.ma --key unit.pem");
        assert_eq!((&signed["digest"], &signed["key_id"]), (&digest.into(), &key["key_id"]));
        let package = Package::read(&fs::read(dir.path().join("leaflet.ma")).expect("reads")).expect("a package");
        let pem = fs::read_to_string(dir.path().join("unit.pub.pem")).expect("reads");
        let public = VerifyingKey::from_pem(&pem).expect("a key");
        let id = package.verify(&[public]).expect("verifies");
        assert_eq!(id.to_string(), key["key_id"].as_str().expect("text"));
    }
}

#[test]
fn packing_with_a_key_signs_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::json(dir.path(), "sign leaflet.ma --key unit.pem");
    program::json(dir.path(), "pack leaflet --key unit.pem -o other.ma");
    let read = |name: &str| fs::read(dir.path().join(name)).expect("reads");
    assert!(read("leaflet.ma") == read("other.ma"), "signatures are the same for the same bytes");
}

#[test]
fn wrong_keys_and_wrong_files_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    program::json(dir.path(), "sign --new-key unit.pem");
    program::refused(dir.path(), "sign leaflet.ma --key unit.pub.pem", 2);
    program::refused(dir.path(), "sign leaflet.ma --key none.pem", 2);
    program::refused(dir.path(), "sign none.ma --key unit.pem", 2);
    program::refused(dir.path(), "sign leaflet/manifest.json --key unit.pem", 1);
    program::refused(dir.path(), "sign --new-key unit.pem", 2);
}
