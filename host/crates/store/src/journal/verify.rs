//! `audit verify`: recomputes the chain of a journal or a backup, without any key, and names the first broken record.

use super::{folder, scan};
use crate::{error::StoreError, records::AuditHead};
use std::path::Path;

/// The first record that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRecord {
    /// Number of the segment: the file `NNNNNNNN.log`.
    pub segment: u64,
    /// Where in the file, in bytes.
    pub offset: u64,
    /// Number of the frame that should stand there.
    pub sequence: u64,
    /// What is wrong.
    pub why: String,
}

impl std::fmt::Display for BrokenRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { segment, offset, sequence, why } = self;
        write!(f, "journal segment {segment:08}.log, byte {offset}, frame {sequence}: {why}")
    }
}

/// What recomputing the chain showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Steps in the chain, up to the first broken record.
    pub frames: u64,
    /// Audit entries in it.
    pub entries: u64,
    /// Its newest audit head.
    pub head: AuditHead,
    /// The first broken record; none when the chain is whole.
    pub first_broken: Option<BrokenRecord>,
    /// Bytes at the end that a crash (or a write under way) left unfinished; never acknowledged.
    pub unfinished_bytes: u64,
    /// Of the heads that were asked for those that the chain does not hold: it was cut or written anew.
    pub missing_heads: Vec<AuditHead>,
}

/// Recomputes the chain of a directory of records, or of a backup; `heads` are heads that were exported before.
/// [`StoreError::Open`] when there is no journal, [`StoreError::File`] when it cannot be read.
pub fn verify(directory: &Path, heads: &[AuditHead]) -> Result<VerifyReport, StoreError> {
    let folder = folder(directory);
    if !folder.is_dir() {
        return Err(StoreError::Open { path: directory.to_owned(), reason: "it holds no journal".to_owned() });
    }
    let mut missing_heads: Vec<AuditHead> = heads.iter().filter(|head| head.sequence > 0).cloned().collect();
    let scan = scan(&folder, &mut |head| missing_heads.retain(|missing| *missing != head.audit))?;
    Ok(VerifyReport {
        frames: scan.head.sequence,
        entries: scan.head.audit.sequence,
        head: scan.head.audit,
        first_broken: scan.broken,
        unfinished_bytes: scan.torn.map_or(0, |torn| torn.bytes),
        missing_heads,
    })
}
