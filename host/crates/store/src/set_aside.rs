//! Where damaged files go: nothing is ever deleted. Called when a store is opened.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The folder inside a directory.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("set-aside")
}

/// A place of this name that is still free; the folder is made.
pub(crate) fn place(root: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = folder(root);
    fs::create_dir_all(&folder)?;
    for number in 0_u32.. {
        let path = match number {
            0 => folder.join(name),
            _ => folder.join(format!("{name}.{number}")),
        };
        if !path.try_exists()? {
            return Ok(path);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
