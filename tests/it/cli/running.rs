//! `yizhan backup` beside a running hub, and the signed heads that it exports.

use crate::{
    program,
    serving::{App, Serving},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

const DEMO: &str = "demo --addr 127.0.0.1:0 --data hub";

fn packages(folder: &Path) -> String {
    let path = App::open("kv").write(folder);
    format!("{DEMO} --package {}", path.file_name().expect("a name").to_string_lossy())
}

fn count(serving: &Serving) -> i64 {
    serving.get("kv", "/get/count").text().parse().expect("a number")
}

#[test]
fn a_backup_beside_a_hub_under_load_brings_back_what_was_acknowledged() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = Serving::within(dir.path(), &packages(dir.path()));
    let secret = "what-an-app-keeps";
    assert_eq!(serving.get("kv", &format!("/set/a?value={secret}")).status, 200);
    let go_on = AtomicBool::new(true);
    let (before, after) = std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while go_on.load(Ordering::SeqCst) {
                    assert_eq!(serving.get("kv", "/increment/count").status, 200);
                }
            });
        }
        while serving.get("kv", "/get/count").status != 200 {}
        let before = count(&serving);
        program::json(dir.path(), "backup --data hub --to copy");
        let after = count(&serving);
        go_on.store(false, Ordering::SeqCst);
        (before, after)
    });
    assert_eq!(serving.stop("KILL"), None);
    for path in files(dir.path()) {
        let bytes = fs::read(&path).expect("reads");
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "{} holds a value in plain", path.display());
    }
    let root = fs::read(dir.path().join("hub/keys/root.key")).expect("reads");
    for path in files(&dir.path().join("copy")) {
        let bytes = fs::read(&path).expect("reads");
        assert!(!bytes.windows(root.len()).any(|part| part == root), "{} holds the root key", path.display());
    }
    let verified = program::json(dir.path(), "audit verify --data copy");
    assert_eq!(verified["unfinished_bytes"], 0);
    fs::create_dir(dir.path().join("apart")).expect("makes");
    fs::copy(dir.path().join("hub/keys/root.key"), dir.path().join("apart/root.key")).expect("copies");
    program::json(dir.path(), "restore --from copy --to again --keys apart");
    assert_eq!(
        fs::read(dir.path().join("again/keys/hub.keys")).expect("reads"),
        fs::read(dir.path().join("hub/keys/hub.keys")).expect("reads"),
        "sealed keys come back with the root key alone"
    );
    let again = Serving::within(dir.path(), "demo --addr 127.0.0.1:0 --data again");
    assert_eq!(again.get("kv", "/get/a").text(), secret);
    let restored = count(&again);
    assert!(before <= restored && restored <= after, "{before} ≤ {restored} ≤ {after}");
    let listed = program::refused(dir.path(), "audit list --data again", 2);
    assert!(listed["why"].as_str().is_some_and(|why| why.contains("running")), "{listed}");
    assert_eq!(again.stop("TERM"), Some(0));
    let actions: Vec<String> = program::json(dir.path(), "audit list --data again")["records"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|record| record["action"].as_str().map(str::to_owned))
        .collect();
    assert!(actions.iter().any(|action| action == "store.backed-up"), "{actions:?}");
}

#[test]
fn signed_heads_find_a_chain_that_was_cut_or_written_anew() {
    let dir = tempfile::tempdir().expect("a folder");
    let line = format!("{} --heads heads --heads-every 1", packages(dir.path()));
    assert_eq!(Serving::within(dir.path(), &line).stop("TERM"), Some(0));
    let early = dir.path().join("early");
    copy(&dir.path().join("hub"), &early);
    for _ in 0..2 {
        // Each backup is an entry of the audit.
        program::json(dir.path(), "backup --data hub --to b");
        fs::remove_dir_all(dir.path().join("b")).expect("removes");
    }
    assert_eq!(Serving::within(dir.path(), &line).stop("TERM"), Some(0));
    let verify = "audit verify --data hub --heads heads";
    let verified = program::json(dir.path(), verify);
    assert!(verified["signed_heads"].as_u64() >= Some(4), "{verified}");
    let keys: String = fs::read_to_string(dir.path().join("heads/keys.jsonl")).expect("reads");
    assert_eq!(keys.lines().count(), 1, "{keys}");
    fs::write(dir.path().join("kept.json"), &keys).expect("writes");
    program::json(dir.path(), &format!("{verify}/heads.jws --head-keys kept.json"));
    let cut = program::refused(dir.path(), "audit verify --data early --heads heads", 1);
    assert!(cut["why"].as_str().is_some_and(|why| why.contains("cut or written anew")), "{cut}");
    let path = dir.path().join("heads/heads.jws");
    let sound = fs::read_to_string(&path).expect("reads");
    fs::write(&path, format!("{sound}{}", &sound[..100])).expect("a crash");
    assert_eq!(program::json(dir.path(), verify)["unfinished_heads"], 1);
    fs::write(&path, changed(&sound)).expect("writes");
    let refused = program::refused(dir.path(), verify, 1);
    assert!(
        refused["why"].as_str().is_some_and(|why| why.contains("line 1") && why.contains("signature")),
        "{refused}"
    );
    fs::write(&path, &sound).expect("writes");
    fs::remove_dir_all(dir.path().join("hub")).expect("removes");
    assert_eq!(Serving::within(dir.path(), &packages(dir.path())).stop("TERM"), Some(0));
    let other = program::refused(dir.path(), verify, 2);
    assert!(other["why"].as_str().is_some_and(|why| why.contains("no head of this chain")), "{other}");
}

#[test]
fn a_damaged_store_of_apps_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().expect("a folder");
    let line = packages(dir.path());
    let serving = Serving::within(dir.path(), &line);
    assert_eq!(serving.get("kv", "/set/a?value=kept").status, 200);
    assert_eq!(serving.stop("TERM"), Some(0));
    let database = dir.path().join("hub/store/conf");
    fs::write(&database, "not a configuration at all").expect("writes");
    let json = program::refused(dir.path(), &line, 3);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("restore a backup")), "{json}");
}

/// The first head says another number.
fn changed(heads: &str) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts: Vec<&str> = heads.lines().next().expect("a line").split('.').collect();
    let mut statement: Value = serde_json::from_slice(&engine.decode(parts[1]).expect("base64")).expect("JSON");
    statement["chains"][0]["sequence"] = 7.into();
    let payload = engine.encode(statement.to_string());
    let rest: String = heads.lines().skip(1).map(|line| format!("{line}\n")).collect();
    format!("{}.{payload}.{}\n{rest}", parts[0], parts[2])
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry"));
    let inside = |entry: fs::DirEntry| match entry.file_type().expect("a type") {
        kind if kind.is_dir() => files(&entry.path()),
        kind if kind.is_file() => vec![entry.path()],
        _ => Vec::new(),
    };
    entries.flat_map(inside).collect()
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).expect("below"));
        fs::create_dir_all(target.parent().expect("a parent")).expect("makes");
        fs::copy(path, target).expect("copies");
    }
}
