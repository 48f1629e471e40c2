//! Who may import whom. A new arrow needs an ADR and a line in this table.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::{none, root};

/// Each of our crates and those of ours that it may depend on.
const ARROWS: [(&str, &[&str]); 14] = [
    ("yizhan-domain", &[]),
    ("yizhan-package", &["domain"]),
    ("yizhan-store", &["domain"]),
    ("yizhan-auth", &["domain", "store"]),
    ("yizhan-support", &["domain", "store", "auth"]),
    ("yizhan-sandbox", &["domain", "package", "store", "auth", "support"]),
    ("yizhan-hub", &["domain", "package", "store", "auth", "support", "sandbox"]),
    ("yizhan", &["domain", "package", "store", "auth", "support", "sandbox", "hub"]),
    ("yizhan-sdk", &[]),
    ("xtask", &[]),
    ("axum-peer", &[]),
    ("flow-bench", &["domain", "store", "auth"]),
    ("search-bench", &["domain", "support"]),
    ("yizhan-tests", &["domain", "package", "store", "auth", "support", "sandbox", "hub", "host", "sdk"]),
];

/// Families of crates and the few of ours that may know them.
const OWNED: [(&str, &[&str]); 8] = [
    ("wasmtime", &["yizhan-sandbox"]),
    ("wasmparser", &["yizhan-sandbox"]),
    ("wit-component", &["yizhan-sandbox"]),
    ("wit-parser", &["yizhan-sandbox"]),
    ("axum", &["yizhan", "axum-peer"]),
    ("askama", &["yizhan"]),
    ("sled", &["yizhan-store"]),
    ("tokio-postgres", &["yizhan-store"]),
];

/// One line of `[dependencies]`, `[dev-dependencies]` or `[build-dependencies]`.
struct Arrow {
    from: String,
    to: String,
    /// Whether only tests follow it.
    for_tests: bool,
}

#[test]
fn crates_depend_only_along_the_arrows_of_the_house() {
    let arrows = arrows();
    let found: BTreeSet<&str> = arrows.iter().map(|arrow| arrow.from.as_str()).collect();
    let mut offences: Vec<String> = found
        .iter()
        .filter(|from| !ARROWS.iter().any(|(name, _)| name == *from))
        .map(|from| format!("{from} is not in the table of arrows"))
        .collect();
    offences.extend(arrows.iter().filter(|arrow| is_ours(&arrow.to) && !is_allowed(arrow)).map(show));
    none("a crate imports one that it may not know", &offences);
}

#[test]
fn a_library_with_an_owner_is_known_to_its_owner_alone() {
    let offences: Vec<String> = arrows().iter().filter(|arrow| is_foreign(arrow)).map(show).collect();
    none("a library is used outside its room", &offences);
}

#[test]
fn every_dependency_is_declared_once_at_the_top() {
    let mut offences = Vec::new();
    for package in packages().iter().filter(|package| package["name"] != "yizhan-sdk") {
        let path = package["manifest_path"].as_str().expect("a package has a manifest");
        let manifest = std::fs::read_to_string(path).expect("the manifest can be read");
        offences.extend(own_versions(&manifest).map(|line| format!("{}: {line}", package["name"])));
    }
    none("a version or path stands outside the top Cargo.toml (the SDK's, which authors copy, aside)", &offences);
}

/// Lines of dependency tables that do not take their version from the workspace.
fn own_versions(manifest: &str) -> impl Iterator<Item = &str> {
    let mut in_table = false;
    manifest.lines().filter(move |line| {
        if line.starts_with('[') {
            in_table = line.contains("dependencies");
            return false;
        }
        in_table && line.contains('=') && !line.starts_with('#') && !line.contains("workspace = true")
    })
}

fn arrows() -> Vec<Arrow> {
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let mut arrows = Vec::new();
    for package in packages() {
        for to in package["dependencies"].as_array().into_iter().flatten() {
            arrows.push(Arrow { from: name(&package), to: name(to), for_tests: to["kind"] == "dev" });
        }
    }
    arrows
}

/// What cargo knows of each crate of the workspace.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo describes the workspace");
    assert!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let described: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = described["packages"].as_array().cloned().unwrap_or_default();
    assert!(packages.len() >= ARROWS.len(), "only {} packages found", packages.len());
    packages
}

fn is_ours(name: &str) -> bool {
    ARROWS.iter().any(|(ours, _)| *ours == name)
}

fn is_allowed(arrow: &Arrow) -> bool {
    let short = if arrow.to == "yizhan" { "host" } else { arrow.to.trim_start_matches("yizhan-") };
    ARROWS.iter().any(|(from, to)| *from == arrow.from && to.contains(&short))
}

/// Whether the arrow points to a library that belongs to others; tests may use any.
fn is_foreign(arrow: &Arrow) -> bool {
    !arrow.for_tests
        && OWNED.iter().any(|(family, owners)| arrow.to.starts_with(family) && !owners.contains(&arrow.from.as_str()))
}

fn show(arrow: &Arrow) -> String {
    format!("{} → {}", arrow.from, arrow.to)
}
