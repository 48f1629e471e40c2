//! What only the embedded backend promises: it survives a restart, and damage is an error that destroys nothing.

use crate::{open, settings, tenant};
use bytes::Bytes;
use std::{fs, path::Path};
use yizhan_store::{KvKey, KvStore, SledSettings, SledStore, StoreError, Tenant};

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

/// Raw keys of the sealed tree that setting a value makes: heads (1) and chunks (2).
async fn fill_and_name(path: &Path, key: &str, value: Bytes) -> Vec<Vec<u8>> {
    let before = raw_keys(path);
    open(path).set(&cart(), key, value).await.expect("set");
    raw_keys(path).into_iter().filter(|key| !before.contains(key) && matches!(key[0], 1 | 2)).collect()
}

fn raw_keys(path: &Path) -> Vec<Vec<u8>> {
    let db = raw(path);
    let tree = db.open_tree("sealed").expect("tree");
    tree.iter().keys().map(|key| key.expect("key").to_vec()).collect()
}

/// The database itself, once the store has let go of it.
fn raw(path: &Path) -> sled::Db {
    (0..10_000).find_map(|_| sled::open(path).ok()).expect("opens")
}

/// Changes a raw record; an empty one is removed.
fn damage(path: &Path, key: &[u8], change: impl Fn(&mut Vec<u8>)) {
    let db = raw(path);
    let tree = db.open_tree("sealed").expect("tree");
    let mut bytes = tree.get(key).expect("reads").expect("a record").to_vec();
    change(&mut bytes);
    match bytes.is_empty() {
        true => tree.remove(key).expect("remove"),
        false => tree.insert(key, bytes).expect("insert"),
    };
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
    let small = fill_and_name(folder.path(), "small 2", Bytes::from_static(b"value")).await;
    let large = fill_and_name(folder.path(), "large 2", Bytes::from(vec![5; 100_000])).await;
    assert_eq!((small.len(), large.len()), (1, 1 + 26));
    damage(folder.path(), &small[0], |bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    });
    damage(folder.path(), &large[3], |bytes| bytes.truncate(5));
    let store = open(folder.path());
    for (key, raw_key) in [("small 2", &small[0]), ("large 2", &large[3])] {
        let error = store.get(&cart(), key).await.expect_err("damaged");
        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(&raw_key.escape_ascii().to_string()), "{error}");
        assert!(!error.to_string().contains(key), "{error}");
    }
    let error = store.increment(&cart(), "small 2", 1).await.expect_err("damaged");
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_filled(&store).await;
    store.set(&cart(), "fresh", Bytes::new()).await.expect("one damaged value does not stop the others");
}

#[tokio::test]
async fn a_missing_chunk_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let large = fill_and_name(folder.path(), "large", Bytes::from(vec![5; 100_000])).await;
    damage(folder.path(), &large[7], Vec::clear);
    let error = open(folder.path()).get(&cart(), "large").await.expect_err("missing chunk");
    assert!(error.to_string().ends_with("is missing"), "{error}");
}

#[tokio::test]
async fn a_value_that_was_moved_under_another_key_is_damage() {
    let folder = tempfile::tempdir().expect("folder");
    let one = fill_and_name(folder.path(), "one", Bytes::from_static(b"value 1")).await;
    let two = fill_and_name(folder.path(), "two", Bytes::from_static(b"value 2")).await;
    {
        let db = raw(folder.path());
        let tree = db.open_tree("sealed").expect("tree");
        let moved = tree.get(&one[0]).expect("reads").expect("a record");
        // A frame of its own, so that only the seal can tell.
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&(two[0].len() as u64).to_be_bytes());
        hasher.update(&two[0]);
        hasher.update(&moved[7..]);
        let framed = [&moved[..3], &hasher.finalize().to_be_bytes(), &moved[7..]].concat();
        tree.insert(&two[0], framed).expect("insert");
        db.flush().expect("flush");
    }
    let error = open(folder.path()).get(&cart(), "two").await.expect_err("moved");
    assert!(error.to_string().ends_with("does not open with its app's key"), "{error}");
}

#[tokio::test]
async fn no_file_holds_a_plain_key_or_value() {
    let folder = tempfile::tempdir().expect("folder");
    let store = open(folder.path());
    let (key, value) = ("13800000000 of a person", b"what an app keeps of a person");
    for number in 0..200 {
        store.set(&cart(), &format!("{key} {number}"), Bytes::from_static(value)).await.expect("set");
        store.set(&cart(), "large", Bytes::from(value.repeat(400))).await.expect("set");
    }
    store.increment(&cart(), "count-plain-7", 987_654_321).await.expect("increment");
    let mut dump = Vec::new();
    store.dump(&mut dump).expect("dumps");
    drop(store);
    let mut looked = 0;
    let contents = crate::records::files(folder.path()).into_iter().map(|path| fs::read(path).expect("reads"));
    for bytes in contents.chain([dump]) {
        looked += bytes.len();
        for plain in [key.as_bytes(), value, b"count-plain-7", b"987654321", b"cart"] {
            assert!(!bytes.windows(plain.len()).any(|part| part == plain), "{}", plain.escape_ascii());
        }
    }
    assert!(looked > 200 * value.len());
}

