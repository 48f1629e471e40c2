//! The one thread that writes records. It runs the steps that wait, one after the other, then makes what they wrote durable
//! together: data keys, journal and its fsync, then the database, then every answer. After any failure it takes no more
//! writes, and an fsync is never tried again.

use super::{
    apply::Target,
    committer::reason,
    probe,
    step::{Outcome, Overlay, SledStep},
};
use crate::{
    data_keys::{DataKeys, KeyName, NewKey},
    engine::{Step, Table},
    error::StoreError,
    journal::{Change, GROUP_STEPS_MAX, Writer},
    records::AuditHead,
};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};

/// A group that writes so many bytes takes no further step.
const GROUP_BYTES_MAX: usize = 4 << 20;

/// A step that waits, and who waits for its answer.
pub(super) trait Job: Send {
    /// Runs it; whether what it wrote counts.
    fn run(&mut self, step: &mut dyn Step) -> bool;

    /// Gives the answer; `failed` in place of a good one.
    fn answer(self: Box<Self>, failed: Option<StoreError>);
}

/// A step that answers `T`.
pub(super) struct Work<T, F> {
    pub(super) step: Option<F>,
    pub(super) result: Option<Result<T, StoreError>>,
    pub(super) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send> Job for Work<T, F> {
    fn run(&mut self, step: &mut dyn Step) -> bool {
        let Some(work) = self.step.take() else { return false };
        let panicked = |_| Err(StoreError::Damaged { what: "the step, or the database under it, panicked".to_owned() });
        let result = catch_unwind(AssertUnwindSafe(|| work(step))).unwrap_or_else(panicked);
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, failed: Option<StoreError>) {
        let result = match (self.result, failed) {
            (Some(Err(error)), _) | (_, Some(error)) => Err(error),
            (Some(Ok(answer)), None) => Ok(answer),
            (None, None) => Err(StoreError::Closed),
        };
        let _ = self.reply.send(result);
    }
}

/// What the thread shares with callers.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) gate: Arc<RwLock<()>>,
    /// The first failure.
    pub(super) failure: Arc<OnceLock<String>>,
    /// Newest link of the audit chain that is durable and visible.
    pub(super) head: Arc<RwLock<AuditHead>>,
    /// Something unreadable was met: the next start reads everything.
    pub(super) is_suspect: Arc<AtomicBool>,
    /// Counts the groups that may have changed whether an authorization stands.
    pub(super) standing_revision: Arc<AtomicU64>,
}

impl Shared {
    /// Notes an error that may mean damage.
    pub(super) fn note<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if matches!(result, Err(StoreError::Damaged { .. } | StoreError::Database { .. })) {
            self.is_suspect.store(true, Ordering::SeqCst);
        }
        result
    }
}

/// The thread's state.
pub(super) struct Recorder {
    pub(super) target: Target,
    pub(super) journal: Writer,
    pub(super) data_keys: Arc<DataKeys>,
    pub(super) shared: Shared,
    /// Directory of the database.
    pub(super) directory: PathBuf,
}

/// What the steps of a group have written.
#[derive(Default)]
pub(super) struct Group<'a> {
    overlay: Overlay,
    changes: Vec<Change>,
    new_keys: Vec<NewKey>,
    ended: Vec<(KeyName, u64)>,
    /// Whether people have a key, where this group changed it.
    present: HashMap<KeyName, bool>,
    bytes: usize,
    answers: Vec<(Box<dyn Job + 'a>, Option<StoreError>)>,
}

impl Recorder {
    /// Runs until every sender of jobs is gone; then marks the database as closed with nothing under way.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = jobs.blocking_recv() {
            if catch_unwind(AssertUnwindSafe(|| self.commit(first, &mut jobs))).is_err() {
                self.fail("the database panicked".to_owned());
            }
        }
        if self.shared.failure.get().is_none() && !self.shared.is_suspect.load(Ordering::SeqCst) {
            let closed = self.target.flush().map(|()| probe::mark_clean(&self.directory));
            tracing::debug!(?closed, "store: closed");
        }
    }

    fn commit(&mut self, first: Box<dyn Job>, jobs: &mut mpsc::Receiver<Box<dyn Job>>) {
        if let Some(reason) = self.shared.failure.get() {
            return first.answer(Some(StoreError::ReadOnly { reason: reason.clone() }));
        }
        let mut group = Group::default();
        self.plan(&mut group, first);
        while group.answers.len() < GROUP_STEPS_MAX && group.bytes < GROUP_BYTES_MAX {
            let Ok(job) = jobs.try_recv() else { break };
            self.plan(&mut group, job);
        }
        self.finish(group);
    }

    /// Makes a group durable and gives every answer.
    pub(super) fn finish(&mut self, group: Group<'_>) {
        let durable = if group.changes.is_empty() { Ok(()) } else { self.make_durable(&group) };
        let failed = durable.err().map(|error| self.fail(reason(&error)));
        for (job, refused) in group.answers {
            let failed = failed.clone().map(|reason| StoreError::ReadOnly { reason });
            job.answer(refused.or(failed));
        }
    }

    /// Runs one step; one that is refused, or panics, leaves nothing.
    pub(super) fn plan<'a>(&self, group: &mut Group<'a>, mut job: Box<dyn Job + 'a>) {
        let entries = group.changes.last().map_or(self.journal.head().audit.sequence, |change| change.entries);
        let mut step = SledStep::on(&self.target.tree, &mut group.overlay);
        let refused = match job.run(&mut step) {
            true => step.finish(entries).map(|outcome| self.keep(group, outcome)).err(),
            false => {
                step.undo();
                None
            }
        };
        group.answers.push((job, refused));
    }

    fn keep(&self, group: &mut Group<'_>, outcome: Outcome) {
        let Outcome { mut change, data_keys } = outcome;
        if change.writes.is_empty() && change.ended.is_empty() {
            return;
        }
        let head = self.journal.head();
        let sequence = head.sequence + group.changes.len() as u64 + 1;
        change.data_keys = group.changes.last().map_or(head.data_keys, |before| before.data_keys);
        for (name, key) in data_keys {
            let was = group.present.insert(name, key.is_some()).unwrap_or_else(|| self.data_keys.contains(name));
            change.data_keys = change.data_keys.saturating_sub(u64::from(was)) + u64::from(key.is_some());
            group.ended.push((name, sequence));
            group.new_keys.extend(key.map(|key| NewKey { name, sequence, key }));
        }
        group.bytes += change.bytes();
        group.changes.push(change);
    }

    fn make_durable(&mut self, group: &Group<'_>) -> Result<(), StoreError> {
        let slots = self.data_keys.write(&group.new_keys)?;
        self.journal.append(&group.changes)?;
        self.data_keys.show(&group.new_keys, &slots);
        self.data_keys.destroy(&group.ended)?;
        let applied = self.target.apply(&group.overlay, self.journal.head().position());
        if group.overlay.keys().any(|row| row.first().is_some_and(|table| Table::bears_standing(*table))) {
            self.shared.standing_revision.fetch_add(1, Ordering::SeqCst);
        }
        applied?;
        *self.shared.head.write().unwrap_or_else(PoisonError::into_inner) = self.journal.head().audit.clone();
        self.target.flush()
    }

    /// Turns the store read-only and returns the reason of the first failure.
    fn fail(&self, reason: String) -> String {
        tracing::error!(reason, "store: a write failed; no more writes are taken");
        self.shared.failure.get_or_init(|| reason).clone()
    }
}
