//! Copies files of a data directory durably, into a folder that gets its name when everything is in it. Used by `backup`
//! and `restore`.

use crate::cli::{failure::Failure, terminal::Terminal};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

/// What of a data directory goes with its records: which apps there are, who published them, imported data sets. Older backups have `store`, the
/// data of apps as the database kept them.
pub(in crate::cli) const PARTS: [&str; 5] = ["publishers.json", "shelf.json", "packages", "store", "data-sets"];
/// The data of apps in a backup.
pub(in crate::cli) const APP_DATA: &str = "app-data";
/// Folder of the key files in a backup: sealed, and readable with the root key alone.
pub(in crate::cli) const SEALED: &str = "sealed";
/// The key files that are sealed.
pub(in crate::cli) const SEALED_KEYS: [&str; 2] = ["hub.keys", "apps.keys"];
/// How often the apps are copied anew that were changed meanwhile.
const TRIES: usize = 5;

/// Why files were not copied.
pub(in crate::cli) struct CopyError {
    path: PathBuf,
    source: io::Error,
}

/// What a copy did not do.
pub(in crate::cli) fn failure(what: &str, error: &CopyError) -> Failure {
    Failure::unreadable(what).at(&error.path).why(&error.source).fix("see that the folders are yours and have room")
}

/// Fills `to`, which must not exist, under another name first: a folder with the name that was asked for is whole. What
/// fails is taken away again.
pub(in crate::cli) fn into_new_folder<T>(
    to: &Path,
    what: &str,
    fill: impl FnOnce(&Path) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let refuse =
        |path: &Path, why: &dyn std::fmt::Display, fix: &str| Failure::unreadable(what).at(path).why(why).fix(fix);
    if fs::symlink_metadata(to).is_ok() {
        return Err(refuse(to, &"it exists", "name a folder that does not exist"));
    }
    let mut name =
        to.file_name().map(OsString::from).ok_or_else(|| refuse(to, &"it has no name", "name a new folder"))?;
    name.push(".unfinished");
    let unfinished = to.with_file_name(name);
    let make = DirBuilder::new().mode(0o700).create(&unfinished);
    make.map_err(|error| {
        refuse(&unfinished, &error, "see that the folder above exists and is yours; remove what an earlier try left")
    })?;
    let finished = fill(&unfinished).and_then(|filled| {
        let named = fs::rename(&unfinished, to).and_then(|()| sync_folder(parent(to)));
        named.map(|()| filled).map_err(|error| refuse(to, &error, "see that the folder above is yours"))
    });
    if finished.is_err() {
        let _what_is_left = fs::remove_dir_all(&unfinished);
    }
    finished
}

/// Copies the parts that exist, folders with everything in them; answers the bytes.
pub(in crate::cli) fn copy(from: &Path, to: &Path, parts: &[&str], bar: &ProgressBar) -> Result<u64, CopyError> {
    let mut found = Vec::new();
    for part in parts {
        list(from, Path::new(part), &mut found)?;
    }
    bar.set_length(found.iter().map(|(_, length)| length.unwrap_or_default()).sum());
    for (path, length) in &found {
        let target = to.join(path);
        match length {
            None => DirBuilder::new().mode(0o700).recursive(true).create(&target).map_err(at(&target))?,
            Some(length) => {
                let copied = fs::copy(from.join(path), &target).and_then(|_| File::open(&target)?.sync_all());
                copied.map_err(at(&target))?;
                bar.inc(*length);
            }
        }
    }
    for (path, _) in found.iter().filter(|(_, length)| length.is_none()) {
        sync_folder(&to.join(path)).map_err(at(path))?;
    }
    sync_folder(to).map_err(at(to))?;
    Ok(found.iter().filter_map(|(_, length)| *length).sum())
}

/// Copies mode, publishers, shelf, packages and sealed keys of a data directory, while a hub runs or not; answers the bytes. If
/// an app is installed or removed meanwhile the copy is made anew, so that the shelf names what lies beside it.
pub(in crate::cli) fn copy_apps(from: &Path, to: &Path, bar: &ProgressBar) -> Result<u64, CopyError> {
    let shelf = from.join("shelf.json");
    let read = || match fs::read(&shelf) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(at(&shelf)),
    };
    let sealed = to.join(SEALED);
    DirBuilder::new().mode(0o700).create(&sealed).map_err(at(&sealed))?;
    for _ in 0..TRIES {
        let before = read()?;
        let copied = copy(from, to, &["mode", "publishers.json", "shelf.json", "packages", "data-sets"], bar)
            .and_then(|bytes| Ok(bytes + copy(&from.join("keys"), &sealed, &SEALED_KEYS, bar)?));
        match copied {
            Ok(bytes) if read()? == before => return Ok(bytes),
            // A package that was listed and is gone was removed meanwhile.
            Err(error) if error.source.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Err(CopyError { path: shelf, source: io::Error::other("apps were installed or removed all the while; try again") })
}

/// A bar that counts bytes; hidden unless a person looks.
pub(in crate::cli) fn bar(terminal: Terminal, message: &str) -> ProgressBar {
    let bar = terminal.progress(message);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30.blue}] {bytes}/{total_bytes} {elapsed:.dim}") {
        bar.set_style(style);
    }
    bar
}

/// Files with their length, and folders (none) before what is in them. Nothing else is copied: no link, no socket.
fn list(from: &Path, path: &Path, found: &mut Vec<(PathBuf, Option<u64>)>) -> Result<(), CopyError> {
    let full = from.join(path);
    let metadata = match fs::symlink_metadata(&full) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(at(&full))?,
    };
    if metadata.is_file() {
        found.push((path.to_owned(), Some(metadata.len())));
    } else if metadata.is_dir() {
        found.push((path.to_owned(), None));
        for entry in fs::read_dir(&full).map_err(at(&full))? {
            list(from, &path.join(entry.map_err(at(&full))?.file_name()), found)?;
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> CopyError {
    let path = path.to_owned();
    move |source| CopyError { path: path.clone(), source }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_could_not_be_filled_has_no_name() {
        let dir = tempfile::tempdir().expect("tempdir");
        let to = dir.path().join("backup");
        let failed = into_new_folder(&to, "cannot", |unfinished| {
            fs::write(unfinished.join("part"), "1").expect("writes");
            Err::<(), _>(Failure::refused("no"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
        into_new_folder(&to, "cannot", |unfinished| {
            assert!(unfinished.is_dir() && !to.exists());
            Ok(())
        })
        .expect("fills");
        assert!(to.is_dir());
        assert!(into_new_folder(&to, "cannot", |_| Ok(())).is_err(), "nothing is overwritten");
    }

    #[test]
    fn folders_are_copied_whole_and_links_are_not() {
        let dir = tempfile::tempdir().expect("tempdir");
        let (from, to) = (dir.path().join("from"), dir.path().join("to"));
        fs::create_dir_all(from.join("store/blobs")).expect("makes");
        fs::create_dir(&to).expect("makes");
        fs::write(from.join("store/db"), "12345").expect("writes");
        std::os::unix::fs::symlink("/etc/hostname", from.join("store/link")).expect("links");
        let bytes = copy(&from, &to, &["store", "missing"], &ProgressBar::hidden());
        assert_eq!(bytes.ok(), Some(5));
        assert!(to.join("store/blobs").is_dir() && !to.join("store/link").exists());
        assert_eq!(fs::read(to.join("store/db")).expect("reads"), b"12345");
    }
}
