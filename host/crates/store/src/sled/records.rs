//! The records of hub and runtime on disk: steps go to the committer, reads run on blocking threads. Opened by the host.
//!
//! A directory of records holds `journal/` (every step; the truth), `records/` (the database, built from it), `data-keys`,
//! `set-aside/` (what was damaged) and `lock`.

#[cfg(test)]
mod tests;

use super::{
    group::{Job, Shared, Work},
    prepare::Parts,
    probe::Probe,
    step::Rows,
};
use crate::{
    data_keys::{DataKeys, KeyName},
    disk::{Disk, SystemDisk},
    engine::{Engine, Step, Tables},
    error::StoreError,
    journal::JournalKey,
    records::{AuditHead, StoreFuture, StoreMode},
    steps::Records,
};
use ::sled::Tree;
use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Steps that may wait for the committer; further ones wait for a place.
const QUEUED_STEPS_MAX: usize = 1_024;

/// The records of hub and runtime on disk.
pub type SledRecords = Records<SledEngine>;

/// How records are opened.
#[derive(Clone)]
pub struct RecordsSettings {
    /// What the store is for. Written when it is created; another one later is [`StoreError::Open`].
    pub mode: StoreMode,
    /// The key that the journal is sealed with.
    pub journal_key: JournalKey,
    /// Bytes of pages kept in memory; 64 MiB unless set.
    pub cache_bytes_max: u64,
    /// Longest time that opening the database may take, and that looking at it may give no sign of life; 60 s unless set. A
    /// database that is silent longer counts as damaged and is built anew.
    pub open_time_max: Duration,
    /// Looks at the database before it is opened, by a child process that runs [`probe_records`](crate::probe_records). None
    /// looks in a thread, which stays behind if it hangs.
    pub probe: Option<Probe>,
}

impl RecordsSettings {
    /// The usual settings.
    #[must_use]
    pub fn new(mode: StoreMode, journal_key: JournalKey) -> Self {
        let (cache_bytes_max, open_time_max) = (64 << 20, Duration::from_secs(60));
        Self { mode, journal_key, cache_bytes_max, open_time_max, probe: None }
    }
}

impl std::fmt::Debug for RecordsSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordsSettings").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// Tables in the embedded database behind a journal. Dropping it waits for the steps that are under way.
pub struct SledEngine {
    mode: StoreMode,
    root: PathBuf,
    tree: Tree,
    data_keys: Arc<DataKeys>,
    shared: Shared,
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    committer: Option<JoinHandle<()>>,
    _lock: File,
}

impl std::fmt::Debug for SledEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledEngine").field("mode", &self.mode).field("root", &self.root).finish_non_exhaustive()
    }
}

impl SledRecords {
    /// Opens or creates the records in a directory that one process at a time may have open. Blocks.
    ///
    /// The whole journal is read and its chain recomputed; damage in it is [`StoreError::Open`] with segment, offset and
    /// frame. A damaged database is set aside and built anew from the journal. Nothing is ever deleted.
    pub fn open(directory: &Path, settings: &RecordsSettings) -> Result<Self, StoreError> {
        SledEngine::open(directory, settings, Arc::new(SystemDisk)).map(Self::on)
    }
}

impl SledEngine {
    pub(crate) fn open(root: &Path, settings: &RecordsSettings, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let refuse = |reason: String| StoreError::Open { path: root.to_owned(), reason };
        if crate::backup::is_restoring(root) {
            return Err(refuse("a restore into it was not finished; restore again into an empty directory".to_owned()));
        }
        let parts = Parts::prepare(root, settings, disk)?;
        parts.check_data_keys().map_err(refuse)?;
        Self::start(root, parts)
    }

    fn start(root: &Path, parts: Parts) -> Result<Self, StoreError> {
        let mode = parts.mode;
        let (recorder, lock) = parts.into_recorder(root);
        let (tree, data_keys) = (recorder.target.tree.clone(), recorder.data_keys.clone());
        let shared = recorder.shared.clone();
        let (jobs, queue) = mpsc::channel(QUEUED_STEPS_MAX);
        let committer = thread::Builder::new()
            .name("records-commit".to_owned())
            .spawn(move || recorder.run(queue))
            .map_err(|source| StoreError::File { what: "start the records' committer thread", source })?;
        let (root, jobs, committer) = (root.to_owned(), Some(jobs), Some(committer));
        Ok(Self { mode, root, tree, data_keys, shared, jobs, committer, _lock: lock })
    }

    /// Why an answer never came.
    fn lost(&self) -> StoreError {
        match self.read_only() {
            Some(reason) => StoreError::ReadOnly { reason },
            None => StoreError::Closed,
        }
    }

    /// Runs on a blocking thread; a panic of the database is damage.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = match tokio::task::spawn_blocking(work).await {
            Ok(answer) => answer,
            Err(ended) if ended.is_panic() => Err(panicked()),
            Err(_) => Err(StoreError::Closed),
        };
        self.shared.note(answer)
    }
}

impl Engine for SledEngine {
    fn commit<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
            let job = Work { step: Some(step), result: None, reply };
            jobs.send(Box::new(job)).await.map_err(|_| self.lost())?;
            let answer = answer.await.unwrap_or_else(|_| Err(self.lost()));
            self.shared.note(answer)
        })
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Tables) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (tree, gate) = (self.tree.clone(), self.shared.gate.clone());
        Box::pin(async move {
            // Pages are in memory nearly always: to wake a thread costs ten times the read. Only while a group is on its way
            // to the disk does a thread wait for it, never the caller's.
            if let Ok(_still) = gate.try_read() {
                return self.shared.note(unpanicked(|| read(&Rows(&tree))));
            }
            let waits = move || {
                let _still = gate.read().unwrap_or_else(PoisonError::into_inner);
                read(&Rows(&tree))
            };
            self.blocking(waits).await
        })
    }

    fn find_data_key<'a>(&'a self, person: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        let (data_keys, name) = (self.data_keys.clone(), KeyName::of(person));
        Box::pin(self.blocking(move || data_keys.find(name)))
    }

    fn head(&self) -> AuditHead {
        self.shared.head.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn standing_revision(&self) -> u64 {
        self.shared.standing_revision.load(Ordering::SeqCst)
    }

    fn read_only(&self) -> Option<String> {
        self.shared.failure.get().cloned()
    }

    fn mode(&self) -> StoreMode {
        self.mode
    }
}

/// What a read answers; a panic of the database is damage.
fn unpanicked<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(panicked()))
}

fn panicked() -> StoreError {
    StoreError::Damaged { what: "the database panicked while reading".to_owned() }
}

impl Drop for SledEngine {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(committer) = self.committer.take() {
            let _ = committer.join();
        }
    }
}
