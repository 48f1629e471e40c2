//! What only the embedded backend promises: it survives a restart, and damage is an error that destroys nothing.

use crate::{open, settings, tenant};
use bytes::Bytes;
use std::{fs, path::Path};
use yizhan_store::{KvStore, SledStore, StoreError, Tenant};

fn cart() -> Tenant {
    tenant("cn.gov.example.shop", "cart")
}

async fn fill(path: &Path) {
    let store = open(path);
    store.set(&cart(), "small", Bytes::from_static(b"value")).await.expect("set");
    store.set(&cart(), "large", Bytes::from(vec![5; 100_000])).await.expect("set");
    assert_eq!(store.increment(&cart(), "count", 41).await.expect("increment"), 41);
}

async fn assert_filled(store: &SledStore) {
    assert_eq!(store.get(&cart(), "small").await.expect("get").as_deref(), Some(&b"value"[..]));
    assert_eq!(store.get(&cart(), "large").await.expect("get"), Some(Bytes::from(vec![5; 100_000])));
    assert_eq!(store.get(&cart(), "count").await.expect("get").as_deref(), Some(&b"41"[..]));
}

/// Changes the raw record whose key ends with `ending`.
fn damage(path: &Path, ending: &[u8], change: impl Fn(&mut Vec<u8>)) {
    let db = sled::open(path).expect("opens");
    let tree = db.open_tree("kv").expect("tree");
    let found = tree.iter().map(|pair| pair.expect("pair")).find(|(key, _)| key.ends_with(ending));
    let (key, value) = found.expect("a record");
    let mut bytes = value.to_vec();
    change(&mut bytes);
    tree.insert(key, bytes).expect("insert");
    db.flush().expect("flush");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    for _ in 0..3 {
        let store = open(folder.path());
        assert_filled(&store).await;
        assert_eq!(store.used_bytes(cart().app()).await.expect("used"), 5 + 5 + 5 + 100_000 + 5 + 2);
    }
    let store = open(folder.path());
    assert_eq!(store.increment(&cart(), "count", 1).await.expect("increment"), 42);
}

#[tokio::test]
async fn a_damaged_value_is_an_error_and_the_others_are_read() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    damage(folder.path(), b"small", |bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    });
    damage(folder.path(), b"large\0\0\0\x03", Vec::clear);
    let store = open(folder.path());
    for key in ["small", "large"] {
        let error = store.get(&cart(), key).await.expect_err("damaged");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(key), "{error}");
    }
    let error = store.increment(&cart(), "small", 1).await.expect_err("damaged");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(store.get(&cart(), "count").await.expect("get").as_deref(), Some(&b"41"[..]));
    store.set(&cart(), "fresh", Bytes::new()).await.expect("one damaged value does not stop the others");
}

#[tokio::test]
async fn a_missing_chunk_and_a_length_that_lies_are_errors() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    {
        let db = sled::open(folder.path()).expect("opens");
        let tree = db.open_tree("kv").expect("tree");
        let keys: Vec<_> = tree.iter().keys().map(|key| key.expect("key")).collect();
        let chunk = keys.iter().find(|key| key.ends_with(b"large\0\0\0\x07")).expect("chunk");
        tree.remove(chunk).expect("remove");
    }
    let error = open(folder.path()).get(&cart(), "large").await.expect_err("missing chunk");
    assert!(error.to_string().ends_with("is missing"), "{error}");
}

#[tokio::test]
async fn a_damaged_index_is_set_aside_and_everything_is_there() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    let indexes = || -> Vec<_> {
        let entries = fs::read_dir(folder.path()).expect("folder").map(|entry| entry.expect("entry").path());
        entries.filter(|path| path.to_string_lossy().contains("/snap.")).collect()
    };
    let damaged = indexes().pop().unwrap_or_else(|| folder.path().join("snap.0000000000000000"));
    fs::write(&damaged, b"not an index at all").expect("write");
    assert_filled(&open(folder.path())).await;
    let kept = folder.path().join("set-aside/0").join(damaged.file_name().expect("name"));
    assert_eq!(fs::read(kept).expect("kept"), b"not an index at all", "nothing is deleted");
}

#[tokio::test]
async fn a_directory_that_is_open_already_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let store = open(folder.path());
    store.set(&cart(), "k", Bytes::from_static(b"v")).await.expect("set");
    let error = SledStore::open(folder.path(), &settings()).expect_err("open twice");
    assert!(error.to_string().contains("could not acquire lock"), "{error}");
    assert!(!folder.path().join("set-aside").exists());
    assert_eq!(store.get(&cart(), "k").await.expect("get").as_deref(), Some(&b"v"[..]));
}

#[tokio::test]
async fn no_record_lies_outside_the_file_that_is_fsynced() {
    let folder = tempfile::tempdir().expect("folder");
    let store = open(folder.path());
    for number in 0..40 {
        let key = format!("{number:0>1000}");
        store.set(&cart(), &key, Bytes::from(vec![number; 4_000])).await.expect("set");
        store.set(&cart(), "large", Bytes::from(vec![number; 1 << 20])).await.expect("set");
    }
    drop(store);
    let blobs = fs::read_dir(folder.path().join("blobs")).expect("blobs").count();
    assert_eq!(blobs, 0, "sled writes large leaves to blobs/ and never fsyncs them");
    assert_eq!(open(folder.path()).get(&cart(), "large").await.expect("get"), Some(Bytes::from(vec![39; 1 << 20])));
}
