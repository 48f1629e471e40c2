//! Backups, made while the store runs, and their restore. Called by `yizhan backup` and `yizhan restore`.
//!
//! A backup is a copy of what is durable of the journal, the data keys as they are, and `manifest.json`, which is written
//! last: without it a backup is not whole. The data keys may be kept apart, and for a shorter time.

mod copy;
mod heads;
mod manifest;
mod restore;

pub use heads::export_head;
pub(crate) use restore::is_restoring;
pub use restore::{RestoreReport, restore};

use crate::sled::{SledEngine, SledRecords};
use crate::{
    data_keys,
    engine::Engine,
    error::StoreError,
    journal::{self, Durable},
    records::AuditHead,
};
use copy::Copying;
use manifest::Manifest;
use std::{fs, path::Path};
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

impl SledRecords {
    /// Copies what is durable into a directory that is missing or empty, while steps go on; verifies the copy. Blocks.
    /// [`StoreError::Backup`] says what is wrong with the directory or the copy.
    pub fn backup(
        &self,
        to: &Path,
        now: Timestamp,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<BackupReport, StoreError> {
        backup(self.engine(), to, now, progress)
    }
}

fn backup(
    engine: &SledEngine,
    to: &Path,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupReport, StoreError> {
    // First the journal, then the keys: of a person in the journal the key is there too, unless it was destroyed since.
    let (root, Durable { segment, length, head }, data_keys) = engine.for_backup();
    copy::claim(to)?;
    fs::create_dir(journal::folder(to)).map_err(copy::file("create the folder of the backup"))?;
    let paths: Vec<_> = (1..=segment).map(|number| journal::segment_path(&journal::folder(root), number)).collect();
    let lengths = paths.iter().enumerate().map(|(index, path)| match index as u64 + 1 == segment {
        true => Ok(length),
        false => fs::metadata(path).map(|metadata| metadata.len()),
    });
    let lengths = lengths.collect::<Result<Vec<_>, _>>().map_err(copy::file("measure the journal"))?;
    let mut copying = Copying::new(to, lengths.iter().sum::<u64>() + data_keys.bytes(), progress);
    for (path, length) in paths.iter().zip(lengths) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        copying.file(&format!("journal/{name}"), path, length)?;
    }
    copying.with(data_keys::FILE, |file| data_keys.copy(file, head.sequence))?;
    let (files, bytes) = copying.finish()?;
    check(to, &head.audit)?;
    Manifest::new(engine.mode(), now, &head, files).write(to)?;
    Ok(BackupReport { sequence: head.sequence, head: head.audit, bytes })
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
