//! Restarts, and what lies on the disk.

use super::*;

#[tokio::test]
async fn everything_is_there_after_restarts() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    for _ in 0..3 {
        assert_whole(folder.path()).await;
    }
}

#[tokio::test]
async fn everything_is_there_when_the_database_is_built_anew_again_and_again() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    for _ in 0..2 {
        fs::remove_dir_all(folder.path().join("records")).expect("removes");
        assert_whole(folder.path()).await;
    }
}

#[tokio::test]
async fn the_key_of_an_erased_person_is_nowhere_and_that_of_another_in_one_file() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    assert_eq!(holds(folder.path(), &ERASED_KEY[..8]), Vec::<std::path::PathBuf>::new());
    assert_eq!(holds(folder.path(), &KEPT_KEY), [folder.path().join("data-keys")]);
    fs::remove_dir_all(folder.path().join("records")).expect("removes");
    assert_whole(folder.path()).await;
    assert_eq!(open(folder.path()).find_data_key(&id("erased")).await.expect("finds"), None);
}

#[tokio::test]
async fn no_record_lies_outside_the_file_that_is_fsynced() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    let blobs = fs::read_dir(folder.path().join("records/blobs")).expect("blobs").count();
    assert_eq!(blobs, 0, "sled writes large leaves to blobs/ and never fsyncs them");
}

#[tokio::test]
async fn the_journal_holds_nothing_readable() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    for text in ["sealed data of kept", "grant-live", "n19"] {
        let found = holds(folder.path(), text.as_bytes());
        assert!(found.iter().all(|path| path.starts_with(folder.path().join("records"))), "{text} in {found:?}");
    }
}

#[tokio::test]
async fn a_probe_that_says_hanging_leads_to_a_new_database() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = asked.clone();
    let probe: yizhan_store::Probe =
        Arc::new(move |directory| match counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => yizhan_store::ProbeOutcome::TooLong,
            _ => yizhan_store::probe_records(directory, &mut || {}),
        });
    let settings = RecordsSettings { probe: Some(probe), ..on_disk() };
    drop(SledRecords::open(folder.path(), &settings).expect("opens"));
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 2);
    assert!(folder.path().join("set-aside/records/db").exists(), "the old one is kept");
    assert_whole(folder.path()).await;
}

#[tokio::test]
async fn a_refused_probe_refuses_to_open_and_sets_nothing_aside() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path()).await;
    let probe: yizhan_store::Probe = Arc::new(|_| yizhan_store::ProbeOutcome::Refused("no rights".to_owned()));
    let error =
        SledRecords::open(folder.path(), &RecordsSettings { probe: Some(probe), ..on_disk() }).expect_err("refused");
    assert!(error.to_string().ends_with("no rights"), "{error}");
    assert!(!folder.path().join("set-aside").exists());
    assert_whole(folder.path()).await;
}
