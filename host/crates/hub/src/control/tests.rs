//! The control socket between two shelves over one data directory, as between `install` and a serving process.

use super::*;
use crate::DataMode;
use std::sync::atomic::{AtomicUsize, Ordering};

fn shelf_in(dir: &Path) -> Shelf {
    Shelf::open_or_create(dir, DataMode::Development, [7; 32]).expect("opens")
}

#[tokio::test]
async fn reload_is_answered_after_the_files_were_taken_over() {
    let dir = tempfile::tempdir().expect("tempdir");
    let deep = dir.path().join("a-long-folder-name-that-fills-the-108-bytes-of-a-socket-address/".repeat(2));
    let shelf = Arc::new(shelf_in(&deep));
    let socket = ControlSocket::bind(&deep).expect("binds");
    assert_eq!(fs::metadata(deep.join(SOCKET)).expect("there").permissions().mode() & 0o777, 0o600);
    let reloads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reloads);
    let serving = tokio::spawn(socket.run(Arc::clone(&shelf), move |snapshot| {
        counted.fetch_add(1 + snapshot.len(), Ordering::SeqCst);
    }));
    let apps = format!(
        r#"{{"apps":{{"leaflet":{{"app_id":"cn.gov.example.leaflet","digest":"{0}","publisher":"{0}","installed_at":1,
        "version_name":"1","version_code":1,"file":"{0}.ma","file_sha256":"{0}"}}}}}}"#,
        "0a".repeat(32)
    );
    fs::write(deep.join("shelf.json"), apps).expect("writes");
    assert!(shelf.snapshot().is_empty());
    let asked = deep.clone();
    let told = tokio::task::spawn_blocking(move || notify_reload(&asked)).await.expect("joins");
    assert_eq!(told.expect("answers"), Notified::Reloaded);
    assert!(shelf.snapshot().find("leaflet").is_some());
    assert_eq!(reloads.load(Ordering::SeqCst), 2);
    serving.abort();
}

#[tokio::test]
async fn a_damaged_shelf_is_told_and_the_old_one_stays() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = Arc::new(shelf_in(dir.path()));
    let socket = ControlSocket::bind(dir.path()).expect("binds");
    let serving = tokio::spawn(socket.run(Arc::clone(&shelf), |_| {}));
    fs::write(dir.path().join("shelf.json"), "{").expect("writes");
    let asked = dir.path().to_owned();
    let told = tokio::task::spawn_blocking(move || notify_reload(&asked)).await.expect("joins");
    assert!(told.is_err());
    assert!(shelf.snapshot().is_empty());
    serving.abort();
}

#[tokio::test]
async fn a_stale_socket_is_replaced_and_a_second_server_is_refused() {
    let dir = tempfile::tempdir().expect("tempdir");
    drop(shelf_in(dir.path()));
    assert_eq!(notify_reload(dir.path()).expect("fine"), Notified::NotRunning);
    drop(std::os::unix::net::UnixListener::bind(dir.path().join(SOCKET)).expect("binds"));
    assert_eq!(notify_reload(dir.path()).expect("fine"), Notified::NotRunning, "left by a crash");
    let first = ControlSocket::bind(dir.path()).expect("replaces it");
    assert!(matches!(ControlSocket::bind(dir.path()), Err(HubError::AlreadyServed { .. })));
    drop(first);
    assert!(!dir.path().join(SOCKET).exists());
    ControlSocket::bind(dir.path()).expect("free again");
}

#[tokio::test]
async fn the_data_of_apps_are_sent_to_who_asks_and_an_end_on_the_way_is_seen() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = Arc::new(shelf_in(dir.path()));
    assert!(!export_data(dir.path(), &mut Vec::new()).expect("fine"), "nobody serves");
    let sent = vec![7; 3 << 20];
    let export: Export = {
        let sent = sent.clone();
        Arc::new(move |to| to.write_all(&sent))
    };
    let ask = || {
        let asked = dir.path().to_owned();
        tokio::task::spawn_blocking(move || {
            let mut got = Vec::new();
            export_data(&asked, &mut got).map(|served| (served, got))
        })
    };
    let socket = ControlSocket::bind(dir.path()).expect("binds").with_export(export);
    let serving = tokio::spawn(socket.run(Arc::clone(&shelf), |_| {}));
    assert!(ask().await.expect("joins").expect("answers") == (true, sent));
    serving.abort();
    assert!(serving.await.is_err());
    let socket = ControlSocket::bind(dir.path()).expect("binds");
    let serving = tokio::spawn(socket.run(Arc::clone(&shelf), |_| {}));
    assert!(ask().await.expect("joins").is_err(), "this one has nothing to send");
    serving.abort();
}

#[tokio::test]
async fn an_import_hears_that_the_data_sets_were_read_or_why_not() {
    let dir = tempfile::tempdir().expect("tempdir");
    let shelf = Arc::new(shelf_in(dir.path()));
    assert_eq!(notify_data_sets(dir.path()).expect("fine"), Notified::NotRunning);
    let reads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reads);
    let reload: ReloadDataSets = Arc::new(move || match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(()),
        _ => Err("items.json, entry 1:\nno".to_owned()),
    });
    let socket = ControlSocket::bind(dir.path()).expect("binds").with_data_sets(reload);
    let serving = tokio::spawn(socket.run(Arc::clone(&shelf), |_| {}));
    let ask = || {
        let asked = dir.path().to_owned();
        tokio::task::spawn_blocking(move || notify_data_sets(&asked))
    };
    assert_eq!(ask().await.expect("joins").expect("answers"), Notified::Reloaded);
    let error = ask().await.expect("joins").expect_err("the second one fails");
    assert!(format!("{:?}", error).contains("items.json, entry 1: no"), "{error:?}");
    assert_eq!(reads.load(Ordering::SeqCst), 2);
    serving.abort();
}
