//! The same sources give the same bytes: twice, in different folders, at different times.

use crate::program;
use serde_json::Value;
use std::{
    fs,
    fs::{File, FileTimes},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

fn copy(from: &Path, to: &Path, written: SystemTime) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target, written);
            continue;
        }
        fs::copy(entry.path(), &target).expect("copies");
        let file = File::options().write(true).open(&target).expect("opens");
        file.set_times(FileTimes::new().set_modified(written)).expect("sets the time");
    }
}

/// The target folder of guests, shared by all tests so that what apps depend on is built once.
fn guests() -> PathBuf {
    std::env::var_os("YIZHAN_GUESTS")
        .map_or_else(|| program::path().ancestors().nth(2).expect("target").join("guests"), PathBuf::from)
}

fn pack(app: &Path) -> (Value, Vec<u8>) {
    let mut command = program::yizhan(app);
    let output = command.args(["pack", "--json"]).env("CARGO_TARGET_DIR", guests()).output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let bytes = fs::read(app.join(json["path"].as_str().expect("a path"))).expect("the package");
    (json, bytes)
}

fn assert_same_bytes_elsewhere_and_later(template: &str) {
    let dir = tempfile::tempdir().expect("a folder");
    program::json(dir.path(), &format!("new twice-{template} --template {template}"));
    let first = dir.path().join(format!("twice-{template}"));
    let second = dir.path().join("another/folder/that is deeper/app");
    copy(&first, &second, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let (json, bytes) = pack(&first);
    let (again, bytes_again) = pack(&second);
    assert_eq!(json["digest"], again["digest"]);
    assert!(bytes == bytes_again, "the packages differ");
    let (_, bytes_in_place) = pack(&first);
    assert!(bytes == bytes_in_place, "packing again differs");
    let place = dir.path().to_str().expect("text").as_bytes();
    assert!(!bytes.windows(place.len()).any(|window| window == place), "a path of this machine is in the package");
}

#[test]
fn an_app_without_component_packs_to_the_same_bytes() {
    assert_same_bytes_elsewhere_and_later("static");
}

#[test]
fn an_app_with_a_component_packs_to_the_same_bytes() {
    assert_same_bytes_elsewhere_and_later("open");
}

#[test]
fn an_sdk_outside_the_app_does_not_change_the_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    program::json(dir.path(), "new outside --template open");
    let vendored = dir.path().join("outside/vendor/yizhan-sdk");
    let mut packages = Vec::new();
    for place in ["one", "two/deeper"] {
        let home = dir.path().join(place);
        copy(&vendored, &home.join("sdk"), SystemTime::UNIX_EPOCH);
        fs::create_dir_all(home.join("apps")).expect("creates");
        program::json(&home.join("apps"), "new outside --template open --sdk-path ../sdk");
        packages.push(pack(&home.join("apps/outside")).0["digest"].clone());
    }
    assert_eq!(packages[0], packages[1]);
}

#[test]
fn an_app_with_errors_is_not_packed_and_the_findings_are_told() {
    let dir = tempfile::tempdir().expect("a folder");
    program::json(dir.path(), "new wrong --template static");
    let manifest = dir.path().join("wrong/manifest.json");
    let text = fs::read_to_string(&manifest).expect("reads").replace("public/icon.png", "public/none.png");
    fs::write(&manifest, text).expect("writes");
    let json = program::refused(dir.path(), "pack wrong", 1);
    let findings = json["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["pointer"] == "/icons/0/src"), "{json}");
    assert!(!dir.path().join("wrong.ma").exists());
}

#[test]
fn a_build_that_fails_says_what_the_compiler_said() {
    let dir = tempfile::tempdir().expect("a folder");
    program::json(dir.path(), "new broken --template open");
    let mut source = fs::read_to_string(dir.path().join("broken/src/lib.rs")).expect("reads");
    source.push_str("\nfn broken() -> u32 { \"no number\" }\n");
    fs::write(dir.path().join("broken/src/lib.rs"), source).expect("writes");
    let mut command = program::yizhan(dir.path());
    command.args(["pack", "broken", "--json"]).env("CARGO_TARGET_DIR", guests());
    let output = command.output().expect("starts");
    assert_eq!(output.status.code(), Some(4));
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(json["why"].as_str().is_some_and(|why| why.contains("mismatched types")), "{json}");
}
