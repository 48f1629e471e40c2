//! The folder of a data directory in which imported data sets lie: each one file that is either wholly old or wholly new,
//! with the version before it beside it. Nothing else knows the names of these files.

use super::DataSet;
use crate::error::SupportError;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Name of the folder in a data directory.
pub const FOLDER: &str = "data-sets";

const SAMPLE_UNITS: &str = include_str!("../../data/sample-units.json");
const SAMPLE_ITEMS: &str = include_str!("../../data/sample-items.json");
const SAMPLE_PLACES: &str = include_str!("../../data/sample-places.json");

/// Where imported data sets lie; nowhere for a run that keeps nothing.
#[derive(Debug, Clone)]
pub struct DataFolder(Option<PathBuf>);

/// The text of a data set and the name under which errors speak of it.
pub(crate) struct Source {
    pub(crate) file: &'static str,
    pub(crate) text: String,
}

impl DataFolder {
    /// The folder of this data directory; it is made by the first import.
    #[must_use]
    pub fn of(data_directory: &Path) -> Self {
        Self(Some(data_directory.join(FOLDER)))
    }

    /// No folder: nothing was imported, and nothing can be.
    #[must_use]
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// A data set as it was imported; none if it was not.
    pub(crate) fn read(&self, set: DataSet) -> Result<Option<Source>, SupportError> {
        let Some(path) = self.0.as_ref().map(|folder| folder.join(set.file())) else { return Ok(None) };
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Source { file: set.file(), text })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SupportError::Folder { action: "read", path, source }),
        }
    }

    /// A data set as it was imported. As long as neither units, nor items, nor places were imported, the samples stand for
    /// them; from then on what was not imported is empty, so that no sample ever stands among real data.
    pub(crate) fn read_or_sample(&self, set: DataSet) -> Result<Source, SupportError> {
        if let Some(imported) = self.read(set)? {
            return Ok(imported);
        }
        if self.has_own() {
            let text = format!("{{\"{}\": []}}", set.name());
            return Ok(Source { file: set.file(), text });
        }
        let (file, text) = match set {
            DataSet::Units => ("sample-units.json", SAMPLE_UNITS),
            DataSet::Items => ("sample-items.json", SAMPLE_ITEMS),
            DataSet::Places => ("sample-places.json", SAMPLE_PLACES),
            DataSet::Holidays => (set.file(), "{\"holidays\": []}"),
        };
        Ok(Source { file, text: text.to_owned() })
    }

    /// Whether units, items or places were imported.
    #[must_use]
    pub fn has_own(&self) -> bool {
        let Some(folder) = &self.0 else { return false };
        [DataSet::Units, DataSet::Items, DataSet::Places].iter().any(|set| folder.join(set.file()).exists())
    }

    /// Waits until no other import works here. Held until dropped, also when the process dies.
    pub(crate) fn lock(&self) -> Result<FolderLock, SupportError> {
        let folder = self.path()?;
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(failed("create", folder))?;
        let path = folder.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(failed("open", &path))?;
        file.lock().map_err(failed("lock", &path))?;
        Ok(FolderLock { _file: file })
    }

    /// Puts a data set in the place of the one before, which is kept as `*.former`: written, synced, renamed, and the
    /// folder synced, so that a crash leaves the old or the new one.
    pub(crate) fn replace(&self, _lock: &FolderLock, set: DataSet, text: &str) -> Result<(), SupportError> {
        let path = self.path()?.join(set.file());
        let (unfinished, former) = (path.with_added_extension("unfinished"), path.with_added_extension("former"));
        remove_if_there(&unfinished)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .map_err(failed("create", &unfinished))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed("write", &unfinished))?;
        if path.exists() {
            remove_if_there(&former)?;
            fs::hard_link(&path, &former).map_err(failed("keep the former version of", &path))?;
        }
        fs::rename(&unfinished, &path).map_err(failed("replace", &path))?;
        let folder = self.path()?;
        File::open(folder).and_then(|open| open.sync_all()).map_err(failed("sync", folder))
    }

    fn path(&self) -> Result<&Path, SupportError> {
        let nowhere = || SupportError::invalid("this run keeps no data: there is no data directory to import into");
        self.0.as_deref().ok_or_else(nowhere)
    }
}

/// The right to change the folder.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SupportError {
    let path = path.to_owned();
    move |source| SupportError::Folder { action, path, source }
}

fn remove_if_there(path: &Path) -> Result<(), SupportError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_data_set_is_replaced_whole_and_the_former_one_is_kept() {
        let dir = tempfile::tempdir().expect("tempdir");
        let folder = DataFolder::of(dir.path());
        assert!(folder.read(DataSet::Units).expect("reads").is_none() && !folder.has_own());
        let lock = folder.lock().expect("lock");
        fs::write(dir.path().join("data-sets/units.json.unfinished"), "left by a crash").expect("writes");
        for text in ["one", "two", "three"] {
            folder.replace(&lock, DataSet::Units, text).expect("replaces");
        }
        let text = |name: &str| fs::read_to_string(dir.path().join(FOLDER).join(name)).expect("reads");
        assert_eq!((text("units.json").as_str(), text("units.json.former").as_str()), ("three", "two"));
        let mode = fs::metadata(dir.path().join("data-sets/units.json")).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path().join(FOLDER)).expect("lists").count(), 3, "both, and the lock");
    }

    #[test]
    fn samples_stand_for_all_three_or_for_none() {
        let dir = tempfile::tempdir().expect("tempdir");
        let folder = DataFolder::of(dir.path());
        let text = |set| folder.read_or_sample(set).expect("reads").text;
        assert!(text(DataSet::Items).contains("\"sample\": true"));
        let lock = folder.lock().expect("lock");
        folder.replace(&lock, DataSet::Holidays, "{}").expect("replaces");
        assert!(text(DataSet::Items).contains("\"sample\": true"), "holidays are real anyway");
        folder.replace(&lock, DataSet::Units, "{}").expect("replaces");
        assert_eq!((text(DataSet::Units), text(DataSet::Items)), ("{}".to_owned(), "{\"items\": []}".to_owned()));
    }

    #[test]
    fn a_run_without_a_folder_has_samples_and_takes_nothing() {
        let nowhere = DataFolder::nowhere();
        assert!(nowhere.read_or_sample(DataSet::Places).expect("reads").text.contains("\"sample\": true"));
        assert!(nowhere.lock().expect_err("no place").to_string().contains("no data directory"));
    }
}
