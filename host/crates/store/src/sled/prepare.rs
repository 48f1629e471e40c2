//! Opens a directory of records: reads the journal, the database and the data keys, and brings them to one moment. Nothing
//! is changed before it is clear that they belong together.

use super::{
    apply::Target,
    group::{Recorder, Shared},
    records::RecordsSettings,
    recover,
};
use crate::{
    data_keys::DataKeys,
    disk::Disk,
    error::StoreError,
    journal::{self, Place, SEGMENT_BYTES_MAX, Scan, Writer},
    records::StoreMode,
};
use std::{
    fs::{self, File},
    path::Path,
    sync::{Arc, RwLock},
};

/// An opened directory of records.
pub(super) struct Parts {
    target: Target,
    pub(super) journal: Writer,
    pub(super) data_keys: Arc<DataKeys>,
    lock: File,
    pub(super) mode: StoreMode,
}

impl Parts {
    /// Everything but the committer.
    pub(super) fn prepare(root: &Path, settings: &RecordsSettings, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Open { path: root.to_owned(), reason };
        fs::create_dir_all(root).map_err(|error| refuse(error.to_string()))?;
        let lock = lock(root).map_err(refuse)?;
        let place = Place {
            disk: disk.clone(),
            root: root.to_owned(),
            key: settings.journal_key.clone(),
            mode: settings.mode,
            segment_bytes_max: SEGMENT_BYTES_MAX,
        };
        let scan = journal::scan(&journal::folder(root), &mut |_| {})?;
        check(&scan, &place).map_err(refuse)?;
        let mut target = recover::open_database(root, settings)?;
        let applied = target.applied.position.sequence;
        if applied > scan.head.sequence {
            let (head, end) = (scan.head.sequence, "put its files back from a copy, or restore a backup");
            return Err(refuse(format!("the journal ends with frame {head}, the database has {applied}: {end}")));
        }
        if !scan.holds(target.applied.position)? {
            return Err(refuse("its database was written with another journal".to_owned()));
        }
        let head = scan.segments.last().map(|_| scan.head.sequence);
        let data_keys = Arc::new(DataKeys::open(disk.as_ref(), root, head)?);
        let journal = Writer::open(place, &scan, applied)?;
        recover::replay(&mut target, &scan, settings, &data_keys)?;
        Ok(Self { target, journal, data_keys, lock, mode: settings.mode })
    }

    /// What writes, and the lock that must outlive it.
    pub(super) fn into_recorder(self, root: &Path) -> (Recorder, File) {
        let Self { target, journal, data_keys, lock, .. } = self;
        let shared = Shared {
            gate: target.gate.clone(),
            failure: Arc::default(),
            head: Arc::new(RwLock::new(journal.head().audit.clone())),
            is_suspect: Arc::default(),
            standing_revision: Arc::default(),
        };
        (Recorder { target, journal, data_keys, shared, directory: recover::directory(root) }, lock)
    }

    /// A data key that is missing would make its person look erased.
    pub(super) fn check_data_keys(&self) -> Result<(), String> {
        let (expected, (found, damaged)) = (self.journal.head().data_keys, self.data_keys.count());
        if damaged > 0 {
            tracing::error!(damaged, "store: slots of the data keys cannot be read; put the file back from a backup");
        }
        if found + damaged < expected {
            let end = "put the file data-keys back from a copy, or restore a backup";
            return Err(format!("{expected} people have a data key, {found} keys are there: {end}"));
        }
        Ok(())
    }
}

/// One process at a time.
fn lock(root: &Path) -> Result<File, String> {
    let path = root.join("lock");
    let file =
        File::options().write(true).create(true).truncate(false).open(path).map_err(|error| error.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err("another process has it open".to_owned()),
        Err(fs::TryLockError::Error(error)) => Err(format!("cannot lock it: {error}")),
    }
}

/// Refuses a journal that is broken, of another mode or of another key.
fn check(scan: &Scan, place: &Place) -> Result<(), String> {
    if let Some(broken) = &scan.broken {
        return Err(format!("{broken}; put the file back from a copy, or restore a backup"));
    }
    let Some(first) = scan.segments.first() else { return Ok(()) };
    if first.header.mode != place.mode {
        let (found, wanted) = (first.header.mode, place.mode);
        return Err(format!("it was created for {found:?} and stays so; it cannot be opened for {wanted:?}"));
    }
    match scan.segments.iter().all(|found| found.header.is_of(&place.key)) {
        true => Ok(()),
        false => Err("its journal was sealed with another key than the one given".to_owned()),
    }
}
