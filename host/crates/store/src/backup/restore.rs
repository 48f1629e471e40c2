//! Restores a backup into an empty directory: checks every file, replays the journal, then ends what the backup cannot know
//! to be live still.

use super::{
    Progress,
    copy::{self, Copying},
    manifest::{BackedUp, Manifest},
};
use crate::sled::{RecordsSettings, finish_restore};
use crate::{data_keys, error::StoreError, journal, records::AuditHead};
use std::{
    fs::{self, File},
    path::Path,
};
use yizhan_domain::Timestamp;

const MARKER: &str = "restoring";

/// What a restore brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Number of its newest step.
    pub sequence: u64,
    /// Newest audit entry now: the restore itself is one.
    pub head: AuditHead,
    /// People whose data key was destroyed before the backup was complete, or is missing in it: their data stays sealed.
    pub missing_data_keys: u64,
}

/// Whether a restore into this directory was begun and not finished.
pub(crate) fn is_restoring(directory: &Path) -> bool {
    directory.join(MARKER).exists()
}

/// Restores a backup into a directory that is missing or empty. Blocks.
///
/// Sessions, requests, codes and tokens are ended, and every live grant with its consent: what was ended or revoked after
/// the backup must not come back to life. [`StoreError::Backup`] when a file of the backup is not what its manifest says;
/// [`StoreError::Open`] for another mode or key. A restore that was interrupted leaves a directory that does not open.
pub fn restore(
    from: &Path,
    to: &Path,
    settings: &RecordsSettings,
    now: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<RestoreReport, StoreError> {
    let manifest = Manifest::read(from)?;
    let refuse = |reason: String| StoreError::Backup { path: from.to_owned(), reason };
    if manifest.mode != settings.mode {
        return Err(refuse(format!("it is of a store for {:?}, not for {:?}", manifest.mode, settings.mode)));
    }
    copy::claim(to)?;
    let marker = to.join(MARKER);
    File::create_new(&marker).and_then(|file| file.sync_all()).map_err(copy::file("mark the restore"))?;
    fs::create_dir(journal::folder(to)).map_err(copy::file("create the journal's folder"))?;
    copy::sync_folder(to)?;
    let mut copying = Copying::new(to, manifest.files.iter().map(|file| file.bytes).sum(), progress);
    for file in &manifest.files {
        check_name(file).map_err(refuse)?;
        let path = from.join(&file.path);
        let found = fs::metadata(&path).map_err(|error| refuse(format!("{}: {error}", file.path)))?.len();
        if found != file.bytes {
            return Err(refuse(format!("{} has {found} bytes, not {}", file.path, file.bytes)));
        }
        copying.file(&file.path, &path, file.bytes)?;
    }
    let (copied, _) = copying.finish()?;
    if let Some((file, _)) = manifest.files.iter().zip(&copied).find(|(said, found)| said != found) {
        return Err(refuse(format!("{} is not what was backed up: its SHA-256 is another", file.path)));
    }
    let scan = journal::scan(&journal::folder(to), &mut |_| {})?;
    if let Some(broken) = scan.broken {
        return Err(refuse(broken.to_string()));
    }
    if !manifest.is_of(&scan.head) {
        return Err(refuse("its journal does not end where its manifest says".to_owned()));
    }
    let finished = finish_restore(to, settings, now)?;
    fs::remove_file(&marker).map_err(copy::file("unmark the restore"))?;
    copy::sync_folder(to)?;
    let (made_at, sequence) = (manifest.at, manifest.sequence);
    Ok(RestoreReport { made_at, sequence, head: finished.head, missing_data_keys: finished.missing_data_keys })
}

/// A manifest names files of a backup and nothing else.
fn check_name(file: &BackedUp) -> Result<(), String> {
    let is_segment =
        |name: &str| name.len() == 12 && name.ends_with(".log") && name[..8].bytes().all(|b| b.is_ascii_digit());
    match file.path.strip_prefix("journal/") {
        Some(name) if is_segment(name) => Ok(()),
        None if file.path == data_keys::FILE => Ok(()),
        _ => Err(format!("the manifest names {:?}, which is no file of a backup", file.path)),
    }
}
