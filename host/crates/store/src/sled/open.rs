//! Opens the database directory: under a time limit, in a thread whose panic is an error, and with one second try after
//! a damaged index file (`snap.*`) has been set aside. Nothing is ever deleted.

use super::{
    kv::SledSettings,
    probe::{Probe, ProbeOutcome},
};
use crate::error::StoreError;
use ::sled::{Config, Db};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// Folder inside the database directory for index files that could not be read.
const SET_ASIDE: &str = "set-aside";

/// Why the database did not open.
pub(super) enum Failure {
    /// The files are damaged: worth a second try without the index.
    Damaged(String),
    /// It took too long; a thread hangs in it.
    TooLong(String),
    /// Anything else.
    Other(String),
}

impl Failure {
    fn into_reason(self) -> String {
        let (Self::Damaged(reason) | Self::TooLong(reason) | Self::Other(reason)) = self;
        reason
    }
}

/// Opens or creates the database; what is newly created is fsynced with its directory.
pub(super) fn open(path: &Path, settings: &SledSettings) -> Result<Db, StoreError> {
    let refuse = |reason: String| StoreError::Open { path: path.to_owned(), reason };
    fs::create_dir_all(path).map_err(|error| refuse(error.to_string()))?;
    if let Some(probe) = &settings.probe {
        look_first(path, probe).map_err(refuse)?;
    }
    let attempt = || attempt(path, settings.cache_bytes_max, settings.open_time_max);
    let db = match attempt() {
        Ok(db) => db,
        Err(Failure::Other(reason) | Failure::TooLong(reason)) => return Err(refuse(reason)),
        Err(Failure::Damaged(first)) => {
            let moved =
                set_index_aside(path).map_err(|error| refuse(format!("{first}; setting snap.* aside: {error}")))?;
            if moved.is_empty() {
                return Err(refuse(first));
            }
            tracing::warn!(?moved, reason = first, "store: damaged index set aside, trying once without it");
            attempt().map_err(|failure| refuse(failure.into_reason()))?
        }
    };
    sync_created(path).map_err(|error| refuse(error.to_string()))?;
    Ok(db)
}

/// Looks by the probe; a database that is damaged or hangs is looked at once more without its index, then refused: there is
/// no journal of the data of apps to build it from.
fn look_first(path: &Path, probe: &Probe) -> Result<(), String> {
    let reason = match probe(path) {
        ProbeOutcome::Sound => return Ok(()),
        ProbeOutcome::Refused(reason) => return Err(reason),
        ProbeOutcome::Damaged(reason) => reason,
        ProbeOutcome::TooLong => "opening it took too long, as it does when it is damaged".to_owned(),
    };
    let moved = set_index_aside(path).map_err(|error| format!("{reason}; setting snap.* aside: {error}"))?;
    tracing::error!(reason, ?moved, "store: the data of apps is damaged; trying once without its index");
    match probe(path) {
        ProbeOutcome::Sound => Ok(()),
        _ => Err(format!("{reason}; without its index too: restore a backup, and keep this folder")),
    }
}

/// How long the lock of a database that was let go of may linger, and how often it is tried meanwhile.
const LINGER: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// Opens the database. A child process that was forked while it was open holds its lock until the child has started its own
/// program, so a held lock is tried again; a process that keeps the database open stays an error.
pub(super) fn open_when_free(config: &Config) -> ::sled::Result<Db> {
    let tries = LINGER.as_millis() / TRY_AGAIN.as_millis();
    for _ in 0..tries {
        match config.open() {
            Err(::sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                thread::sleep(TRY_AGAIN);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// sled can hang or panic on damaged files, so it opens in a thread of its own. A hanging thread stays behind; the caller
/// is expected to end the process.
pub(super) fn attempt(path: &Path, cache_bytes_max: u64, time_max: Duration) -> Result<Db, Failure> {
    let config = Config::new().path(path).cache_capacity(cache_bytes_max);
    let (sender, receiver) = channel();
    thread::Builder::new()
        .name("store-open".to_owned())
        .spawn(move || sender.send(open_when_free(&config)).is_ok())
        .map_err(|error| Failure::Other(error.to_string()))?;
    match receiver.recv_timeout(time_max) {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(error @ ::sled::Error::Corruption { .. })) => Err(Failure::Damaged(error.to_string())),
        Ok(Err(error)) => Err(Failure::Other(error.to_string())),
        Err(RecvTimeoutError::Disconnected) => Err(Failure::Damaged("the database panicked while opening".to_owned())),
        Err(RecvTimeoutError::Timeout) => {
            Err(Failure::TooLong(format!("opening took longer than {} s", time_max.as_secs())))
        }
    }
}

/// Moves every `snap.*` into a fresh folder under `set-aside` and returns the new places.
pub(super) fn set_index_aside(path: &Path) -> io::Result<Vec<PathBuf>> {
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

/// Makes durable what opening created.
pub(super) fn sync_created(path: &Path) -> io::Result<()> {
    for name in ["conf", "db", "blobs", "."] {
        File::open(path.join(name))?.sync_all()?;
    }
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
