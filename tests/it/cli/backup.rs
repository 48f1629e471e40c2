//! `yizhan backup`, `restore` and `audit`: what was backed up comes back whole, and a changed byte is named.

use super::admin::{hub, register_backend};
use crate::program;
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A data directory with some history, and its backup in `copy`.
fn backed_up(folder: &Path) {
    hub(folder);
    register_backend(folder);
    program::json(folder, "backup --data hub --to copy");
}

fn segment(records: PathBuf) -> PathBuf {
    records.join("journal/00000001.log")
}

fn flip(path: &Path, position: impl FnOnce(usize) -> usize) {
    let mut bytes = fs::read(path).expect("reads");
    let position = position(bytes.len());
    bytes[position] ^= 0x10;
    fs::write(path, bytes).expect("writes");
}

#[test]
fn a_restored_hub_has_its_clients_apps_and_whole_chain() {
    let dir = tempfile::tempdir().expect("a folder");
    backed_up(dir.path());
    let head = program::run(dir.path(), "audit verify --data hub --json").stdout;
    fs::write(dir.path().join("head.json"), head).expect("writes");
    let json = program::json(dir.path(), "restore --from copy --to again --keys hub/keys");
    assert_eq!((json["mode"].as_str(), json["missing_data_keys"].as_u64()), (Some("development"), Some(0)), "{json}");
    let verified = program::json(dir.path(), "audit verify --data again --head head.json");
    assert!(verified["entries"].as_u64() >= Some(3), "{verified}");
    let audit = program::json(dir.path(), "audit list --data again");
    assert_eq!(audit["records"][0]["action"], "store.restored");
    let listed = |data: &str| program::json(dir.path(), &format!("admin list-clients --data {data}"));
    assert_eq!(listed("again"), listed("hub"));
    let mode = |path: &str| fs::metadata(dir.path().join(path)).expect(path).permissions().mode() & 0o777;
    assert_eq!((mode("again"), mode("again/keys/root.key"), mode("copy")), (0o700, 0o600, 0o700));
    assert_ne!(
        fs::read(dir.path().join("again/node.key")).expect("reads"),
        fs::read(dir.path().join("hub/node.key")).expect("reads"),
        "native code is trusted on its own node"
    );
    program::json(dir.path(), "remove identity --data again");
}

#[test]
fn a_backup_holds_no_key_and_overwrites_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    backed_up(dir.path());
    let names: Vec<_> =
        fs::read_dir(dir.path().join("copy")).expect("lists").flatten().map(|it| it.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().contains("key")), "{names:?}");
    program::refused(dir.path(), "backup --data hub --to copy", 2);
    program::refused(dir.path(), "restore --from copy --to hub --keys hub/keys", 2);
    let json = program::refused(dir.path(), "restore --from copy --to again --keys copy", 2);
    assert!(json["fix"].as_str().is_some_and(|fix| fix.contains("folder `keys`")), "{json}");
    let verified = program::json(dir.path(), "audit verify --data copy");
    assert_eq!(verified["unfinished_bytes"], json!(0));
}

#[test]
fn a_backup_that_was_changed_or_is_not_whole_is_not_restored() {
    let dir = tempfile::tempdir().expect("a folder");
    backed_up(dir.path());
    let journal = segment(dir.path().join("copy/records"));
    flip(&journal, |length| length - 20);
    let json = program::refused(dir.path(), "restore --from copy --to again --keys hub/keys", 1);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("00000001.log")), "{json}");
    fs::remove_file(dir.path().join("copy/records/manifest.json")).expect("removes");
    program::refused(dir.path(), "restore --from copy --to again --keys hub/keys", 2);
    let left: Vec<_> = fs::read_dir(dir.path()).expect("lists").flatten().map(|it| it.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("again")), "{left:?}");
}

#[test]
fn a_flipped_byte_in_the_journal_is_named_with_segment_and_sequence() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    for _later_record_proves_the_earlier in 0..4 {
        register_backend(dir.path());
    }
    let whole = program::json(dir.path(), "audit verify --data hub");
    let journal = segment(dir.path().join("hub/records"));
    flip(&journal, |length| length / 3);
    let json = program::refused(dir.path(), "audit verify --data hub", 1);
    let why = json["why"].as_str().expect("text");
    assert!(why.contains("segment 00000001.log") && why.contains("frame "), "{json}");
    assert!(json["where"].as_str().is_some_and(|place| place.ends_with("journal/00000001.log")), "{json}");
    flip(&journal, |length| length / 3);
    assert_eq!(program::json(dir.path(), "audit verify --data hub"), whole, "nothing was changed by looking");
}

#[test]
fn a_chain_that_was_cut_lacks_the_head_that_was_exported() {
    let dir = tempfile::tempdir().expect("a folder");
    backed_up(dir.path());
    register_backend(dir.path());
    let head = program::run(dir.path(), "audit verify --data hub --json").stdout;
    fs::write(dir.path().join("head.json"), head).expect("writes");
    program::json(dir.path(), "audit verify --data hub --head head.json");
    let json = program::refused(dir.path(), "audit verify --data copy --head head.json", 1);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("cut or written anew")), "{json}");
    program::refused(dir.path(), "audit verify --data copy --head unit.pem", 2);
    program::refused(dir.path(), "audit verify --data none", 2);
}
