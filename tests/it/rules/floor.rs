//! The runtime never falls below the release that fixed the last known advisories, and never leaves its long-term line.

use super::root;

/// The lowest release of the line: 36 advisories were fixed from 48.0.3 to this one.
const FLOOR: [u32; 3] = [48, 0, 8];

#[test]
fn wasmtime_is_on_its_long_term_line_and_not_below_the_floor() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let locked: Vec<(&str, [u32; 3])> = packages(&lock).filter(|(name, _)| name.starts_with("wasmtime")).collect();
    assert!(locked.iter().any(|(name, _)| *name == "wasmtime"), "Cargo.lock has no wasmtime");
    for (name, version) in locked {
        assert!(version >= FLOOR, "{name} {version:?} is below {FLOOR:?}: known advisories");
        assert_eq!(version[0], FLOOR[0], "{name} {version:?} has left the long-term line");
    }
}

/// Name and version of every package of a lock file; versions that are not three numbers are left out.
fn packages(lock: &str) -> impl Iterator<Item = (&str, [u32; 3])> {
    lock.split("[[package]]").filter_map(|block| {
        let name = block.split_once("name = \"")?.1.split_once('"')?.0;
        let version = block.split_once("version = \"")?.1.split_once('"')?.0;
        let numbers: Vec<u32> = version.split('.').filter_map(|number| number.parse().ok()).collect();
        Some((name, numbers.try_into().ok()?))
    })
}
