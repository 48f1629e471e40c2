//! Key-value data of apps in the embedded database, sealed. Reads run on blocking threads; writes go through the committer.

use super::{
    committer::{Committer, Job, Shared, Sync},
    database, open,
    probe::{self, Probe},
    record,
    sealed::{self, Entry, Keyring},
    upgrade,
};
use crate::{
    error::StoreError,
    kv::{self, KeyPage, KvFuture, KvKey, KvStore, Outcome, Quota, Swap, Write},
    tenant::Tenant,
};
use ::sled::{IVec, Tree};
use bytes::Bytes;
use std::{
    fs::File,
    ops::Bound,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLockReadGuard},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use yizhan_domain::AppId;

/// Writes that may wait for the committer; further ones wait for a place.
const QUEUED_JOBS_MAX: usize = 1_024;

/// The tree of the data of apps; an earlier version kept it unsealed in [`PLAIN_TREE`].
pub(super) const TREE: &str = "sealed";
/// The tree of unsealed data.
pub(super) const PLAIN_TREE: &str = "kv";

/// Settings of the embedded store.
#[derive(Clone)]
pub struct SledSettings {
    /// The key that wraps the keys of apps.
    pub key: KvKey,
    /// How much an app may hold.
    pub quota: Quota,
    /// Bytes of pages kept in memory; 64 MiB unless set.
    pub cache_bytes_max: u64,
    /// Longest time that opening may take, and that looking at it may give no sign of life; 60 s unless set.
    pub open_time_max: Duration,
    /// Looks at the database before it is opened, by a child process that can be ended. None opens it in a thread, which
    /// stays behind if it hangs.
    pub probe: Option<Probe>,
}

impl SledSettings {
    /// The usual settings.
    #[must_use]
    pub fn new(key: KvKey) -> Self {
        let (cache_bytes_max, open_time_max) = (64 << 20, Duration::from_secs(60));
        Self { key, quota: Quota::default(), cache_bytes_max, open_time_max, probe: None }
    }
}

impl std::fmt::Debug for SledSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledSettings").field("quota", &self.quota).finish_non_exhaustive()
    }
}

/// The embedded store. Dropping it waits for the writes that are under way.
#[derive(Debug)]
pub struct SledStore {
    reader: Reader,
    jobs: Option<mpsc::Sender<Job>>,
    committer: Option<JoinHandle<()>>,
}

#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) tree: Tree,
    keyring: Arc<Keyring>,
    shared: Shared,
}

impl SledStore {
    /// Opens or creates the store in a directory that one process at a time may have open. Blocks.
    ///
    /// Data that an earlier version left unsealed is sealed first, into a new database that takes the place of the old one.
    /// [`StoreError::Open`] for another key than the one that it was written with.
    pub fn open(path: &Path, settings: &SledSettings) -> Result<Self, StoreError> {
        upgrade::finish(path)?;
        let mut db = open::open(path, settings)?;
        if upgrade::is_plain(&db)? {
            upgrade::seal_into_new(path, db, settings)?;
            db = open::open(path, settings)?;
        }
        let refuse = |reason: String| StoreError::Open { path: path.to_owned(), reason };
        probe::mark_in_use(path).map_err(|error| refuse(error.to_string()))?;
        let data = File::open(path.join("db"))
            .map_err(|source| StoreError::File { what: "open the data file of the store", source })?;
        let committer = Self::committer(db, settings, Box::new(move || data.sync_data()))?;
        Self::start(Committer { directory: Some(path.to_owned()), ..committer })
    }

    /// What writes; a new store gets the record that shows its key.
    pub(super) fn committer(db: ::sled::Db, settings: &SledSettings, sync: Sync) -> Result<Committer, StoreError> {
        let tree = db.open_tree(TREE).map_err(database)?;
        let keyring = Arc::new(Keyring::new(settings.key.clone()));
        let is_of = keyring.is_of(&|key| tree.get(key).map_err(database))?;
        let committer =
            Committer { db, tree, sync, quota: settings.quota, keyring, shared: Shared::default(), directory: None };
        match is_of {
            Some(true) => {}
            None if committer.tree.is_empty() => {
                committer.make_durable([committer.keyring.check_record()].into_iter().collect())?;
            }
            Some(false) | None => {
                let reason = "the data of apps was sealed with another key than the one given".to_owned();
                return Err(StoreError::Open { path: PathBuf::from(TREE), reason });
            }
        }
        Ok(committer)
    }

    pub(super) fn start(committer: Committer) -> Result<Self, StoreError> {
        let (tree, keyring, shared) =
            (committer.tree.clone(), Arc::clone(&committer.keyring), committer.shared.clone());
        let (jobs, queue) = mpsc::channel(QUEUED_JOBS_MAX);
        let committer = thread::Builder::new()
            .name("store-commit".to_owned())
            .spawn(move || committer.run(queue))
            .map_err(|source| StoreError::File { what: "start the store's committer thread", source })?;
        Ok(Self { reader: Reader { tree, keyring, shared }, jobs: Some(jobs), committer: Some(committer) })
    }

    /// What reads.
    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    async fn write(&self, tenant: &Tenant, write: Write) -> Result<Outcome, StoreError> {
        write.check()?;
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        let job = Job { tenant: tenant.clone(), write, reply };
        jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| Err(self.reader.lost()))
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = self.reader.clone();
        match tokio::task::spawn_blocking(move || read(&reader)).await {
            Ok(answer) => answer,
            Err(ended) if ended.is_panic() => {
                Err(StoreError::Damaged { what: "the database panicked while reading".to_owned() })
            }
            Err(_) => Err(StoreError::Closed),
        }
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(committer) = self.committer.take() {
            let _ = committer.join();
        }
    }
}

