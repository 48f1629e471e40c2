//! Files that are either wholly old or wholly new: temporary file, fsync, rename, fsync of the directory; and the lock
//! under which the shelf is changed. Called by the shelf and its use-cases.

use crate::HubError;
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// Ending of files that are not finished; what a crash leaves of them is swept away by the next change.
const UNFINISHED: &str = ".unfinished";

/// Writes a file so that a crash leaves the old or the new content, never a part of it.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HubError> {
    let unfinished = path.with_added_extension(&UNFINISHED[1..]);
    remove_if_there(&unfinished)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&unfinished)
        .map_err(HubError::io("create", &unfinished))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(HubError::io("write", &unfinished))?;
    fs::rename(&unfinished, path).map_err(HubError::io("replace", path))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Reads a whole file of at most `bytes_max` bytes.
pub(crate) fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, HubError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(HubError::io("open", path))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(HubError::io("read", path))?;
    if bytes.len() as u64 > bytes_max {
        return Err(HubError::damaged(path, format!("it has more than {bytes_max} bytes")));
    }
    Ok(bytes)
}

/// Makes a directory that only its owner may enter, and its parents; fine when it is there.
pub(crate) fn private_directory(path: &Path) -> Result<(), HubError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(HubError::io("create", path))
}

/// Makes renames and new names in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), HubError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(HubError::io("sync", path))
}

/// Removes a file; fine when there is none.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), HubError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(HubError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// The exclusive lock of a data directory, held until dropped (also when the process dies).
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock.
    pub(crate) fn wait(path: &Path) -> Result<Self, HubError> {
        let file = open_lock(path)?;
        file.lock().map_err(HubError::io("lock", path))?;
        Ok(Self { _file: file })
    }

    /// Takes the lock if nobody has it.
    pub(crate) fn try_now(path: &Path) -> Result<Option<Self>, HubError> {
        let file = open_lock(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(HubError::io("lock", path)(error)),
        }
    }
}

fn open_lock(path: &Path) -> Result<File, HubError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(HubError::io("open", path))
}

/// Removes what unfinished writes left in a directory, and every file whose name `keep` does not want. Called under the lock.
pub(crate) fn sweep(directory: &Path, keep: impl Fn(&str) -> bool) -> Result<(), HubError> {
    for entry in fs::read_dir(directory).map_err(HubError::io("list", directory))? {
        let entry = entry.map_err(HubError::io("list", directory))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(UNFINISHED) || !keep(&name) {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.json");
        fs::write(dir.path().join("a.json.unfinished"), "left by a crash").expect("write");
        replace(&path, b"one", 0o600).expect("first");
        replace(&path, b"two", 0o600).expect("second");
        assert_eq!(fs::read(&path).expect("read"), b"two");
        assert_eq!(fs::metadata(&path).expect("metadata").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).expect("list").count(), 1);
    }

    #[test]
    fn a_file_over_its_bound_is_not_read() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("big");
        fs::write(&path, [0; 11]).expect("write");
        assert!(matches!(read(&path, 10), Err(HubError::Damaged { .. })));
        assert_eq!(read(&path, 11).expect("fits").len(), 11);
    }

    #[test]
    fn only_one_holds_the_lock() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("lock");
        let first = Lock::try_now(&path).expect("open").expect("free");
        assert!(Lock::try_now(&path).expect("open").is_none());
        drop(first);
        assert!(Lock::try_now(&path).expect("open").is_some());
    }
}
