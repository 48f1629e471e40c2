//! The one thread that writes: it drains the queue, applies everything in one batch, makes it durable, then answers all.
//! After any failure it takes no more writes, and an fsync is never tried again.

use super::{
    database, probe,
    record::{self, Raw, RawWrite},
    sealed::{Entry, Keyring},
};
use crate::{
    error::StoreError,
    kv::{self, AppSeal, Outcome, Quota, Write},
    tenant::Tenant,
};
use ::sled::{Batch, Db, IVec, Tree};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, HashMap},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};
use tokio::sync::{mpsc, oneshot};

/// Most jobs of one group.
const GROUP_JOBS_MAX: usize = 256;
/// A group with so many bytes of values takes no further job.
const GROUP_BYTES_MAX: usize = 16 << 20;

/// A write that waits.
pub(super) struct Job {
    pub(super) tenant: Tenant,
    pub(super) write: Write,
    pub(super) reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

/// Flushes the data file to the disk; a parameter, so that tests can make it fail.
pub(super) type Sync = Box<dyn Fn() -> io::Result<()> + Send>;

/// What the committer shares with readers.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared {
    /// Held for writing while a batch is applied, so that a read of several records sees all of a batch or nothing.
    pub(super) gate: Arc<RwLock<()>>,
    /// The first failure.
    pub(super) failure: Arc<OnceLock<String>>,
}

/// The committer.
pub(super) struct Committer {
    pub(super) db: Db,
    pub(super) tree: Tree,
    pub(super) sync: Sync,
    pub(super) quota: Quota,
    pub(super) keyring: Arc<Keyring>,
    pub(super) shared: Shared,
    /// Directory of the database, marked when it was closed with nothing under way; none in tests of a failing disk.
    pub(super) directory: Option<PathBuf>,
}

/// Writes of a group that are not in the tree yet.
pub(super) type Pending = HashMap<Vec<u8>, Option<IVec>>;

impl Committer {
    /// Runs until every sender of jobs is gone.
    pub(super) fn run(self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut bytes = first.write.value_bytes();
            let mut group = vec![first];
            while group.len() < GROUP_JOBS_MAX && bytes < GROUP_BYTES_MAX {
                let Ok(job) = jobs.try_recv() else { break };
                bytes += job.write.value_bytes();
                group.push(job);
            }
            if catch_unwind(AssertUnwindSafe(|| self.commit(group))).is_err() {
                self.fail("the database panicked".to_owned());
            }
        }
        if let Some(directory) = self.directory.as_ref().filter(|_| self.shared.failure.get().is_none()) {
            let flushed = self.db.flush().is_ok() && (self.sync)().is_ok();
            let closed = flushed.then(|| probe::mark_clean(directory));
            tracing::debug!(?closed, "store: the data of apps was closed");
        }
    }

    fn commit(&self, group: Vec<Job>) {
        if let Some(reason) = self.shared.failure.get() {
            for job in group {
                let _ = job.reply.send(Err(StoreError::ReadOnly { reason: reason.clone() }));
            }
            return;
        }
        let mut pending = Pending::new();
        let answers: Vec<_> =
            group.into_iter().map(|job| (job.reply, self.plan(&mut pending, &job.tenant, job.write))).collect();
        let durable = if pending.is_empty() { Ok(()) } else { self.make_durable(pending) };
        let failed = durable.err().map(|error| self.fail(reason(&error)));
        for (reply, answer) in answers {
            let answer = match &failed {
                Some(reason) => answer.and(Err(StoreError::ReadOnly { reason: reason.clone() })),
                None => answer,
            };
            let _ = reply.send(answer);
        }
    }

    /// Adds the records of one write to the group; a write that is refused adds none but the key of its app.
    pub(super) fn plan(&self, pending: &mut Pending, tenant: &Tenant, write: Write) -> Result<Outcome, StoreError> {
        let raw = |pending: &Pending, key: &[u8]| match pending.get(key) {
            Some(waiting) => Ok(waiting.clone()),
            None => self.tree.get(key).map_err(database),
        };
        let mut seal = self.keyring.find(&|key| raw(pending, key), tenant.app())?;
        let (changes, outcome) = write.changes(|key| match &seal {
            Some(seal) => Entry::new(seal, tenant, key).find_value(&|key| raw(pending, key)),
            None => Ok(None),
        })?;
        let changes: BTreeMap<_, _> = changes.into_iter().collect();
        if seal.is_none() && changes.values().any(Option::is_some) {
            let (created, record) = self.keyring.create(tenant.app())?;
            pending.extend([record]);
            seal = Some(created);
        }
        // Without a key the app has nothing, so nothing is removed.
        let Some(seal) = seal else { return Ok(outcome) };
        let writes = self.replace(&|key| raw(pending, key), (&seal, tenant), &changes)?;
        pending.extend(writes);
        Ok(outcome)
    }

    /// The records of changes, within the quota.
    fn replace(
        &self,
        raw: Raw,
        (seal, tenant): (&AppSeal, &Tenant),
        changes: &BTreeMap<String, Option<Bytes>>,
    ) -> Result<Vec<RawWrite>, StoreError> {
        let before = record::used(raw, tenant.app())?;
        let mut used = before;
        let mut writes: Vec<RawWrite> = Vec::new();
        for (key, new) in changes {
            let entry = Entry::new(seal, tenant, key);
            let old = entry.find_length(raw)?;
            let held = |length: Option<usize>| length.map_or(0, |length| key.len() + length);
            used = kv::charge(used, held(old), held(new.as_ref().map(|value| value.len())));
            if old.is_some() || new.is_some() {
                writes.extend(entry.replace(old, new.as_deref())?);
            }
        }
        self.quota.check(before, used)?;
        if used != before {
            writes.push(record::set_used(tenant.app(), used));
        }
        Ok(writes)
    }

    pub(super) fn make_durable(&self, pending: Pending) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (key, value) in pending {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        {
            let _applying = self.shared.gate.write().unwrap_or_else(PoisonError::into_inner);
            self.tree.apply_batch(batch).map_err(database)?;
        }
        self.db.flush().map_err(database)?;
        (self.sync)().map_err(|source| StoreError::File { what: "flush the data file to the disk", source })
    }

    /// Turns the store read-only and returns the reason of the first failure.
    fn fail(&self, reason: String) -> String {
        tracing::error!(reason, "store: a write failed; no more writes are taken");
        self.shared.failure.get_or_init(|| reason).clone()
    }
}

/// An error with its sources, in one line.
pub(super) fn reason(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
