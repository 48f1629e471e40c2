//! What only the records on disk promise: they survive a restart, damage ends in recovery or a clear refusal, and a backup
//! brings them back.

mod backup;
mod damage;
mod restart;

use super::{
    Store,
    sample::{NOW, app_state, exchange, give, hash, id, note, person, session, token, trail},
    settings,
};
use std::{fs, path::Path, sync::Arc, sync::mpsc::channel, thread, time::Duration};
use yizhan_domain::{GrantId, SessionId};
use yizhan_store::records::*;
use yizhan_store::{RecordsSettings, SledRecords, StoreError};

/// Longest time that an opening may take in a test before it counts as hanging.
const OPEN_TIME_MAX: Duration = Duration::from_secs(60);
const KEPT_KEY: [u8; 60] = [0xc3; 60];
const ERASED_KEY: [u8; 60] = [0xe7; 60];
/// Audit entries of [`fill`].
const ENTRIES: u64 = 4 + 20;

fn on_disk() -> RecordsSettings {
    RecordsSettings { open_time_max: Duration::from_secs(10), ..settings(StoreMode::Development) }
}

/// Opens under a time limit, in a thread whose panic is told from an error.
fn try_open(root: &Path) -> Result<SledRecords, StoreError> {
    let (sender, receiver) = channel();
    let root = root.to_owned();
    thread::spawn(move || sender.send(SledRecords::open(&root, &on_disk())).is_ok());
    receiver.recv_timeout(OPEN_TIME_MAX).expect("opening neither hangs nor panics")
}

fn open(root: &Path) -> Store {
    Arc::new(try_open(root).expect("opens"))
}

fn refusal(root: &Path) -> String {
    match try_open(root) {
        Ok(_) => panic!("it opened"),
        Err(error) => {
            assert!(matches!(error, StoreError::Open { .. }), "{error:?}");
            error.to_string()
        }
    }
}

/// A store with something of everything, closed again.
async fn fill(root: &Path) {
    let store = open(root);
    store.create_person(person("kept"), KEPT_KEY.to_vec(), trail("created")).await.expect("create");
    store.create_person(person("erased"), ERASED_KEY.to_vec(), Trail::default()).await.expect("create");
    exchange(&store, "live", "kept").await;
    assert!(give(&store, "gone", "other").await);
    assert!(
        store.revoke_grant(&GrantId("grant-gone".to_owned()), "by-person", NOW, Trail::default()).await.expect("ends")
    );
    store.create_session(session("s", "kept"), Trail::default()).await.expect("session");
    let manifest = serde_json::json!({"text": "x".repeat(40_000)});
    store.put_app_state(app_state("shop", manifest), Trail::default()).await.expect("app");
    assert!(store.use_once("jti", hash("a"), NOW.plus_ms(60_000), NOW, Trail::default()).await.expect("once"));
    for number in 0..20 {
        store.append(trail(&format!("n{number}"))).await.expect("append");
    }
    assert!(store.erase_person(&id("erased"), NOW, trail("erased")).await.expect("erase"));
}

/// What [`fill`] left is there and nothing else; an error is one of reading, never a wrong answer.
async fn check(store: &Store) -> Result<(), StoreError> {
    assert_eq!(store.head().await?.sequence, ENTRIES);
    assert_eq!(store.find_person(&id("kept")).await?, Some(person("kept")));
    assert_eq!(store.find_data_key(&id("kept")).await?.as_deref(), Some(&KEPT_KEY[..]));
    assert!(store.find_person(&id("erased")).await?.expect("a name").erased.is_some());
    let live = store.find_grant(&GrantId("grant-live".to_owned())).await?.expect("grant");
    assert_eq!(live.revoked, None);
    let gone = store.find_grant(&GrantId("grant-gone".to_owned())).await?.expect("grant");
    assert!(gone.revoked.is_some(), "a revoked grant never comes back");
    assert_eq!(store.find_live_grant(&id("other"), None, &gone.client, NOW).await?, None);
    let access = token(TokenKind::Access, "a-live", "live");
    assert_eq!(store.find_token(&access.hash).await?, Some(access));
    assert!(store.find_session_by_id(&SessionId("s".to_owned()), NOW).await?.is_some());
    let state = store.find_app_state(&app_state("shop", serde_json::Value::Null).app).await?.expect("app");
    assert_eq!(state.manifest["text"].as_str().map(str::len), Some(40_000));
    let listed = store.list_audit(None, 100).await?.entries;
    assert_eq!((listed.len() as u64, &listed[0], &listed[1]), (ENTRIES, &note("erased"), &note("n19")));
    Ok(())
}

/// It works: everything is there, the next use is refused as it should be, writes are taken, the chain is whole.
async fn assert_whole(root: &Path) {
    let store = open(root);
    check(&store).await.expect("reads");
    assert!(!store.use_once("jti", hash("a"), NOW.plus_ms(60_000), NOW, Trail::default()).await.expect("once"));
    store.append(Trail { audit: Vec::new(), access: Vec::new() }).await.expect("writes are taken");
    drop(store);
    let report = yizhan_store::verify(root, &[]).expect("verifies");
    assert_eq!((report.first_broken, report.entries), (None, ENTRIES));
}

/// Every file below a directory.
pub(crate) fn files(root: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn holds(root: &Path, bytes: &[u8]) -> Vec<std::path::PathBuf> {
    let holds =
        |path: &std::path::PathBuf| fs::read(path).expect("reads").windows(bytes.len()).any(|part| part == bytes);
    files(root).into_iter().filter(holds).collect()
}