impl Reader {
    fn raw(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        self.tree.get(key).map_err(database)
    }

    /// While it is held no batch is applied.
    pub(super) fn between_batches(&self) -> RwLockReadGuard<'_, ()> {
        self.shared.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why an answer never came.
    fn lost(&self) -> StoreError {
        match self.shared.failure.get() {
            Some(reason) => StoreError::ReadOnly { reason: reason.clone() },
            None => StoreError::Closed,
        }
    }

    fn values(&self, tenant: &Tenant, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        let _still = self.between_batches();
        let Some(seal) = self.keyring.find(&|key| self.raw(key), tenant.app())? else {
            return Ok(vec![None; keys.len()]);
        };
        keys.iter().map(|key| Entry::new(&seal, tenant, key).find_value(&|key| self.raw(key))).collect()
    }

    fn contains(&self, tenant: &Tenant, key: &str) -> Result<bool, StoreError> {
        let _still = self.between_batches();
        let Some(seal) = self.keyring.find(&|key| self.raw(key), tenant.app())? else { return Ok(false) };
        Entry::new(&seal, tenant, key).find_length(&|key| self.raw(key)).map(|length| length.is_some())
    }

    /// Keys in the order of the hashes that they lie under; that of a cursor is known even when the key is gone.
    fn page(&self, tenant: &Tenant, cursor: Option<&str>, limit: usize) -> Result<KeyPage, StoreError> {
        let _still = self.between_batches();
        let none = KeyPage { keys: Vec::new(), next: None };
        let Some(seal) = self.keyring.find(&|key| self.raw(key), tenant.app())? else { return Ok(none) };
        let prefix = sealed::bucket_prefix(&seal, tenant);
        let begin = record::head_prefix(&prefix);
        let mut from = begin.clone();
        from.extend(cursor.iter().flat_map(|cursor| Entry::new(&seal, tenant, cursor).name()));
        let KeyPage { mut keys, mut next } = none;
        for pair in self.tree.range::<Vec<u8>, _>((Bound::Excluded(from), Bound::Unbounded)) {
            let (key, head) = pair.map_err(database)?;
            let Some(name) = key.strip_prefix(begin.as_slice()) else { break };
            if keys.len() == limit {
                next = keys.last().cloned();
                break;
            }
            keys.push(sealed::open_key(&|key| self.raw(key), &seal, (&prefix, name), &head)?);
        }
        Ok(KeyPage { keys, next })
    }
}

impl KvStore for SledStore {
    fn get<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            kv::check_key(key)?;
            let (tenant, keys) = (tenant.clone(), [key.to_owned()]);
            let values = self.read(move |reader| reader.values(&tenant, &keys)).await?;
            Ok(values.into_iter().next().flatten())
        })
    }

    fn set<'a>(&'a self, tenant: &'a Tenant, key: &'a str, value: Bytes) -> KvFuture<'a, ()> {
        self.set_many(tenant, vec![(key.to_owned(), value)])
    }

    fn delete<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, ()> {
        Box::pin(async move { self.write(tenant, Write::Delete(vec![key.to_owned()])).await.map(drop) })
    }

    fn exists<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, bool> {
        Box::pin(async move {
            kv::check_key(key)?;
            let (tenant, key) = (tenant.clone(), key.to_owned());
            self.read(move |reader| reader.contains(&tenant, &key)).await
        })
    }

    fn list_keys<'a>(&'a self, tenant: &'a Tenant, cursor: Option<&'a str>, limit: usize) -> KvFuture<'a, KeyPage> {
        Box::pin(async move {
            kv::check_page(cursor, limit)?;
            let (tenant, cursor) = (tenant.clone(), cursor.map(str::to_owned));
            self.read(move |reader| reader.page(&tenant, cursor.as_deref(), limit)).await
        })
    }

    fn increment<'a>(&'a self, tenant: &'a Tenant, key: &'a str, delta: i64) -> KvFuture<'a, i64> {
        Box::pin(async move {
            let outcome = self.write(tenant, Write::Increment(key.to_owned(), delta)).await?;
            Ok(outcome.number)
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        tenant: &'a Tenant,
        key: &'a str,
        expected: Option<Bytes>,
        new: Bytes,
    ) -> KvFuture<'a, Swap> {
        Box::pin(async move {
            let outcome = self.write(tenant, Write::Swap { key: key.to_owned(), expected, new }).await?;
            Ok(outcome.swap)
        })
    }

    fn get_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, Vec<Option<Bytes>>> {
        Box::pin(async move {
            kv::check_batch(keys.len())?;
            keys.iter().try_for_each(|key| kv::check_key(key))?;
            let (tenant, keys) = (tenant.clone(), keys.to_vec());
            self.read(move |reader| reader.values(&tenant, &keys)).await
        })
    }

    fn set_many<'a>(&'a self, tenant: &'a Tenant, pairs: Vec<(String, Bytes)>) -> KvFuture<'a, ()> {
        Box::pin(async move { self.write(tenant, Write::Set(pairs)).await.map(drop) })
    }

    fn delete_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, ()> {
        Box::pin(async move { self.write(tenant, Write::Delete(keys.to_vec())).await.map(drop) })
    }

    fn used_bytes<'a>(&'a self, app: &'a AppId) -> KvFuture<'a, u64> {
        Box::pin(async move {
            let app = app.clone();
            self.read(move |reader| record::used(&|key| reader.raw(key), &app)).await
        })
    }
}
