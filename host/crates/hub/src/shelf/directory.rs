//! The data directory: what lies where, how it is made once, and how its files are read and written. Called by the shelf.

use super::{
    files::{self, Lock},
    record::{AppsFile, PublishersFile},
};
use crate::HubError;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

const MODE: &str = "mode";
const NODE_KEY: &str = "node.key";
const LOCK: &str = "shelf.lock";
const APPS: &str = "shelf.json";
const PUBLISHERS: &str = "publishers.json";
const PACKAGES: &str = "packages";
const ARTEFACTS: &str = "artefacts";
/// Largest `shelf.json` or `publishers.json` that is read: room for about 100 000 apps.
const JSON_BYTES_MAX: u64 = 64 << 20;

/// What a data directory is for: written when it is created, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataMode {
    /// Personas, test doubles and plain HTTP on loopback may be used.
    Development,
    /// None of them.
    Production,
}

impl fmt::Display for DataMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
        })
    }
}

/// A data directory that was opened.
#[derive(Debug, Clone)]
pub(crate) struct DataDirectory {
    dir: PathBuf,
    mode: DataMode,
    node_key: [u8; 32],
}

impl DataDirectory {
    /// Opens a directory that was created before.
    pub(crate) fn open(dir: &Path) -> Result<Self, HubError> {
        let mode_path = dir.join(MODE);
        let mode = match fs::read_to_string(&mode_path).as_deref().map(str::trim) {
            Ok("development") => DataMode::Development,
            Ok("production") => DataMode::Production,
            Ok(other) => return Err(HubError::damaged(mode_path, format!("{other:?} is no mode"))),
            Err(_) => return Err(HubError::NotADataDirectory { dir: dir.to_owned() }),
        };
        let key_path = dir.join(NODE_KEY);
        let node_key = files::read(&key_path, 32)?
            .try_into()
            .map_err(|_| HubError::damaged(&key_path, "a node key has exactly 32 bytes"))?;
        owner_only(&key_path)?;
        Ok(Self { dir: dir.to_owned(), mode, node_key })
    }

    /// Makes a new data directory in a folder that is missing or empty. The file `mode` is written last, so that a
    /// crash leaves a folder that the next call finishes.
    pub(crate) fn create(dir: &Path, mode: DataMode, fresh_key: [u8; 32]) -> Result<Self, HubError> {
        files::private_directory(dir)?;
        if has_foreign_files(dir)? {
            return Err(HubError::NotADataDirectory { dir: dir.to_owned() });
        }
        let _lock = Lock::wait(&dir.join(LOCK))?;
        if dir.join(MODE).exists() {
            return Self::open(dir);
        }
        files::private_directory(&dir.join(PACKAGES))?;
        files::private_directory(&dir.join(ARTEFACTS))?;
        files::replace(&dir.join(NODE_KEY), &fresh_key, 0o600)?;
        files::replace(&dir.join(MODE), format!("{mode}\n").as_bytes(), 0o600)?;
        Self::open(dir)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn mode(&self) -> DataMode {
        self.mode
    }

    pub(crate) fn node_key(&self) -> &[u8; 32] {
        &self.node_key
    }

    pub(crate) fn packages(&self) -> PathBuf {
        self.dir.join(PACKAGES)
    }

    pub(crate) fn artefacts(&self) -> PathBuf {
        self.dir.join(ARTEFACTS)
    }

    /// Waits for the right to change the shelf.
    pub(crate) fn lock(&self) -> Result<Lock, HubError> {
        Lock::wait(&self.dir.join(LOCK))
    }

    pub(crate) fn read_apps(&self) -> Result<AppsFile, HubError> {
        read_json(&self.dir.join(APPS))
    }

    pub(crate) fn write_apps(&self, apps: &AppsFile) -> Result<(), HubError> {
        write_json(&self.dir.join(APPS), apps)
    }

    pub(crate) fn read_publishers(&self) -> Result<PublishersFile, HubError> {
        read_json(&self.dir.join(PUBLISHERS))
    }

    pub(crate) fn write_publishers(&self, publishers: &PublishersFile) -> Result<(), HubError> {
        write_json(&self.dir.join(PUBLISHERS), publishers)
    }
}

/// Whether the folder has anything that an unfinished `create` would not have left there.
fn has_foreign_files(dir: &Path) -> Result<bool, HubError> {
    for entry in fs::read_dir(dir).map_err(HubError::io("list", dir))? {
        let name = entry.map_err(HubError::io("list", dir))?.file_name();
        let name = name.to_string_lossy();
        let ours = [NODE_KEY, LOCK, PACKAGES, ARTEFACTS, "node.key.unfinished", "mode.unfinished"];
        if !ours.contains(&name.as_ref()) {
            return Ok(!dir.join(MODE).exists());
        }
    }
    Ok(false)
}

fn owner_only(path: &Path) -> Result<(), HubError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(HubError::io("read", path))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(HubError::damaged(path, format!("its mode is {mode:o}; only its owner may read it (chmod 600)")))
}

fn read_json<T: DeserializeOwned + Default>(path: &Path) -> Result<T, HubError> {
    let bytes = match files::read(path, JSON_BYTES_MAX) {
        Err(HubError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(T::default()),
        other => other?,
    };
    serde_json::from_slice(&bytes).map_err(|error| HubError::damaged(path, error.to_string()))
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), HubError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| HubError::damaged(path, error.to_string()))?;
    bytes.push(b'\n');
    files::replace(path, &bytes, 0o600)
}
