//! Buckets of a guest: what both drafts of `wasi:keyvalue` do, within what the host may hold for one request. Called by the
//! two files in `capability`, which add each draft's own types.

use crate::guest::GuestContext;
use bytes::Bytes;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTableError};
use yizhan_store::{BATCH_KEYS_MAX, KeyPage, KvStore, PAGE_KEYS_MAX, StoreError, Tenant, VALUE_BYTES_MAX};

/// A bucket that a guest opened.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Bucket(Tenant);

/// Why a call failed: the error of either draft, or a handle that is none, which ends the guest.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub enum Failure {
    /// The name cannot be a bucket's.
    NoSuchStore,
    /// In words for the guest.
    Other(String),
    /// The guest's handle, or a place for a new one, is missing.
    Handle(ResourceTableError),
}

impl From<ResourceTableError> for Failure {
    fn from(error: ResourceTableError) -> Self {
        Self::Handle(error)
    }
}

/// The guest's own mistakes in full, the host's as "unavailable".
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Other(match error {
            StoreError::Bucket { .. }
            | StoreError::Size { .. }
            | StoreError::QuotaExceeded { .. }
            | StoreError::NotANumber
            | StoreError::Overflow { .. } => error.to_string(),
            _ => "unavailable".to_owned(),
        })
    }
}

type Pairs = Vec<Option<(String, Vec<u8>)>>;

/// Name of the bucket that an app gets with an empty identifier.
const DEFAULT_BUCKET: &str = "default";

impl GuestContext {
    pub(crate) fn kv(&self) -> Arc<dyn KvStore> {
        Arc::clone(&self.services.kv)
    }

    pub(crate) fn tenant(&self, bucket: &Resource<Bucket>) -> Result<Tenant, Failure> {
        Ok(self.table.get(bucket)?.0.clone())
    }

    pub(crate) fn open_bucket(&mut self, identifier: &str) -> Result<Resource<Bucket>, Failure> {
        let name = if identifier.is_empty() { DEFAULT_BUCKET } else { identifier };
        let answer = match Tenant::new(&self.version.app, name) {
            Ok(tenant) => Ok(self.table.push(Bucket(tenant))?),
            Err(_) => Err(Failure::NoSuchStore),
        };
        self.observe(|| format!("keyvalue.open {identifier}"), &answer);
        answer
    }

    pub(crate) fn close_bucket(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }

    pub(crate) async fn get_value(&mut self, bucket: &Resource<Bucket>, key: &str) -> Result<Option<Bytes>, Failure> {
        let tenant = self.tenant(bucket)?;
        let answer = match self.kv().get(&tenant, key).await {
            Ok(value) => self.fits(value.as_ref().map_or(0, Bytes::len)).map(|()| value),
            Err(error) => Err(error.into()),
        };
        self.observe(|| format!("keyvalue.get {key}"), &answer);
        answer
    }

    pub(crate) async fn set_value(
        &mut self,
        bucket: &Resource<Bucket>,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), Failure> {
        let (tenant, bytes) = (self.tenant(bucket)?, value.len());
        let answer = self.kv().set(&tenant, key, value.into()).await.map_err(Failure::from);
        self.observe(|| format!("keyvalue.set {key} ({bytes} bytes)"), &answer);
        answer
    }

    pub(crate) async fn delete_value(&mut self, bucket: &Resource<Bucket>, key: &str) -> Result<(), Failure> {
        let tenant = self.tenant(bucket)?;
        let answer = self.kv().delete(&tenant, key).await.map_err(Failure::from);
        self.observe(|| format!("keyvalue.delete {key}"), &answer);
        answer
    }

    pub(crate) async fn has_value(&mut self, bucket: &Resource<Bucket>, key: &str) -> Result<bool, Failure> {
        let tenant = self.tenant(bucket)?;
        Ok(self.kv().exists(&tenant, key).await?)
    }

    pub(crate) async fn page_of_keys(
        &mut self,
        bucket: &Resource<Bucket>,
        cursor: Option<&str>,
    ) -> Result<KeyPage, Failure> {
        let tenant = self.tenant(bucket)?;
        Ok(self.kv().list_keys(&tenant, cursor, PAGE_KEYS_MAX).await?)
    }

    pub(crate) async fn add(&mut self, bucket: &Resource<Bucket>, key: &str, delta: i64) -> Result<i64, Failure> {
        let tenant = self.tenant(bucket)?;
        let answer = self.kv().increment(&tenant, key, delta).await.map_err(Failure::from);
        self.observe(|| format!("keyvalue.increment {key} by {delta}"), &answer);
        answer
    }

    /// Reads a few keys at a time, so that no more is ever held than fits, and a few values.
    pub(crate) async fn get_values(
        &mut self,
        bucket: &Resource<Bucket>,
        mut keys: Vec<String>,
    ) -> Result<Pairs, Failure> {
        if keys.len() > BATCH_KEYS_MAX {
            let (found, max) = (keys.len(), BATCH_KEYS_MAX);
            return Err(StoreError::Size { what: "keys of a batch", found, min: 0, max }.into());
        }
        let tenant = self.tenant(bucket)?;
        let few = usize::try_from(self.version.limits.host_bytes_max).unwrap_or(usize::MAX) / VALUE_BYTES_MAX;
        let (mut pairs, mut bytes) = (Vec::with_capacity(keys.len()), 0);
        while !keys.is_empty() {
            let some: Vec<String> = keys.drain(..few.clamp(1, keys.len())).collect();
            let values = self.kv().get_many(&tenant, &some).await?;
            bytes += values.iter().flatten().map(Bytes::len).sum::<usize>();
            self.fits(bytes)?;
            pairs.extend(some.into_iter().zip(values).map(|(key, value)| value.map(|value| (key, value.into()))));
        }
        Ok(pairs)
    }

    pub(crate) async fn set_values(
        &mut self,
        bucket: &Resource<Bucket>,
        pairs: Vec<(String, Vec<u8>)>,
    ) -> Result<(), Failure> {
        let tenant = self.tenant(bucket)?;
        let pairs = pairs.into_iter().map(|(key, value)| (key, value.into())).collect();
        Ok(self.kv().set_many(&tenant, pairs).await?)
    }

    pub(crate) async fn delete_values(&mut self, bucket: &Resource<Bucket>, keys: &[String]) -> Result<(), Failure> {
        let tenant = self.tenant(bucket)?;
        Ok(self.kv().delete_many(&tenant, keys).await?)
    }

    /// Refuses what would make the host hold more for this request than it may.
    pub(crate) fn fits(&self, bytes: usize) -> Result<(), Failure> {
        let (held, bytes_max) = (self.held_bytes, self.version.limits.host_bytes_max);
        if held + bytes as u64 > bytes_max {
            let text = format!("host_bytes_max: {bytes} bytes beside {held} held; {bytes_max} are allowed");
            return Err(Failure::Other(text));
        }
        Ok(())
    }
}
