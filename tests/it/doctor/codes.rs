//! Every code of a finding is described in `docs/errors.md`, and the page describes no other.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders whose sources make findings, with the prefix that their short codes get.
const SOURCES: [(&str, &str); 4] = [
    ("host/crates/package/src", ""),
    ("host/crates/package/src/manifest", "manifest."),
    ("host/crates/sandbox/src", ""),
    ("host/crates/hub/src", ""),
];
const FAMILIES: [&str; 6] = ["app.", "component.", "icon.", "manifest.", "package.", "page."];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Sources of a folder, without tests, each cut before its test module.
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("source");
            texts.push(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned());
        }
    }
    texts
}

fn is_code(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let family = FAMILIES.iter().find_map(|family| text.strip_prefix(family));
    let is_file = |rest: &str| ["wasm", "json", "html", "css", "js", "toml", "ma", "rs"].contains(&rest);
    text == "not-provided" || family.is_some_and(|rest| is_word(rest) && !is_file(rest))
}

/// Codes as they stand in full, and those of `refuse("short", …)` in the manifest's readers.
fn codes_of_the_sources() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (folder, prefix) in SOURCES {
        for text in sources(&root().join(folder)) {
            if prefix.is_empty() {
                codes.extend(text.split('"').filter(|part| is_code(part)).map(str::to_owned));
            } else {
                let calls = text.split("refuse(").skip(1).filter_map(|call| call.trim_start().strip_prefix('"'));
                codes.extend(calls.filter_map(|call| call.split('"').next()).map(|short| format!("{prefix}{short}")));
            }
        }
    }
    codes
}

/// First cells of the tables under the headings of families.
fn codes_of_the_page() -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/errors.md")).expect("docs/errors.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(code, _)| code.to_owned()).filter(|code| is_code(code)).collect()
}

#[test]
fn every_code_is_described_once_and_no_other() {
    let described = codes_of_the_page();
    let page: BTreeSet<String> = described.iter().cloned().collect();
    assert_eq!(described.len(), page.len(), "a code stands twice");
    let sources = codes_of_the_sources();
    assert!(sources.len() > 60, "{sources:?}");
    assert_eq!(sources.difference(&page).collect::<Vec<_>>(), [""; 0], "not in docs/errors.md");
    assert_eq!(page.difference(&sources).collect::<Vec<_>>(), [""; 0], "in docs/errors.md alone");
}
