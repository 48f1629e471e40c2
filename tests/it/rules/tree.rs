//! The shape of the tree: names, lengths, first lines, and what no file may hold.

use super::{Source, none, rust_sources, sources};

/// Most lines of a Rust file, its tests aside.
const LINES_MAX: usize = 400;

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 9] =
    ["mod.rs", "util.rs", "utils.rs", "helper.rs", "helpers.rs", "common.rs", "misc.rs", "manager.rs", "stub.rs"];

/// What no Rust file may hold; written in halves, so that this file does not hold it either.
const FORBIDDEN: [&str; 6] = [
    concat!("#[al", "low("),
    concat!("#![al", "low("),
    concat!("#[ig", "nore"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("d", "bg!("),
];

/// Folders of the machines that we work on, written in halves for the same reason.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/main"), concat!("/wo", "rk/shared"), concat!("/ro", "ot/."), concat!("/fa", "rm/")];

/// First labels of the hosts of package registries.
const REGISTRY_LABELS: [&str; 5] = ["registry", "files", "static", "index", "deb"];

#[test]
fn no_file_is_named_after_nothing() {
    let offences: Vec<String> = rust_sources()
        .into_iter()
        .filter(|source| EMPTY_NAMES.contains(&source.name()))
        .map(|source| source.path)
        .collect();
    none("a file name says nothing", &offences);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut offences = Vec::new();
    for source in rust_sources().iter().filter(|source| !source.is_test()) {
        let lines = source.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        if lines > LINES_MAX {
            offences.push(format!("{}: {lines} lines", source.path));
        }
    }
    none("split these files by what they are about", &offences);
}

#[test]
fn every_rust_file_opens_with_what_it_is() {
    let silent = |source: &Source| !source.text.starts_with("//! ");
    let offences: Vec<String> = rust_sources().into_iter().filter(silent).map(|source| source.path).collect();
    none("a file does not open with `//!`", &offences);
}

#[test]
fn no_file_silences_a_lint_skips_a_test_or_leaves_work_open() {
    let mut offences = Vec::new();
    for source in rust_sources() {
        for (number, line) in source.text.lines().enumerate() {
            if let Some(found) = FORBIDDEN.iter().find(|forbidden| line.contains(**forbidden)) {
                offences.push(format!("{}:{}: {found}", source.path, number + 1));
            }
        }
    }
    none("not allowed in this house", &offences);
}

#[test]
fn no_test_sleeps() {
    let mut offences = Vec::new();
    for source in rust_sources().iter().filter(|source| !source.path.starts_with("tests/guests/")) {
        let mut in_tests = source.is_test();
        for (number, line) in source.text.lines().enumerate() {
            in_tests |= line.starts_with("#[cfg(test)]");
            if in_tests && line.contains(concat!("sl", "eep(")) {
                offences.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    none("a test sleeps: advance the clock, or wait for what it waits for", &offences);
}

#[test]
fn no_file_names_a_machine_or_a_registry_host() {
    let mut offences = Vec::new();
    for source in sources().iter().filter(|source| source.name() != "Cargo.lock") {
        for (number, line) in source.text.lines().enumerate() {
            if MACHINE_PATHS.iter().any(|path| line.contains(path)) || names_registry(line) {
                offences.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    none("a path of one machine or the host of a registry", &offences);
}

/// Whether the line holds an address whose host begins like a registry's and ends in `.org` or `.io`.
fn names_registry(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let host = rest.split(|end: char| !(end.is_alphanumeric() || matches!(end, '.' | '-'))).next().unwrap_or("");
        let first = host.split('.').next().unwrap_or_default();
        REGISTRY_LABELS.contains(&first) && (host.ends_with(".org") || host.ends_with(".io"))
    })
}

#[test]
fn the_host_of_a_registry_is_seen() {
    assert!(names_registry(concat!("\"resolved\": \"https://regi", "stry.example.org/vue\"")));
    assert!(!names_registry("https://static.example.gov.cn/x"));
}
