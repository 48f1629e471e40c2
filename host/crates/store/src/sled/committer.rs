//! The one thread that writes: it drains the queue, applies everything in one batch, makes it durable, then answers all.
//! After any failure it takes no more writes, and an fsync is never tried again.

use super::{
    database,
    record::{self, Place, RawWrite},
};
use crate::{
    error::StoreError,
    kv::{self, Outcome, Quota, Write},
    tenant::Tenant,
};
use ::sled::{Batch, Db, IVec, Tree};
use std::{
    collections::{BTreeMap, HashMap},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
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
    pub(super) shared: Shared,
}

/// Writes of a group that are not in the tree yet.
type Pending = HashMap<Vec<u8>, Option<IVec>>;

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

    /// Adds the records of one write to the group; a write that is refused adds none.
    fn plan(&self, pending: &mut Pending, tenant: &Tenant, write: Write) -> Result<Outcome, StoreError> {
        let (writes, outcome) = {
            let raw = |key: &[u8]| match pending.get(key) {
                Some(waiting) => Ok(waiting.clone()),
                None => self.tree.get(key).map_err(database),
            };
            let (changes, outcome) = write.changes(|key| record::find_value(&raw, &Place::of_tenant(tenant, key)))?;
            let changes: BTreeMap<_, _> = changes.into_iter().collect();
            let before = record::used(&raw, tenant.app())?;
            let mut used = before;
            let mut writes: Vec<RawWrite> = Vec::new();
            for (key, new) in &changes {
                let place = Place::of_tenant(tenant, key);
                let old = record::find_length(&raw, &place)?;
                let held = |length: Option<usize>| length.map_or(0, |length| key.len() + length);
                used = kv::charge(used, held(old), held(new.as_ref().map(|value| value.len())));
                if old.is_some() || new.is_some() {
                    writes.extend(record::replace(&place, old, new.as_deref()));
                }
            }
            self.quota.check(before, used)?;
            if used != before {
                writes.push(record::set_used(tenant.app(), used));
            }
            (writes, outcome)
        };
        pending.extend(writes);
        Ok(outcome)
    }

    fn make_durable(&self, pending: Pending) -> Result<(), StoreError> {
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
