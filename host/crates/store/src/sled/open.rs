//! Opens the database directory: under a time limit, in a thread whose panic is an error, and with one second try after
//! a damaged index file (`snap.*`) has been set aside. Nothing is ever deleted.

use super::kv::SledSettings;
use crate::error::StoreError;
use ::sled::{Config, Db};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
};

/// Folder inside the database directory for index files that could not be read.
const SET_ASIDE: &str = "set-aside";

enum Failure {
    /// The files are damaged: worth a second try without the index.
    Damaged(String),
    /// Anything else.
    Other(String),
}

/// Opens or creates the database; what is newly created is fsynced with its directory.
pub(super) fn open(path: &Path, settings: &SledSettings) -> Result<Db, StoreError> {
    let refuse = |reason: String| StoreError::Open { path: path.to_owned(), reason };
    fs::create_dir_all(path).map_err(|error| refuse(error.to_string()))?;
    let db = match attempt(path, settings) {
        Ok(db) => db,
        Err(Failure::Other(reason)) => return Err(refuse(reason)),
        Err(Failure::Damaged(first)) => {
            let moved = set_aside(path).map_err(|error| refuse(format!("{first}; setting snap.* aside: {error}")))?;
            if moved.is_empty() {
                return Err(refuse(first));
            }
            tracing::warn!(?moved, reason = first, "store: damaged index set aside, trying once without it");
            attempt(path, settings).map_err(|(Failure::Damaged(reason) | Failure::Other(reason))| refuse(reason))?
        }
    };
    sync_created(path).map_err(|error| refuse(error.to_string()))?;
    Ok(db)
}

/// sled can hang or panic on damaged files, so it opens in a thread of its own. A hanging thread stays behind; the caller
/// is expected to end the process.
fn attempt(path: &Path, settings: &SledSettings) -> Result<Db, Failure> {
    let config = Config::new().path(path).cache_capacity(settings.cache_bytes_max);
    let (sender, receiver) = channel();
    thread::Builder::new()
        .name("store-open".to_owned())
        .spawn(move || sender.send(config.open()).is_ok())
        .map_err(|error| Failure::Other(error.to_string()))?;
    match receiver.recv_timeout(settings.open_time_max) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(error @ ::sled::Error::Corruption { .. })) => Err(Failure::Damaged(error.to_string())),
        Ok(Err(error)) => Err(Failure::Other(error.to_string())),
        Err(RecvTimeoutError::Disconnected) => Err(Failure::Damaged("the database panicked while opening".to_owned())),
        Err(RecvTimeoutError::Timeout) => {
            Err(Failure::Other(format!("opening took longer than {} s", settings.open_time_max.as_secs())))
        }
    }
}

/// Moves every `snap.*` into a fresh folder under `set-aside` and returns the new places.
fn set_aside(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            found.push(entry);
        }
    }
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let base = path.join(SET_ASIDE);
    fs::create_dir_all(&base)?;
    let folder = base.join(fs::read_dir(&base)?.count().to_string());
    fs::create_dir(&folder)?;
    let mut moved = Vec::new();
    for entry in found {
        let target = folder.join(entry.file_name());
        fs::rename(entry.path(), &target)?;
        moved.push(target);
    }
    Ok(moved)
}

fn sync_created(path: &Path) -> io::Result<()> {
    for name in ["conf", "db", "blobs", "."] {
        File::open(path.join(name))?.sync_all()?;
    }
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
