//! Every test guest is there because a test runs it.

use super::{none, sources};

#[test]
fn every_guest_is_named_by_a_test() {
    let sources = sources();
    let tests: Vec<&str> = sources
        .iter()
        .filter(|source| source.path.starts_with("tests/it/") && !source.path.starts_with("tests/it/rules"))
        .map(|source| source.text.as_str())
        .collect();
    let components: Vec<&str> = sources
        .iter()
        .filter(|source| source.text.contains("\"cdylib\""))
        .filter_map(|source| source.path.strip_prefix("tests/guests/")?.strip_suffix("/Cargo.toml"))
        .collect();
    assert!(components.len() > 15, "only {} guests found", components.len());
    let unnamed: Vec<String> = components
        .iter()
        .filter(|guest| {
            let (folder, file) = (format!("\"{guest}\""), format!("\"{}\"", guest.replace('-', "_")));
            !tests.iter().any(|text| text.contains(&folder) || text.contains(&file))
        })
        .map(|guest| (*guest).to_owned())
        .collect();
    none("a guest that no test under tests/it names", &unnamed);
}

#[test]
fn every_guest_says_what_it_does() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.path.starts_with("tests/guests/") && source.path.ends_with("/lib.rs"))
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    none("a guest does not open with what it does", &silent);
}
