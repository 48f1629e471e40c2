//! Key-value data of apps: the trait that `wasi:keyvalue` stands on, and its bounds. `memory` and `sled` implement it.

mod change;
mod seal;

pub use seal::KvKey;
pub(crate) use seal::{AppSeal, Datum, SEAL_BYTES};

pub(crate) use change::{Outcome, Write, charge, check_batch, check_key, check_page};

use crate::{error::StoreError, tenant::Tenant};
use bytes::Bytes;
use std::{future::Future, pin::Pin};
use yizhan_domain::AppId;

/// Longest key in bytes.
pub const KEY_BYTES_MAX: usize = 1_024;
/// Largest value in bytes.
pub const VALUE_BYTES_MAX: usize = 1 << 20;
/// Most keys of one batch.
pub const BATCH_KEYS_MAX: usize = 1_000;
/// Most bytes of values of one batch.
pub const BATCH_BYTES_MAX: usize = 8 << 20;
/// Most keys of one page.
pub const PAGE_KEYS_MAX: usize = 1_000;

/// What the methods of [`KvStore`] return.
pub type KvFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// How much an app may hold in all its buckets: bytes of keys and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Bytes per app.
    pub app_bytes_max: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self { app_bytes_max: 64 << 20 }
    }
}

/// One page of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<String>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// Answer of [`KvStore::compare_and_swap`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The value was as expected and has been replaced.
    Swapped,
    /// The value was another, or there was none; nothing has changed.
    Kept(Option<Bytes>),
}

/// Key-value data of apps.
///
/// Keys have 1 to [`KEY_BYTES_MAX`] bytes, values at most [`VALUE_BYTES_MAX`]; what is outside is [`StoreError::Size`].
/// A write is answered when it is durable; a write whose future is dropped may still happen. A batch happens whole or not
/// at all. A write that would make the app hold more than its quota, and more than it holds now, is
/// [`StoreError::QuotaExceeded`].
pub trait KvStore: Send + Sync {
    /// The value of a key, or none.
    fn get<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, Option<Bytes>>;

    /// Sets a value, new or old.
    fn set<'a>(&'a self, tenant: &'a Tenant, key: &'a str, value: Bytes) -> KvFuture<'a, ()>;

    /// Removes a key; one that is not there is no error.
    fn delete<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, ()>;

    /// Whether a key has a value.
    fn exists<'a>(&'a self, tenant: &'a Tenant, key: &'a str) -> KvFuture<'a, bool>;

    /// At most `limit` (1 to [`PAGE_KEYS_MAX`]) keys, in an order of the store's own that never changes. The cursor is the
    /// last key of the page before, so a page stays right while keys come and go.
    fn list_keys<'a>(&'a self, tenant: &'a Tenant, cursor: Option<&'a str>, limit: usize) -> KvFuture<'a, KeyPage>;

    /// Adds to a value that is the decimal text of an `i64` and returns the sum; a missing key counts as 0. Two increments
    /// at the same time both count.
    fn increment<'a>(&'a self, tenant: &'a Tenant, key: &'a str, delta: i64) -> KvFuture<'a, i64>;

    /// Replaces the value if it is `expected` (none: if there is no value); of two at the same time one wins.
    fn compare_and_swap<'a>(
        &'a self,
        tenant: &'a Tenant,
        key: &'a str,
        expected: Option<Bytes>,
        new: Bytes,
    ) -> KvFuture<'a, Swap>;

    /// The values of at most [`BATCH_KEYS_MAX`] keys at one moment, in the order of the keys.
    fn get_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, Vec<Option<Bytes>>>;

    /// Sets at most [`BATCH_KEYS_MAX`] values of at most [`BATCH_BYTES_MAX`] together; of a key named twice the last counts.
    fn set_many<'a>(&'a self, tenant: &'a Tenant, pairs: Vec<(String, Bytes)>) -> KvFuture<'a, ()>;

    /// Removes at most [`BATCH_KEYS_MAX`] keys.
    fn delete_many<'a>(&'a self, tenant: &'a Tenant, keys: &'a [String]) -> KvFuture<'a, ()>;

    /// Bytes of keys and values that an app holds in all its buckets.
    fn used_bytes<'a>(&'a self, app: &'a AppId) -> KvFuture<'a, u64>;
}
