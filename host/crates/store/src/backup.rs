//! Backups, made from outside while a hub runs or not, and their restore. Called by `yizhan backup` and `yizhan restore`.
//!
//! A backup is a copy of what is durable of the journal, the data keys as they are, and `manifest.json`, which is written
//! last: without it a backup is not whole. The data keys may be kept apart, and for a shorter time.

mod copy;
mod heads;
mod manifest;
mod restore;

pub use heads::{ChainHead, HeadSigner, HeadStatement, chain_name, export_heads};
pub(crate) use restore::is_restoring;
pub use restore::{RestoreReport, restore};

use crate::{
    data_keys,
    error::StoreError,
    journal::{self, Scan},
    records::AuditHead,
};
use copy::Copying;
use manifest::Manifest;
use std::{
    fs::{self, File},
    path::Path,
};
use yizhan_domain::Timestamp;

/// How far a backup or restore has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are done.
    pub done_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// Number of its newest step.
    pub sequence: u64,
    /// Its newest audit entry.
    pub head: AuditHead,
    /// Bytes of its files.
    pub bytes: u64,
}

/// How often a journal is read anew that looks broken: its hub may be cutting a torn tail at this moment.
const TRIES: usize = 3;

/// Copies the records in a directory into another that is missing or empty, while a hub has them open and writes, or not;
/// takes no lock and opens no database, and verifies the copy. Blocks.
///
/// The copy ends with a frame that is durable: what is read is flushed to the disk here before it counts. It holds every
/// step that was acknowledged before the call. [`StoreError::Open`] when there is no sound journal; [`StoreError::Backup`]
/// says what is wrong with the target or the copy.
pub fn backup(
    from: &Path,
    to: &Path,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupReport, StoreError> {
    // First the journal, then the keys: of a person in the journal the key is there too, unless it was destroyed since.
    let scan = sound_journal(from)?;
    let Some(mode) = scan.segments.first().map(|first| first.header.mode) else {
        return Err(StoreError::Open { path: from.to_owned(), reason: "it holds no journal".to_owned() });
    };
    copy::claim(to)?;
    fs::create_dir(journal::folder(to)).map_err(copy::file("create the folder of the backup"))?;
    let keys = from.join(data_keys::FILE);
    let keys_bytes = fs::metadata(&keys).map_err(copy::file("measure the data keys"))?.len();
    let journal_bytes: u64 = scan.segments.iter().map(|segment| segment.length).sum();
    let mut copying = Copying::new(to, journal_bytes + keys_bytes, progress);
    for segment in &scan.segments {
        let name = segment.path.file_name().unwrap_or_default().to_string_lossy();
        copying.file(&format!("journal/{name}"), &segment.path, segment.length)?;
    }
    let head = &scan.head;
    copying.with(data_keys::FILE, |file| data_keys::copy(&keys, file, head.sequence))?;
    let (files, bytes) = copying.finish()?;
    check(to, &head.audit)?;
    Manifest::new(mode, now, head, files).write(to)?;
    Ok(BackupReport { sequence: head.sequence, head: head.audit.clone(), bytes })
}

/// What of a journal is sound and durable now. A write under way is left out.
fn sound_journal(from: &Path) -> Result<Scan, StoreError> {
    let refuse = |reason: String| StoreError::Open { path: from.to_owned(), reason };
    let mut why = String::new();
    for _ in 0..TRIES {
        let scan = journal::scan(&journal::folder(from), &mut |_| {})?;
        match &scan.broken {
            Some(broken) => why = broken.to_string(),
            None => {
                let newest = scan.segments.last().map(|newest| File::open(&newest.path)).transpose();
                let flushed = newest.and_then(|newest| newest.map_or(Ok(()), |newest| newest.sync_data()));
                flushed.map_err(copy::file("flush the journal to the disk"))?;
                return Ok(scan);
            }
        }
    }
    Err(refuse(why))
}

/// The copy must hold the whole chain up to the head.
fn check(to: &Path, head: &AuditHead) -> Result<(), StoreError> {
    let report = journal::verify(to, std::slice::from_ref(head))?;
    match report.first_broken {
        Some(broken) => Err(StoreError::Backup { path: to.to_owned(), reason: broken.to_string() }),
        None if report.head != *head || report.unfinished_bytes > 0 => {
            Err(StoreError::Backup { path: to.to_owned(), reason: "it does not end where it should".to_owned() })
        }
        None => Ok(()),
    }
}
