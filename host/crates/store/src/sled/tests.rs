//! A failing disk: the store turns read-only, says so, and never tries an fsync again.

use super::{
    committer::Committer,
    kv::{SledSettings, SledStore},
};
use crate::{KvKey, KvStore, StoreError, Tenant};
use bytes::Bytes;
use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use yizhan_domain::AppId;

/// A store whose fsync fails from the second time on, and the number of fsyncs tried.
fn failing(path: &Path, panics: bool) -> (SledStore, Arc<AtomicUsize>) {
    let tried = Arc::new(AtomicUsize::new(0));
    let counter = tried.clone();
    let sync = Box::new(move || match counter.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(()),
        _ if panics => panic!("as sled does on damage"),
        _ => Err(io::Error::other("the disk is gone")),
    });
    let db = ::sled::open(path).expect("opens");
    let settings = SledSettings::new(KvKey::new([9; 32]));
    let committer = SledStore::committer(db, &settings, Box::new(|| Ok(()))).expect("a new store");
    (SledStore::start(Committer { sync, ..committer }).expect("starts"), tried)
}

fn tenant() -> Tenant {
    Tenant::new(&AppId::new("cn.gov.example.a").expect("app"), "b").expect("bucket")
}

#[tokio::test]
async fn after_a_failed_fsync_the_store_reads_and_refuses_writes() {
    let folder = tempfile::tempdir().expect("folder");
    let (store, tried) = failing(folder.path(), false);
    store.set(&tenant(), "k", Bytes::from_static(b"kept")).await.expect("the first fsync works");
    for _ in 0..3 {
        let error = store.increment(&tenant(), "n", 1).await.expect_err("the disk is gone");
        assert!(matches!(error, StoreError::ReadOnly { .. }));
        assert!(error.to_string().ends_with("cannot flush the data file to the disk: the disk is gone"), "{error}");
    }
    assert_eq!(tried.load(Ordering::SeqCst), 2, "an fsync is never retried");
    assert_eq!(store.get(&tenant(), "k").await.expect("reads").as_deref(), Some(&b"kept"[..]));
}

#[tokio::test]
async fn a_panic_of_the_database_turns_the_store_read_only() {
    let folder = tempfile::tempdir().expect("folder");
    let (store, tried) = failing(folder.path(), true);
    store.set(&tenant(), "k", Bytes::from_static(b"kept")).await.expect("the first fsync works");
    for _ in 0..2 {
        let error = store.delete(&tenant(), "k").await.expect_err("panicked");
        assert!(matches!(error, StoreError::ReadOnly { .. } | StoreError::Closed), "{error}");
    }
    assert!(matches!(store.delete(&tenant(), "k").await, Err(StoreError::ReadOnly { .. })));
    assert_eq!(tried.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_write_that_changes_nothing_needs_no_fsync() {
    let folder = tempfile::tempdir().expect("folder");
    let (store, tried) = failing(folder.path(), false);
    store.delete(&tenant(), "not there").await.expect("nothing to do");
    store.compare_and_swap(&tenant(), "k", Some(Bytes::new()), Bytes::new()).await.expect("kept");
    assert_eq!(tried.load(Ordering::SeqCst), 0);
}
