//! Backups made while writers write, and what a restore brings back and ends.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};
use yizhan_store::{Progress, RestoreReport, restore};

/// From outside: nothing here has the records open, whoever else may.
fn back_up(root: &Path, to: &Path) -> yizhan_store::BackupReport {
    let mut seen: Vec<Progress> = Vec::new();
    let report = yizhan_store::backup(root, to, NOW, &mut |progress| seen.push(progress)).expect("backs up");
    assert!(seen.windows(2).all(|pair| pair[0].done_bytes <= pair[1].done_bytes));
    assert_eq!(seen.last().map(|last| (last.done_bytes, last.total_bytes)), Some((report.bytes, report.bytes)));
    report
}

fn bring_back(from: &Path, to: &Path) -> Result<RestoreReport, StoreError> {
    restore(from, to, &on_disk(), NOW.plus_ms(5), &mut |_| {})
}

#[tokio::test]
async fn a_restore_brings_everything_back_and_ends_what_may_have_been_ended_since() {
    let folder = tempfile::tempdir().expect("folder");
    let [root, copy, restored] = ["hub", "backup", "restored"].map(|name| folder.path().join(name));
    fill(&root).await;
    let head = back_up(&root, &copy).head;
    assert_eq!(head.sequence, ENTRIES);
    let report = bring_back(&copy, &restored).expect("restores");
    assert_eq!((report.made_at, report.missing_data_keys, report.head.sequence), (NOW, 0, ENTRIES + 1));
    let store = open(&restored);
    assert_eq!(store.find_person(&id("kept")).await.expect("finds"), Some(person("kept")));
    assert_eq!(store.find_data_key(&id("kept")).await.expect("finds").as_deref(), Some(&KEPT_KEY[..]));
    let live = store.find_grant(&GrantId("grant-live".to_owned())).await.expect("finds").expect("grant");
    assert_eq!(live.revoked, Some((NOW.plus_ms(5), "restored".to_owned())), "asked again");
    assert_eq!(store.find_live_grant(&id("kept"), None, &live.client, NOW).await.expect("finds"), None);
    assert_eq!(store.find_token(&hash("token a-live")).await.expect("finds"), None);
    assert_eq!(store.find_token(&hash("token r-live")).await.expect("finds"), None);
    assert!(store.find_session_by_id(&SessionId("s".to_owned()), NOW).await.expect("finds").is_none());
    assert!(!store.use_once("jti", hash("a"), NOW.plus_ms(60_000), NOW, Trail::default()).await.expect("once"));
    assert_eq!(store.list_audit(None, 1).await.expect("lists").entries[0].action, "store.restored");
    let verified = yizhan_store::verify(&restored, &[head]).expect("verifies");
    assert_eq!((verified.first_broken, verified.missing_heads), (None, vec![]), "the old chain goes on");
    drop(store);
    fs::remove_dir_all(restored.join("records")).expect("removes");
    let store = open(&restored);
    assert_eq!(store.find_token(&hash("token a-live")).await.expect("finds"), None, "a rebuild brings nothing to life");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_holds_what_was_acknowledged_before_it() {
    let folder = tempfile::tempdir().expect("folder");
    let root = folder.path().join("hub");
    let store = Arc::new(SledRecords::open(&root, &on_disk()).expect("opens"));
    let go_on = Arc::new(AtomicBool::new(true));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let (store, go_on) = (store.clone(), go_on.clone());
        writers.spawn(async move {
            let mut number = 0;
            while go_on.load(Ordering::SeqCst) {
                let name = format!("{writer}-{number}");
                assert!(store.create_person(person(&name), vec![writer; 60], trail("created")).await.expect("create"));
                if number % 3 == 2 {
                    let old = id(&format!("{writer}-{}", number - 1));
                    assert!(store.erase_person(&old, NOW, trail("erased")).await.expect("erase"));
                }
                number += 1;
            }
        });
    }
    for round in 0..3 {
        let everything: Store = store.clone();
        let before = everything.head().await.expect("head").sequence;
        let (copy, restored) = (folder.path().join(format!("b{round}")), folder.path().join(format!("r{round}")));
        let (from, to) = (root.clone(), copy.clone());
        let report = tokio::task::spawn_blocking(move || back_up(&from, &to)).await.expect("backs up");
        assert!(report.head.sequence >= before, "everything acknowledged before is in it");
        let restored_report = bring_back(&copy, &restored).expect("restores");
        assert_eq!(restored_report.sequence, report.sequence);
        let again = open(&restored);
        let mut cursor = None;
        loop {
            let page = again.list_people(cursor.as_deref(), 100).await.expect("lists");
            for person in page.entries {
                let key = again.find_data_key(&person.id).await.expect("finds");
                assert!(person.erased.is_none() || key.is_none(), "{} was erased and has a key", person.id);
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    go_on.store(false, Ordering::SeqCst);
    while let Some(ended) = writers.join_next().await {
        ended.expect("writes");
    }
}

#[tokio::test]
async fn a_backup_that_is_not_whole_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, copy) = (folder.path().join("hub"), folder.path().join("backup"));
    fill(&root).await;
    back_up(&root, &copy);
    for name in ["journal/00000001.log", "data-keys", "manifest.json"] {
        let sound = fs::read(copy.join(name)).expect("reads");
        for position in [3, sound.len() / 2, sound.len() - 1] {
            let mut flipped = sound.clone();
            flipped[position] ^= 1;
            fs::write(copy.join(name), flipped).expect("writes");
            let to = tempfile::tempdir().expect("folder");
            if let Err(error) = bring_back(&copy, to.path()) {
                assert!(matches!(error, StoreError::Backup { .. }), "{error:?}");
                let began = fs::read_dir(to.path()).expect("folder").count() > 0;
                assert!(!began || refusal(to.path()).contains("a restore into it was not finished"));
            } else {
                assert_eq!(name, "manifest.json", "a flip in {name} was not noticed");
            }
        }
        fs::write(copy.join(name), &sound[..sound.len() - 1]).expect("writes");
        assert!(matches!(
            bring_back(&copy, &folder.path().join(name.replace('/', "-"))),
            Err(StoreError::Backup { .. })
        ));
        fs::write(copy.join(name), &sound).expect("writes");
    }
    fs::remove_file(copy.join("data-keys")).expect("removes");
    let error = bring_back(&copy, &folder.path().join("x")).expect_err("no keys");
    assert!(error.to_string().contains("data-keys"), "{error}");
}

#[tokio::test]
async fn backup_and_restore_never_write_over_anything() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, copy) = (folder.path().join("hub"), folder.path().join("backup"));
    fill(&root).await;
    let store = SledRecords::open(&root, &on_disk()).expect("opens");
    back_up(&root, &copy);
    assert!(matches!(yizhan_store::backup(&root, &copy, NOW, &mut |_| {}), Err(StoreError::Backup { .. })));
    assert!(matches!(bring_back(&copy, &copy), Err(StoreError::Backup { .. })));
    drop(store);
    assert!(matches!(bring_back(&copy, &root), Err(StoreError::Backup { .. })));
    assert_whole(&root).await;
    let other = RecordsSettings { mode: StoreMode::Production, ..on_disk() };
    let error = restore(&copy, &folder.path().join("x"), &other, NOW, &mut |_| {}).expect_err("another mode");
    assert!(error.to_string().contains("Development"), "{error}");
}