#[tokio::test]
async fn another_key_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    let other = SledSettings { key: KvKey::new([1; 32]), ..settings() };
    let error = SledStore::open(folder.path(), &other).expect_err("another key");
    assert!(error.to_string().contains("sealed with another key"), "{error}");
    assert_filled(&open(folder.path())).await;
}

#[tokio::test]
async fn data_of_an_earlier_version_is_sealed_and_the_plain_files_go() {
    for crash in ["none", "while sealing", "between the renames", "before the removal"] {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("store");
        write_plain(&path);
        let beside = |ending: &str| folder.path().join(format!("store.{ending}"));
        match crash {
            "while sealing" => fs::create_dir_all(beside("sealing").join("half")).expect("makes"),
            "between the renames" => {
                fill(&beside("sealing")).await;
                fs::rename(&path, beside("plain")).expect("renames");
            }
            "before the removal" => {
                fill(&beside("new")).await;
                fs::rename(&path, beside("plain")).expect("renames");
                fs::rename(beside("new"), &path).expect("renames");
            }
            _ => {}
        }
        assert_filled(&open(&path)).await;
        assert_eq!(open(&path).used_bytes(cart().app()).await.expect("used"), 5 + 5 + 5 + 100_000 + 5 + 2, "{crash}");
        let names: Vec<_> =
            fs::read_dir(folder.path()).expect("lists").map(|it| it.expect("entry").file_name()).collect();
        assert_eq!(names, ["store"], "{crash}");
        for path in crate::records::files(folder.path()) {
            let bytes = fs::read(&path).expect("reads");
            assert!(!bytes.windows(16).any(|part| part == [5; 16]), "{crash}: {} is plain", path.display());
        }
    }
}

/// What the version before wrote for [`fill`].
fn write_plain(path: &Path) {
    let db = raw(path);
    let tree = db.open_tree("kv").expect("tree");
    let prefix = [&[19_u8][..], b"cn.gov.example.shop", &[4], b"cart"].concat();
    let put = |key: Vec<u8>, payload: &[u8]| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&(key.len() as u64).to_be_bytes());
        hasher.update(&key);
        hasher.update(payload);
        let framed = [b"YZ\x01", &hasher.finalize().to_be_bytes()[..], payload].concat();
        tree.insert(key, framed).expect("insert");
    };
    for (key, value) in [("small", "value"), ("count", "41")] {
        let payload = [&(value.len() as u32).to_be_bytes(), value.as_bytes()].concat();
        put([&[1], prefix.as_slice(), key.as_bytes()].concat(), &payload);
    }
    put([&[1], prefix.as_slice(), b"large"].concat(), &100_000_u32.to_be_bytes());
    for index in 0..25_u32 {
        let key = [&[2], prefix.as_slice(), &[0, 5], b"large", &index.to_be_bytes()].concat();
        put(key, &[5; 4_000]);
    }
    db.flush().expect("flush");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dump_under_load_is_of_one_moment_and_loads_into_a_new_store() {
    let folder = tempfile::tempdir().expect("folder");
    let store = std::sync::Arc::new(open(&folder.path().join("hub")));
    let go_on = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let writer = {
        let (store, go_on) = (store.clone(), go_on.clone());
        tokio::spawn(async move {
            for number in 1.. {
                let value = Bytes::from(vec![number as u8; 5_000]);
                let pairs = ["a", "b"].map(|key| (key.to_owned(), value.clone())).to_vec();
                store.set_many(&cart(), pairs).await.expect("set");
                store.increment(&cart(), "count", 1).await.expect("increment");
                if !go_on.load(std::sync::atomic::Ordering::SeqCst) {
                    return;
                }
            }
        })
    };
    for round in 0..5 {
        let before = store.increment(&tenant("cn.gov.example.other", "b"), "n", 1).await.expect("increment");
        let count = store.increment(&cart(), "count", 1).await.expect("increment");
        let mut dump = Vec::new();
        store.dump(&mut dump).expect("dumps");
        let to = folder.path().join(format!("restored-{round}"));
        yizhan_store::load_kv(&mut dump.as_slice(), &to).expect("loads");
        let again = open(&to);
        let values = again.get_many(&cart(), &["a".to_owned(), "b".to_owned()]).await.expect("get");
        assert_eq!(values[0], values[1], "a batch is whole");
        let restored: i64 = String::from_utf8(again.get(&cart(), "count").await.expect("get").expect("count").to_vec())
            .expect("text")
            .parse()
            .expect("number");
        assert!(restored >= count, "what was acknowledged before is in it");
        let other = again.increment(&tenant("cn.gov.example.other", "b"), "n", 0).await.expect("increment");
        assert_eq!(other, before);
        for cut in [0, 3, 40, dump.len() / 2, dump.len() - 1] {
            let to = folder.path().join(format!("cut-{round}-{cut}"));
            let error = yizhan_store::load_kv(&mut &dump[..cut], &to).expect_err("cut");
            assert!(matches!(error, StoreError::Backup { .. }), "{cut}: {error:?}");
        }
        let middle = dump.len() / 2;
        dump[middle] ^= 1;
        let to = folder.path().join(format!("flipped-{round}"));
        assert!(yizhan_store::load_kv(&mut dump.as_slice(), &to).is_err());
    }
    go_on.store(false, std::sync::atomic::Ordering::SeqCst);
    writer.await.expect("writes");
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
