//! Opens the records of a hub that is stopped, with the keys of its data directory. Used by `admin`, `audit`, `backup` and
//! `restore`.

use crate::{app::records_settings, cli::failure::Failure, node_keys::NodeKeys};
use std::{
    error::Error,
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
};
use yizhan_auth::keys::KeyError;
use yizhan_hub::{
    Shelf,
    control::{Notified, notify_reload},
};
use yizhan_store::{SledRecords, StoreError};

const STOP_FIRST: &str = "stop the hub, type the command again, then start the hub";

/// What a command works on. While it lives, no hub starts on the directory.
pub(in crate::cli) struct HubRecords {
    pub(in crate::cli) shelf: Shelf,
    pub(in crate::cli) store: Arc<SledRecords>,
    pub(in crate::cli) keys: NodeKeys,
}

/// Opens the records of a data directory.
pub(in crate::cli) fn open(dir: &Path, what: &str) -> Result<HubRecords, Failure> {
    let shelf = Shelf::open(dir).map_err(|error| Failure::hub(what, dir, error))?;
    refuse_running(dir, what)?;
    let root = root_key(dir);
    if folder(dir).join("journal").exists() && !root.exists() {
        let fix = "put the folder `keys` of this hub back; without its root key nobody can read the records";
        return Err(Failure::unreadable(what).at(root).why("the root key of these records is missing").fix(fix));
    }
    let keys = NodeKeys::open(dir).map_err(|error| match error.downcast_ref::<KeyError>() {
        Some(KeyError::InUse(_)) => running(dir, what),
        _ => Failure::unreadable(what).at(dir).why(format!("{error:#}")).fix("see that the folder `keys` is yours"),
    })?;
    let store = SledRecords::open(&folder(dir), &records_settings(shelf.mode(), &keys.root))
        .map_err(|error| store_failure(what, dir, &error))?;
    Ok(HubRecords { shelf, store: Arc::new(store), keys })
}

/// Where the records lie in a data directory.
pub(in crate::cli) fn folder(dir: &Path) -> PathBuf {
    dir.join("records")
}

/// Where the root key lies in a data directory.
pub(in crate::cli) fn root_key(dir: &Path) -> PathBuf {
    dir.join("keys/root.key")
}

/// Runs a use-case to its end.
pub(in crate::cli) fn block_on<T>(what: &str, future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::unreadable(what).why(error).fix("see that the machine has room"))?;
    Ok(runtime.block_on(future))
}

/// What the store did not do.
pub(in crate::cli) fn store_failure(what: &str, dir: &Path, error: &StoreError) -> Failure {
    let (failure, fix) = match error {
        StoreError::Open { reason, .. } if reason.contains("another process") => return running(dir, what),
        StoreError::Backup { .. } => (Failure::refused(what), "name a whole backup, and a new folder to write to"),
        StoreError::DevelopmentOnly { .. } => (Failure::refused(what), "use a development store"),
        StoreError::Open { .. } | StoreError::Damaged { .. } => {
            (Failure::unreadable(what), "type `yizhan audit verify --data DIR`, and see docs/operations.md")
        }
        _ => (Failure::unreadable(what), "see that the folder is yours and has room"),
    };
    failure.at(dir).why(with_source(error)).fix(fix)
}

/// An error with what caused it, for people.
pub(in crate::cli) fn with_source(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_source(source)),
        None => error.to_string(),
    }
}

fn refuse_running(dir: &Path, what: &str) -> Result<(), Failure> {
    match notify_reload(dir) {
        Ok(Notified::NotRunning) => Ok(()),
        Ok(Notified::Reloaded) => Err(running(dir, what)),
        Err(error) => Err(Failure::hub(what, dir, error)),
    }
}

fn running(dir: &Path, what: &str) -> Failure {
    Failure::unreadable(what).at(dir).why("the hub is running on this directory").fix(STOP_FIRST)
}
