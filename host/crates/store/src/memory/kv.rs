//! Key-value data of apps in memory; lost with the process.

use crate::{
    error::StoreError,
    kv::{self, KeyPage, KvFuture, KvStore, Outcome, Quota, Swap, Write},
    tenant::Tenant,
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};
use yizhan_domain::AppId;

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    quota: Quota,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    values: BTreeMap<Vec<u8>, Bytes>,
    used: HashMap<AppId, u64>,
}

impl MemoryStore {
    /// An empty store with a quota per app.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self { quota, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, tenant: &Tenant, keys: &[&str]) -> Result<Vec<Option<Bytes>>, StoreError> {
        kv::check_batch(keys.len())?;
        keys.iter().try_for_each(|key| kv::check_key(key))?;
        let state = self.state();
        Ok(keys.iter().map(|key| state.values.get(&full_key(tenant, key)).cloned()).collect())
    }

    fn write(&self, tenant: &Tenant, write: Write) -> Result<Outcome, StoreError> {
        write.check()?;
        let mut state = self.state();
        let (changes, outcome) = write.changes(|key| Ok(state.values.get(&full_key(tenant, key)).cloned()))?;
        let changes: BTreeMap<String, Option<Bytes>> = changes.into_iter().collect();
        let before = state.used.get(tenant.app()).copied().unwrap_or(0);
        let mut used = before;
        for (key, value) in &changes {
            let old = state.values.get(&full_key(tenant, key)).map_or(0, |old| key.len() + old.len());
            used = kv::charge(used, old, value.as_ref().map_or(0, |new| key.len() + new.len()));
        }
        self.quota.check(before, used)?;
        for (key, value) in changes {
            let key = full_key(tenant, &key);
            match value {
                Some(value) => state.values.insert(key, value),
                None => state.values.remove(&key),
            };
        }
        state.used.insert(tenant.app().clone(), used);
        Ok(outcome)
    }

    fn page(&self, tenant: &Tenant, cursor: Option<&str>, limit: usize) -> Result<KeyPage, StoreError> {
        kv::check_page(cursor, limit)?;
        let prefix = tenant.prefix();
        let from = full_key(tenant, cursor.unwrap_or_default());
        let state = self.state();
        let mut keys: Vec<String> = state
            .values
            .range((Bound::Excluded(from), Bound::Unbounded))
            .map_while(|(key, _)| key.strip_prefix(prefix.as_slice()))
            .map(|key| String::from_utf8_lossy(key).into_owned())
            .take(limit + 1)
            .collect();
        let more = keys.len() > limit;
        keys.truncate(limit);
        Ok(KeyPage { next: keys.last().filter(|_| more).cloned(), keys })
    }
}

fn full_key(tenant: &Tenant, key: &str) -> Vec<u8> {
    let mut bytes = tenant.prefix();
    bytes.extend_from_slice(key.as_bytes());
    bytes
}

fn ready<'a, T: Send + 'a>(result: Result<T, StoreError>) -> KvFuture<'a, T> {
    Box::pin(std::future::ready(result))
}

impl KvStore for MemoryStore {
    fn get<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, Option<Bytes>> {
        ready(self.read(tenant, &[key]).map(|values| values.into_iter().next().flatten()))
    }

    fn set<'a>(&'a self, tenant: &'a Tenant, key: &'a str, value: Bytes) -> KvFuture<'a, ()> {
        ready(self.write(tenant, Write::Set(vec![(key.to_owned(), value)])).map(drop))
    }

    fn delete<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, ()> {
        ready(self.write(tenant, Write::Delete(vec![key.to_owned()])).map(drop))
    }

    fn exists<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, bool> {
        ready(self.read(tenant, &[key]).map(|values| values.iter().any(Option::is_some)))
    }

    fn list_keys<'a>(&'a self, tenant: &'a Tenant, cursor: Option<&'a str>, limit: usize) -> KvFuture<'a, KeyPage> {
        ready(self.page(tenant, cursor, limit))
    }

    fn increment<'a>(&'a self, tenant: &'a Tenant, key: &'a str, delta: i64) -> KvFuture<'a, i64> {
        ready(self.write(tenant, Write::Increment(key.to_owned(), delta)).map(|outcome| outcome.number))
    }

    fn compare_and_swap<'a>(
        &'a self,
        tenant: &'a Tenant,
        key: &'a str,
        expected: Option<Bytes>,
        new: Bytes,
    ) -> KvFuture<'a, Swap> {
        ready(self.write(tenant, Write::Swap { key: key.to_owned(), expected, new }).map(|outcome| outcome.swap))
    }

    fn get_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, Vec<Option<Bytes>>> {
        ready(self.read(tenant, &keys.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    fn set_many<'a>(&'a self, tenant: &'a Tenant, pairs: Vec<(String, Bytes)>) -> KvFuture<'a, ()> {
        ready(self.write(tenant, Write::Set(pairs)).map(drop))
    }

    fn delete_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, ()> {
        ready(self.write(tenant, Write::Delete(keys.to_vec())).map(drop))
    }

    fn used_bytes<'a>(&'a self, app: &'a AppId) -> KvFuture<'a, u64> {
        ready(Ok(self.state().used.get(app).copied().unwrap_or(0)))
    }
}