#[tokio::test]
async fn a_write_under_way_is_left_out_and_the_copy_ends_before_it() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, copy) = (folder.path().join("hub"), folder.path().join("backup"));
    fill(&root).await;
    let journal = root.join("journal/00000001.log");
    let sound = fs::read(&journal).expect("reads");
    for torn in [&b"YZJF"[..], &sound[128..300], &[0; 700]] {
        fs::write(&journal, [&sound, torn].concat()).expect("writes");
        back_up(&root, &copy);
        assert_eq!(fs::read(copy.join("journal/00000001.log")).expect("reads"), sound);
        let restored = folder.path().join("restored");
        assert_eq!(bring_back(&copy, &restored).expect("restores").missing_data_keys, 0);
        [&copy, &restored].iter().for_each(|path| fs::remove_dir_all(path).expect("removes"));
    }
    let mut broken = sound.clone();
    broken[200] ^= 1;
    fs::write(&journal, broken).expect("writes");
    let error = yizhan_store::backup(&root, &copy, NOW, &mut |_| {}).expect_err("broken");
    assert!(error.to_string().contains("frame "), "{error}");
    assert!(!copy.exists(), "nothing is made of a broken journal");
}

struct Signer;

impl yizhan_store::HeadSigner for Signer {
    fn sign(&self, payload: &[u8]) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        Ok(format!("signed {}", String::from_utf8_lossy(payload)))
    }
}

#[tokio::test]
async fn exported_heads_name_the_chain_and_are_only_appended() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, other) = (folder.path().join("hub"), folder.path().join("other"));
    fill(&root).await;
    fill(&other).await;
    let name = yizhan_store::chain_name(&root).expect("a name");
    assert_eq!(yizhan_store::chain_name(&root).expect("a name"), name);
    assert_ne!(yizhan_store::chain_name(&other).expect("a name"), name);
    let heads = folder.path().join("heads");
    let statement = |sequence| yizhan_store::HeadStatement {
        at: NOW,
        chains: vec![yizhan_store::ChainHead::new(&name, &AuditHead { sequence, hash: [0xab; 32] })],
    };
    yizhan_store::export_heads(&heads, &statement(1), &Signer).expect("exports");
    let path = heads.join("heads.jws");
    let first = fs::read_to_string(&path).expect("reads");
    assert!(first.contains(&name) && first.contains(&"ab".repeat(32)) && first.ends_with('\n'), "{first}");
    fs::write(&path, format!("{first}torn")).expect("a crash");
    yizhan_store::export_heads(&heads, &statement(2), &Signer).expect("exports");
    let text = fs::read_to_string(&path).expect("reads");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1]), (3, first.trim_end(), "torn"));
    assert!(lines[2].starts_with("signed ") && lines[2].contains("\"sequence\":2"), "{text}");
}
