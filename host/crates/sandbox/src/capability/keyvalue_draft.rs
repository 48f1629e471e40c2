//! `wasi:keyvalue@0.2.0-draft`: the earlier draft that components out there still import, on the same buckets.

use crate::bindings::keyvalue_draft::{atomics, batch, store};
use crate::bucket::{Bucket, Failure};
use crate::guest::GuestContext;
use wasmtime::component::Resource;

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

    /// This draft pages by number; the pages before are read again, so a key that goes away meanwhile may hide another.
    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<u64>,
    ) -> Result<store::KeyResponse, Failure> {
        let wanted = cursor.unwrap_or(0);
        let mut page = self.page_of_keys(&bucket, None).await?;
        for _ in 0..wanted {
            let Some(next) = page.next else {
                return Ok(store::KeyResponse { keys: Vec::new(), cursor: None });
            };
            page = self.page_of_keys(&bucket, Some(&next)).await?;
        }
        Ok(store::KeyResponse { keys: page.keys, cursor: page.next.map(|_| wanted + 1) })
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.close_bucket(bucket)
    }
}

impl atomics::Host for GuestContext {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: u64) -> Result<u64, Failure> {
        let signed =
            i64::try_from(delta).map_err(|_| Failure::Other(format!("delta {delta} is above {}", i64::MAX)))?;
        let sum = self.add(&bucket, &key, signed).await?;
        u64::try_from(sum).map_err(|_| Failure::Other(format!("the number is {sum}, below zero")))
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
