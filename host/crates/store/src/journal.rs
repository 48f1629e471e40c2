//! The journal: append-only files that hold every step, sealed, each frame chained to the one before. It is the audit log
//! and the source of recovery; the sled engine appends to it, `backup`, `restore` and `audit verify` read it.
//!
//! `NNNNNNNN.log` holds a header and frames up to 64 MiB. A frame is one step. Its hash covers the sealed bytes, so the
//! chain is recomputed without the key.

mod bytes;
mod change;
mod frame;
mod scan;
mod seal;
mod segment;
mod verify;
mod writer;

pub(crate) use change::Change;
pub(crate) use scan::{Scan, read as scan};
pub use seal::JournalKey;
pub(crate) use segment::{SEGMENT_BYTES_MAX, path as segment_path};
pub use verify::{BrokenRecord, VerifyReport, verify};
pub(crate) use writer::Writer;

#[cfg(test)]
mod tests;

use crate::{
    disk::Disk,
    records::{AuditHead, StoreMode},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most steps that become durable together; the journal's tail after a crash holds no more.
pub(crate) const GROUP_STEPS_MAX: usize = 256;

/// The newest frame, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Number of the frame; 0 when there is none.
    pub(crate) sequence: u64,
    /// Hash over it and everything before.
    pub(crate) hash: [u8; 32],
    /// How many audit entries there are, and the hash of the frame that brought the newest.
    pub(crate) audit: AuditHead,
    /// How many people have a data key.
    pub(crate) data_keys: u64,
}

/// A frame of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Its number; 0 before the first.
    pub(crate) sequence: u64,
    /// Hash over it and everything before.
    pub(crate) hash: [u8; 32],
}

/// Where a journal lies, and how it is written.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) disk: Arc<dyn Disk>,
    /// Directory of the records: the journal and what is set aside lie inside.
    pub(crate) root: PathBuf,
    pub(crate) key: JournalKey,
    pub(crate) mode: StoreMode,
    /// A segment with so many bytes takes no further frame.
    pub(crate) segment_bytes_max: u64,
}

/// The folder of the journal in a directory of records.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("journal")
}

impl Head {
    /// Before the first frame.
    pub(crate) const START: Self =
        Self { sequence: 0, hash: [0; 32], audit: AuditHead { sequence: 0, hash: [0; 32] }, data_keys: 0 };

    /// The frame itself.
    pub(crate) fn position(&self) -> Position {
        Position { sequence: self.sequence, hash: self.hash }
    }
}
