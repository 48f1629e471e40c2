//! `wasi:keyvalue@0.2.0-draft2` (store, atomics, batch) on the platform's store, one tenant per app.

use crate::bindings::keyvalue::{atomics, batch, store};
use crate::guest::GuestContext;
use std::sync::Arc;
use wasmtime::component::Resource;
use yizhan_store::{KvStore, PAGE_KEYS_MAX, StoreError, Swap, Tenant};

/// A bucket that a guest opened.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Bucket(Tenant);

/// A compare-and-swap under way: the key and the value seen.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Cas {
    tenant: Tenant,
    key: String,
    seen: Option<bytes::Bytes>,
}

/// Name of the bucket that an app gets with an empty identifier.
const DEFAULT_BUCKET: &str = "default";

impl GuestContext {
    pub(crate) fn kv(&self) -> Arc<dyn KvStore> {
        Arc::clone(&self.services.kv)
    }

    pub(crate) fn open_bucket(&mut self, identifier: &str) -> wasmtime::Result<Option<Resource<Bucket>>> {
        let name = if identifier.is_empty() { DEFAULT_BUCKET } else { identifier };
        let Ok(tenant) = Tenant::new(&self.version.app, name) else { return Ok(None) };
        Ok(Some(self.table.push(Bucket(tenant))?))
    }

    pub(crate) fn tenant(&self, bucket: &Resource<Bucket>) -> wasmtime::Result<Tenant> {
        Ok(self.table.get(bucket)?.0.clone())
    }

    /// Refuses a read that would make the host hold more for this request than it may.
    pub(crate) fn fits(&self, bytes: usize) -> Result<(), String> {
        let bytes_max = self.version.limits.host_bytes_max;
        if bytes as u64 > bytes_max {
            return Err(format!("host_bytes_max: {bytes} bytes at once; {bytes_max} are allowed"));
        }
        Ok(())
    }
}

/// What went wrong, in words for the guest: its own mistakes in full, the host's as "unavailable".
pub(crate) fn words(error: &StoreError) -> String {
    match error {
        StoreError::Bucket { .. }
        | StoreError::Size { .. }
        | StoreError::QuotaExceeded { .. }
        | StoreError::NotANumber
        | StoreError::Overflow { .. } => error.to_string(),
        _ => "unavailable".to_owned(),
    }
}

fn failed(error: &StoreError) -> store::Error {
    store::Error::Other(words(error))
}

type Answer<T> = wasmtime::Result<Result<T, store::Error>>;

impl store::Host for GuestContext {
    async fn open(&mut self, identifier: String) -> Answer<Resource<Bucket>> {
        let answer = self.open_bucket(&identifier)?.ok_or(store::Error::NoSuchStore);
        self.observe(|| format!("keyvalue.open {identifier}"), &answer);
        Ok(answer)
    }
}

impl store::HostBucket for GuestContext {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<Option<Vec<u8>>> {
        let tenant = self.tenant(&bucket)?;
        let found = self.kv().get(&tenant, &key).await;
        let answer = found.map(|value| value.map(Into::into)).map_err(|error| failed(&error));
        self.observe(|| format!("keyvalue.get {key}"), &answer);
        Ok(answer)
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        let bytes = value.len();
        let answer = self.kv().set(&tenant, &key, value.into()).await.map_err(|error| failed(&error));
        self.observe(|| format!("keyvalue.set {key} ({bytes} bytes)"), &answer);
        Ok(answer)
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        let answer = self.kv().delete(&tenant, &key).await.map_err(|error| failed(&error));
        self.observe(|| format!("keyvalue.delete {key}"), &answer);
        Ok(answer)
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<bool> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().exists(&tenant, &key).await.map_err(|error| failed(&error)))
    }

    async fn list_keys(&mut self, bucket: Resource<Bucket>, cursor: Option<String>) -> Answer<store::KeyResponse> {
        let tenant = self.tenant(&bucket)?;
        let page = self.kv().list_keys(&tenant, cursor.as_deref(), PAGE_KEYS_MAX).await;
        Ok(page.map(|page| store::KeyResponse { keys: page.keys, cursor: page.next }).map_err(|error| failed(&error)))
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::HostCas for GuestContext {
    async fn new(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<Resource<Cas>> {
        let tenant = self.tenant(&bucket)?;
        match self.kv().get(&tenant, &key).await {
            Ok(seen) => Ok(Ok(self.table.push(Cas { tenant, key, seen })?)),
            Err(error) => Ok(Err(failed(&error))),
        }
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Answer<Option<Vec<u8>>> {
        Ok(Ok(self.table.get(&cas)?.seen.as_ref().map(|seen| seen.to_vec())))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}

impl atomics::Host for GuestContext {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: i64) -> Answer<i64> {
        let tenant = self.tenant(&bucket)?;
        let answer = self.kv().increment(&tenant, &key, delta).await.map_err(|error| failed(&error));
        self.observe(|| format!("keyvalue.increment {key} by {delta}"), &answer);
        Ok(answer)
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> wasmtime::Result<Result<(), atomics::CasError>> {
        let Cas { tenant, key, seen } = self.table.delete(cas)?;
        match self.kv().compare_and_swap(&tenant, &key, seen, value.into()).await {
            Ok(Swap::Swapped) => Ok(Ok(())),
            Ok(Swap::Kept(seen)) => {
                let again = self.table.push(Cas { tenant, key, seen })?;
                Ok(Err(atomics::CasError::CasFailed(again)))
            }
            Err(error) => Ok(Err(atomics::CasError::StoreError(failed(&error)))),
        }
    }
}

impl batch::Host for GuestContext {
    async fn get_many(
        &mut self,
        bucket: Resource<Bucket>,
        keys: Vec<String>,
    ) -> Answer<Vec<Option<(String, Vec<u8>)>>> {
        let tenant = self.tenant(&bucket)?;
        let values = match self.kv().get_many(&tenant, &keys).await {
            Ok(values) => values,
            Err(error) => return Ok(Err(failed(&error))),
        };
        if let Err(text) = self.fits(values.iter().flatten().map(bytes::Bytes::len).sum()) {
            return Ok(Err(store::Error::Other(text)));
        }
        Ok(Ok(keys.into_iter().zip(values).map(|(key, value)| value.map(|value| (key, value.into()))).collect()))
    }

    async fn set_many(&mut self, bucket: Resource<Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        let pairs = pairs.into_iter().map(|(key, value)| (key, value.into())).collect();
        Ok(self.kv().set_many(&tenant, pairs).await.map_err(|error| failed(&error)))
    }

    async fn delete_many(&mut self, bucket: Resource<Bucket>, keys: Vec<String>) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().delete_many(&tenant, &keys).await.map_err(|error| failed(&error)))
    }
}
