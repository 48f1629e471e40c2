//! Which folder may name which library, inside a crate: what the arrows between crates cannot say.

use super::{Source, none, rust_sources};

#[test]
fn only_the_http_room_of_the_host_names_axum() {
    let is_http = |source: &Source| source.path == "host/src/http.rs" || source.path.starts_with("host/src/http/");
    none("axum outside host/src/http", &naming("axum", |source| source.path.starts_with("host/") && !is_http(source)));
}

#[test]
fn only_the_sled_room_of_the_store_names_sled() {
    let in_store = |source: &Source| source.path.starts_with("host/crates/store/src/");
    let is_sled = |source: &Source| source.path.trim_start_matches("host/crates/store/src/").contains("sled");
    let means_our_module = |source: &Source| source.text.contains("mod sled;");
    let chosen = |source: &Source| in_store(source) && !is_sled(source) && !means_our_module(source);
    none("sled outside store/src/sled", &naming("sled", chosen));
}

#[test]
fn routes_never_touch_the_store() {
    let is_route = |source: &Source| source.path.starts_with("host/src/http/routes");
    none("a route names the store", &naming("yizhan_store", is_route));
}

#[test]
fn capabilities_never_call_each_other() {
    let folder = "host/crates/sandbox/src/capability/";
    let sources: Vec<Source> = rust_sources().into_iter().filter(|source| source.path.starts_with(folder)).collect();
    let names: Vec<&str> =
        sources.iter().filter_map(|source| source.path[folder.len()..].split(['/', '.']).next()).collect();
    let mut offences = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let own = source.path[folder.len()..].split(['/', '.']).next().unwrap_or_default();
        for other in names.iter().filter(|other| **other != own) {
            if source.text.contains(&format!("capability::{other}::")) {
                offences.push(format!("{} → {other}", source.path));
            }
        }
    }
    none("a capability calls another", &offences);
}

/// Files of the chosen place with a line that names a library as a path, comments aside.
fn naming(library: &str, chosen: impl Fn(&Source) -> bool) -> Vec<String> {
    let (path, import) = (format!("{library}::"), format!("use {library};"));
    let mut found = Vec::new();
    for source in rust_sources().into_iter().filter(|source| chosen(source) && !source.is_test()) {
        for (number, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let starts = code.match_indices(&path).any(|(at, _)| !continues(&code[..at]));
            if starts || code.contains(&import) {
                found.push(format!("{}:{}", source.path, number + 1));
            }
        }
    }
    found
}

/// Whether what follows the text is only a part of a longer path or word.
fn continues(text: &str) -> bool {
    text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | ':'))
}
