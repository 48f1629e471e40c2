//! Files that only their owner may read: read with a check, written whole or not at all. Key store and root key use it.

use super::KeyError;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Reads a regular file of at most `bytes_max` bytes; a longer one is damaged.
pub(super) fn read(path: &Path, bytes_max: u64) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let failed = |source| KeyError::Io { what: "read", path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::Permissions { path: path.to_owned(), mode });
    }
    if !metadata.is_file() || metadata.len() > bytes_max {
        return Err(KeyError::Damaged("not a file of the expected size"));
    }
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(bytes_max).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Writes a new file, durable; one that exists stays as it is and is an error.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    write_new(path, bytes).map_err(|source| KeyError::Io { what: "create", path: path.to_owned(), source })?;
    sync_directory(path)
}

/// Replaces a file: whoever reads it finds the old or the new bytes, also after a loss of power.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let beside = beside(path, "new");
    let failed = |what| move |source| KeyError::Io { what, path: path.to_owned(), source };
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed("clear the way for")(error)),
        _ => {}
    }
    write_new(&beside, bytes).map_err(failed("write"))?;
    std::fs::rename(&beside, path).map_err(failed("replace"))?;
    sync_directory(path)
}

/// Opens the lock file beside a file and locks it; the lock ends with the handle.
pub(super) fn lock(path: &Path) -> Result<File, KeyError> {
    let beside = beside(path, "lock");
    let failed = |source| KeyError::Io { what: "lock", path: path.to_owned(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&beside).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(KeyError::InUse(path.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_directory(path: &Path) -> Result<(), KeyError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    synced.map_err(|source| KeyError::Io { what: "sync the directory of", path: path.to_owned(), source })
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
