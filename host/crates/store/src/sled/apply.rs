//! Brings what the journal holds into the tree: after each group of steps, and at start for what is missing.

use super::{
    committer::Sync,
    database,
    record::{self, Place, RawWrite},
    step::Overlay,
    tally::Applied,
};
use crate::{error::StoreError, journal::Position};
use ::sled::{Batch, Db, Tree};
use std::sync::{Arc, PoisonError, RwLock};

/// The database that is written.
pub(super) struct Target {
    pub(super) db: Db,
    pub(super) tree: Tree,
    pub(super) sync: Sync,
    /// Held for writing while a batch is applied, so that a read sees all of a group or nothing.
    pub(super) gate: Arc<RwLock<()>>,
    pub(super) applied: Applied,
}

impl Target {
    /// Applies all writes up to a frame, in one batch with the position.
    pub(super) fn apply(&mut self, writes: &Overlay, position: Position) -> Result<(), StoreError> {
        let raw = |key: &[u8]| self.tree.get(key).map_err(database);
        let mut raws: Vec<RawWrite> = Vec::new();
        for (row, value) in writes {
            let place = Place::of_row(row);
            let old = record::find_length(&raw, &place)?;
            if old.is_some() || value.is_some() {
                raws.extend(record::replace(&place, old, value.as_deref()));
            }
        }
        let mut tally = self.applied.tally;
        raws.iter().try_for_each(|write| tally.replace(&raw, write))?;
        let applied = Applied { position, tally };
        raws.push(applied.record());
        let mut batch = Batch::default();
        for (key, value) in raws {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        let _applying = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        self.tree.apply_batch(batch).map_err(database)?;
        self.applied = applied;
        Ok(())
    }

    /// Makes everything applied durable.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map_err(database)?;
        (self.sync)().map_err(|source| StoreError::File { what: "flush the data file to the disk", source })
    }
}
