//! `wasi:keyvalue@0.2.0-draft2` (store, atomics, batch) on the platform's store, one tenant per app.

use crate::bindings::keyvalue::{atomics, batch, store};
use crate::bucket::{Bucket, Failure};
use crate::guest::GuestContext;
use bytes::Bytes;
use wasmtime::component::Resource;
use yizhan_store::{Swap, Tenant};

/// A compare-and-swap under way: the key and the value seen, which counts as held for the request.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Cas {
    tenant: Tenant,
    key: String,
    seen: Option<Bytes>,
}

impl Cas {
    fn bytes(&self) -> usize {
        self.seen.as_ref().map_or(0, Bytes::len)
    }
}

impl GuestContext {
    fn hold(&mut self, cas: Cas) -> Result<Resource<Cas>, Failure> {
        let bytes = cas.bytes();
        self.fits(bytes)?;
        let handle = self.table.push(cas)?;
        self.held_bytes += bytes as u64;
        Ok(handle)
    }

    fn release(&mut self, handle: Resource<Cas>) -> wasmtime::Result<Cas> {
        let cas = self.table.delete(handle)?;
        self.held_bytes -= cas.bytes() as u64;
        Ok(cas)
    }
}

impl store::Host for GuestContext {
    async fn open(&mut self, identifier: String) -> Result<Resource<Bucket>, Failure> {
        self.open_bucket(&identifier)
    }

    fn convert_error(&mut self, failure: Failure) -> wasmtime::Result<store::Error> {
        match failure {
            Failure::NoSuchStore => Ok(store::Error::NoSuchStore),
            Failure::Other(words) => Ok(store::Error::Other(words)),
            Failure::Handle(error) => Err(error.into()),
        }
    }
}

impl store::HostBucket for GuestContext {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.get_value(&bucket, &key).await?.map(Into::into))
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Result<(), Failure> {
        self.set_value(&bucket, &key, value).await
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<(), Failure> {
        self.delete_value(&bucket, &key).await
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<bool, Failure> {
        self.has_value(&bucket, &key).await
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<String>,
    ) -> Result<store::KeyResponse, Failure> {
        let page = self.page_of_keys(&bucket, cursor.as_deref()).await?;
        Ok(store::KeyResponse { keys: page.keys, cursor: page.next })
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.close_bucket(bucket)
    }
}

impl atomics::HostCas for GuestContext {
    async fn new(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Resource<Cas>, Failure> {
        let seen = self.get_value(&bucket, &key).await?;
        let tenant = self.tenant(&bucket)?;
        self.hold(Cas { tenant, key, seen })
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.table.get(&cas)?.seen.as_ref().map(|seen| seen.to_vec()))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.release(cas).map(drop)
    }
}

impl atomics::Host for GuestContext {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: i64) -> Result<i64, Failure> {
        self.add(&bucket, &key, delta).await
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> wasmtime::Result<Result<(), atomics::CasError>> {
        let Cas { tenant, key, seen } = self.release(cas)?;
        let again = match self.kv().compare_and_swap(&tenant, &key, seen, value.into()).await {
            Ok(Swap::Swapped) => return Ok(Ok(())),
            Ok(Swap::Kept(seen)) => self.hold(Cas { tenant, key, seen }),
            Err(error) => Err(error.into()),
        };
        Ok(Err(match again {
            Ok(again) => atomics::CasError::CasFailed(again),
            Err(failure) => atomics::CasError::StoreError(store::Host::convert_error(self, failure)?),
        }))
    }
}

impl batch::Host for GuestContext {
    async fn get_many(
        &mut self,
        bucket: Resource<Bucket>,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, Vec<u8>)>>, Failure> {
        self.get_values(&bucket, keys).await
    }

    async fn set_many(&mut self, bucket: Resource<Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
        self.set_values(&bucket, pairs).await
    }

    async fn delete_many(&mut self, bucket: Resource<Bucket>, keys: Vec<String>) -> Result<(), Failure> {
        self.delete_values(&bucket, &keys).await
    }
}
