//! Key-value data of apps in the embedded database. Reads run on blocking threads; writes go through the committer.

use super::{
    committer::{Committer, Job, Shared, Sync},
    database, open,
    record::{self, Place},
};
use crate::{
    error::StoreError,
    kv::{self, KeyPage, KvFuture, KvStore, Outcome, Quota, Swap, Write},
    tenant::Tenant,
};
use ::sled::{IVec, Tree};
use bytes::Bytes;
use std::{
    fs::File,
    ops::Bound,
    path::Path,
    sync::{PoisonError, RwLockReadGuard},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use yizhan_domain::AppId;

/// Writes that may wait for the committer; further ones wait for a place.
const QUEUED_JOBS_MAX: usize = 1_024;

/// Settings of the embedded store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SledSettings {
    /// How much an app may hold.
    pub quota: Quota,
    /// Bytes of pages kept in memory; 64 MiB unless set.
    pub cache_bytes_max: u64,
    /// Longest time that opening may take; 60 s unless set.
    pub open_time_max: Duration,
}

impl Default for SledSettings {
    fn default() -> Self {
        Self { quota: Quota::default(), cache_bytes_max: 64 << 20, open_time_max: Duration::from_secs(60) }
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
struct Reader {
    tree: Tree,
    shared: Shared,
}

impl SledStore {
    /// Opens or creates the store in a directory that one process at a time may have open. Blocks.
    pub fn open(path: &Path, settings: &SledSettings) -> Result<Self, StoreError> {
        let db = open::open(path, settings)?;
        let data = File::open(path.join("db"))
            .map_err(|source| StoreError::File { what: "open the data file of the store", source })?;
        Self::start(db, settings.quota, Box::new(move || data.sync_data()))
    }

    pub(super) fn start(db: ::sled::Db, quota: Quota, sync: Sync) -> Result<Self, StoreError> {
        let tree = db.open_tree("kv").map_err(database)?;
        let shared = Shared::default();
        let (jobs, queue) = mpsc::channel(QUEUED_JOBS_MAX);
        let committer = Committer { db, tree: tree.clone(), sync, quota, shared: shared.clone() };
        let committer = thread::Builder::new()
            .name("store-commit".to_owned())
            .spawn(move || committer.run(queue))
            .map_err(|source| StoreError::File { what: "start the store's committer thread", source })?;
        Ok(Self { reader: Reader { tree, shared }, jobs: Some(jobs), committer: Some(committer) })
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
    fn between_batches(&self) -> RwLockReadGuard<'_, ()> {
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
        keys.iter().map(|key| record::find_value(&|key| self.raw(key), &Place::of_tenant(tenant, key))).collect()
    }

    fn page(&self, tenant: &Tenant, cursor: Option<String>, limit: usize) -> Result<KeyPage, StoreError> {
        let prefix = record::head_prefix(&tenant.prefix());
        let mut from = prefix.clone();
        from.extend_from_slice(cursor.unwrap_or_default().as_bytes());
        let _still = self.between_batches();
        let mut keys = Vec::new();
        let mut next = None;
        for key in self.tree.range::<Vec<u8>, _>((Bound::Excluded(from), Bound::Unbounded)).keys() {
            let key = key.map_err(database)?;
            let Some(key) = key.strip_prefix(prefix.as_slice()) else { break };
            if keys.len() == limit {
                next = keys.last().cloned();
                break;
            }
            let text = std::str::from_utf8(key)
                .map_err(|_| StoreError::Damaged { what: format!("key {} is not UTF-8", key.escape_ascii()) })?;
            keys.push(text.to_owned());
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
            let find = move |reader: &Reader| {
                record::find_length(&|key| reader.raw(key), &Place::of_tenant(&tenant, &key))
                    .map(|length| length.is_some())
            };
            self.read(find).await
        })
    }

    fn list_keys<'a>(&'a self, tenant: &'a Tenant, cursor: Option<&'a str>, limit: usize) -> KvFuture<'a, KeyPage> {
        Box::pin(async move {
            kv::check_page(cursor, limit)?;
            let (tenant, cursor) = (tenant.clone(), cursor.map(str::to_owned));
            self.read(move |reader| reader.page(&tenant, cursor, limit)).await
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
