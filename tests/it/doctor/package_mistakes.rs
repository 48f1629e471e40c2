//! Mistakes of the archive: a package that is none, or was made or changed by other hands.

use super::app::{App, only};
use yizhan_domain::{Finding, Severity};
use yizhan_hub::check::{Report, check_package};
use yizhan_package::Package;

fn packed(app: &App) -> Vec<u8> {
    Package::from_files(app.to_files()).expect("a package").write().expect("bytes")
}

fn refused(bytes: &[u8], code: &str, path: &str) -> Finding {
    let report: Report = check_package(bytes);
    assert!(!report.ok && report.package.is_none());
    only(&report, Severity::Error, code, path, "")
}

/// Changes a name wherever it stands; both must be of one length.
fn renamed(mut bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, part)| *part == from.as_bytes()).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2, "local and central header");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn a_good_package_is_described_with_its_digest() {
    let bytes = packed(&App::identity());
    let report = check_package(&bytes);
    assert_eq!(report.findings, []);
    let package = report.package.expect("whole");
    assert_eq!(package.digest, Package::read(&bytes).expect("reads").digest().to_string());
    assert_eq!(package.signed_by, [""; 0]);
}

#[test]
fn bytes_that_are_no_zip_are_no_package() {
    refused(b"this is no package at all", "package.not-a-package", "");
    refused(b"", "package.not-a-package", "");
}

#[test]
fn a_truncated_package_is_refused_wherever_it_ends() {
    let bytes = packed(&App::leaflet());
    for len in (0..bytes.len()).step_by(7) {
        let report = check_package(&bytes[..len]);
        assert!(!report.ok, "{len} of {}", bytes.len());
    }
    refused(&bytes[..bytes.len() - 1], "package.not-a-package", "");
}

#[test]
fn a_path_out_of_the_package_is_refused() {
    let mut app = App::leaflet();
    app.put("public/xx/evil.txt", "x");
    refused(&renamed(packed(&app), "public/xx/evil.txt", "public/../evil.txt"), "package.path", "public/../evil.txt");
    let mut outside = App::leaflet();
    outside.put("public/../evil.txt", "x");
    outside.refused_with("package.path", "public/../evil.txt", "");
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    let mut app = App::leaflet();
    app.put("public/part-1.txt", "x");
    app.put("public/part-2.txt", "x");
    let twice = renamed(packed(&app), "public/part-2.txt", "public/part-1.txt");
    refused(&twice, "package.path-collision", "public/part-1.txt");
}

#[test]
fn names_that_differ_in_case_alone_are_refused() {
    let mut app = App::leaflet();
    app.put("public/Icon.png", "x");
    app.refused_with("package.path-collision", "public/icon.png", "");
}

#[test]
fn a_changed_byte_is_refused() {
    let mut bytes = packed(&App::leaflet());
    let at = bytes.windows(4).position(|part| part == b"IHDR").unwrap_or(100);
    bytes[at] ^= 1;
    assert!(!check_package(&bytes).ok);
}

#[test]
fn an_app_that_is_too_large_is_refused_with_the_limit() {
    let mut app = App::leaflet();
    app.put("public/film.mp4", vec![0; 64 << 20]);
    let finding = app.refused_with("package.too-large", "", "");
    assert!(finding.why.contains("67108864"), "{finding:?}");
}

#[test]
fn a_file_without_a_place_is_refused() {
    let mut app = App::leaflet();
    app.put("notes.txt", "x");
    app.refused_with("package.file-not-allowed", "notes.txt", "");
}

#[test]
fn a_folder_without_a_manifest_is_refused() {
    let mut files = App::leaflet().to_files();
    files.remove("manifest.json");
    let report = yizhan_hub::check::check_files(&files);
    only(&report, Severity::Error, "package.file-missing", "manifest.json", "");
}
