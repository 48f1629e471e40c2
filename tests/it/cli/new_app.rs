//! `new` makes apps that pass the check, from templates without marks left in them.

use crate::program;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn made(template: &str) -> (tempfile::TempDir, Vec<String>) {
    let dir = tempfile::tempdir().expect("a folder");
    let json = program::json(dir.path(), &format!("new hall-guide --template {template}"));
    assert_eq!(json["app_id"], "cn.gov.example.hall-guide");
    assert_eq!(json["next"].as_array().map(Vec::len), Some(3));
    let root = dir.path().join("hall-guide");
    let names =
        files(&root).iter().map(|path| path.strip_prefix(&root).expect("inside").display().to_string()).collect();
    (dir, names)
}

#[test]
fn a_component_template_brings_its_sources_and_the_sdk() {
    for template in ["open", "identity"] {
        let (_dir, names) = made(template);
        for expected in [
            "Cargo.toml",
            "README.md",
            "manifest.json",
            "public/icon.png",
            "src/lib.rs",
            "vendor/yizhan-sdk/Cargo.toml",
            "vendor/yizhan-sdk/src/lib.rs",
            "vendor/yizhan-sdk/wit/worlds.wit",
        ] {
            assert!(names.iter().any(|name| name == expected), "{template}: {expected} of {names:?}");
        }
        assert!(!names.iter().any(|name| name.ends_with(".in")), "{names:?}");
    }
}

#[test]
fn a_static_template_is_files_alone_and_passes_the_check() {
    let (dir, names) = made("static");
    assert!(names.iter().any(|name| name == "public/index.html"), "{names:?}");
    assert!(!names.iter().any(|name| name == "Cargo.toml" || name.starts_with("vendor/")), "{names:?}");
    let report = program::json(dir.path(), "doctor hall-guide");
    assert_eq!(report["counts"]["errors"], 0, "{report}");
}

#[test]
fn no_mark_is_left_in_what_was_made() {
    for template in ["open", "identity", "static"] {
        let (dir, names) = made(template);
        for name in names.iter().filter(|name| !name.starts_with("vendor/")) {
            let bytes = fs::read(dir.path().join("hall-guide").join(name)).expect("reads");
            let text = String::from_utf8_lossy(&bytes);
            for mark in ["{{name}}", "{{slug}}", "{{app_id}}"] {
                assert!(!text.contains(mark), "{template}: {name} has {mark}");
            }
        }
    }
}

#[test]
fn a_given_app_id_and_sdk_are_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let sdk = dir.path().join("my-sdk");
    fs::create_dir(&sdk).expect("creates");
    fs::write(sdk.join("Cargo.toml"), "").expect("writes");
    program::json(dir.path(), "new guide --app-id cn.gov.sz.guide --sdk-path my-sdk");
    let manifest = fs::read_to_string(dir.path().join("guide/manifest.json")).expect("reads");
    assert!(manifest.contains("\"cn.gov.sz.guide\""), "{manifest}");
    let cargo = fs::read_to_string(dir.path().join("guide/Cargo.toml")).expect("reads");
    assert!(cargo.contains("my-sdk\"") && !cargo.contains("vendor/yizhan-sdk"), "{cargo}");
    assert!(!dir.path().join("guide/vendor").exists());
}

#[test]
fn a_folder_that_is_there_is_not_touched() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("guide")).expect("creates");
    fs::write(dir.path().join("guide/mine.txt"), "mine").expect("writes");
    program::refused(dir.path(), "new guide", 2);
    assert_eq!(files(&dir.path().join("guide")).len(), 1);
}
