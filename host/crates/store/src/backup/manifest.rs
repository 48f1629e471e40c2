//! What a backup says of itself, in `manifest.json`.

use super::copy::{self, hex};
use crate::{error::StoreError, journal::Head, records::StoreMode};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};
use yizhan_domain::Timestamp;

const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BackedUp {
    /// Path inside the backup.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// What the store was created for.
    pub(super) mode: StoreMode,
    /// When the backup was made.
    pub(super) at: Timestamp,
    /// Number of the newest step.
    pub(super) sequence: u64,
    /// Hash of its frame, in hexadecimal digits.
    head: String,
    /// Number of the newest audit entry, and its hash.
    audit_sequence: u64,
    audit_head: String,
    pub(super) files: Vec<BackedUp>,
}

impl Manifest {
    pub(super) fn new(mode: StoreMode, at: Timestamp, head: &Head, files: Vec<BackedUp>) -> Self {
        let (head_hash, audit_head) = (hex(&head.hash), hex(&head.audit.hash));
        let (sequence, audit_sequence) = (head.sequence, head.audit.sequence);
        Self { format: FORMAT, mode, at, sequence, head: head_hash, audit_sequence, audit_head, files }
    }

    /// Whether a journal ends as this says.
    pub(super) fn is_of(&self, head: &Head) -> bool {
        self.sequence == head.sequence && self.head == hex(&head.hash)
    }

    /// Writes it, durably and last.
    pub(super) fn write(&self, to: &Path) -> Result<(), StoreError> {
        let write = || {
            let bytes = serde_json::to_vec_pretty(self)?;
            let temporary = to.join("manifest.json.new");
            let mut file = File::create_new(&temporary)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, to.join(NAME))
        };
        write().map_err(copy::file("write the manifest of the backup"))?;
        copy::sync_folder(to)
    }

    /// Reads the one of a backup; [`StoreError::Backup`] when there is none that this version reads.
    pub(super) fn read(from: &Path) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Backup { path: from.to_owned(), reason };
        let bytes = fs::read(from.join(NAME)).map_err(|error| refuse(format!("{NAME}: {error}")))?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| refuse(format!("{NAME}: {error}")))?;
        match manifest.format {
            FORMAT => Ok(manifest),
            found => Err(refuse(format!("{NAME} has format {found}; this version reads {FORMAT}"))),
        }
    }
}
