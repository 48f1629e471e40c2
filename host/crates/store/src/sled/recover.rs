//! Opens the database of the records, or builds it anew from the journal: the damaged one is set aside, never deleted.

use super::{
    apply::Target,
    database, open,
    probe::{self, ProbeOutcome},
    records::RecordsSettings,
    step::Overlay,
    tally::{Applied, TREE},
};
use crate::{
    data_keys::DataKeys,
    error::StoreError,
    journal::{Position, Scan},
    set_aside,
};
use ::sled::Db;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Arc, RwLock},
};

/// Bytes of writes that a replay applies at once.
const REPLAYED_BYTES: usize = 4 << 20;

/// The database in a directory of records.
pub(super) fn directory(root: &Path) -> PathBuf {
    root.join("records")
}

/// Opens or creates the database. A damaged one loses its index (`snap.*`) first, then its place.
pub(super) fn open_database(root: &Path, settings: &RecordsSettings) -> Result<Target, StoreError> {
    let directory = directory(root);
    let refuse = |reason: String| StoreError::Open { path: directory.clone(), reason };
    match look(&directory, settings) {
        Ok(db) => return target(db, &directory),
        Err(ProbeOutcome::Refused(reason)) => return Err(refuse(reason)),
        Err(ProbeOutcome::Damaged(reason)) => {
            let moved = open::set_index_aside(&directory).map_err(|error| refuse(error.to_string()))?;
            tracing::error!(reason, ?moved, "store: the database is damaged; trying once without its index");
            let second = if moved.is_empty() { None } else { look(&directory, settings).ok() };
            if let Some(db) = second {
                return target(db, &directory);
            }
        }
        Err(ProbeOutcome::TooLong | ProbeOutcome::Sound) => {
            tracing::error!("store: opening the database took too long, as it does when it is damaged");
        }
    }
    let kept = set_aside::place(root, "records").map_err(|error| refuse(error.to_string()))?;
    let moved = fs::rename(&directory, &kept).and_then(|()| File::open(root)?.sync_all());
    moved.map_err(|error| refuse(format!("setting the damaged database aside: {error}")))?;
    tracing::error!(kept = %kept.display(), "store: the damaged database was set aside; building a new one from the journal");
    let db = look(&directory, settings).map_err(|outcome| refuse(format!("a new database: {outcome:?}")))?;
    target(db, &directory)
}

fn look(directory: &Path, settings: &RecordsSettings) -> Result<Db, ProbeOutcome> {
    let outcome = match &settings.probe {
        Some(probe) => probe(directory),
        None => probe::in_thread(directory, settings.open_time_max),
    };
    match outcome {
        ProbeOutcome::Sound => probe::open_sound(directory, settings.cache_bytes_max, settings.open_time_max),
        outcome => Err(outcome),
    }
}

fn target(db: Db, directory: &Path) -> Result<Target, StoreError> {
    let file = |source| StoreError::File { what: "open the data file of the store", source };
    open::sync_created(directory).map_err(file)?;
    probe::mark_in_use(directory).map_err(file)?;
    let data = File::open(directory.join("db")).map_err(file)?;
    let tree = db.open_tree(TREE).map_err(database)?;
    let applied = Applied::read(&tree)?;
    let sync = Box::new(move || data.sync_data());
    Ok(Target { db, tree, sync, gate: Arc::new(RwLock::new(())), applied })
}

/// Applies what the journal holds and the database does not.
pub(super) fn replay(
    target: &mut Target,
    scan: &Scan,
    settings: &RecordsSettings,
    data_keys: &DataKeys,
) -> Result<(), StoreError> {
    let from = target.applied.position;
    let (mut writes, mut bytes, mut newest) = (Overlay::new(), 0, from);
    let apply = |target: &mut Target, writes: &mut Overlay, newest: Position| -> Result<(), StoreError> {
        target.apply(&std::mem::take(writes), newest)
    };
    scan.replay(&settings.journal_key, from, &mut |position, change| {
        let ended: Vec<_> = change.ended.iter().map(|name| (*name, position.sequence)).collect();
        data_keys.destroy(&ended)?;
        bytes += change.bytes();
        writes.extend(change.writes);
        newest = position;
        if bytes > REPLAYED_BYTES {
            bytes = 0;
            apply(target, &mut writes, newest)?;
        }
        Ok(())
    })?;
    if newest == from {
        return Ok(());
    }
    apply(target, &mut writes, newest)?;
    target.flush()?;
    tracing::info!(from = from.sequence, to = newest.sequence, "store: the journal's newer steps were applied");
    Ok(())
}
