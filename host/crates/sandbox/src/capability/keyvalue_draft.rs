//! `wasi:keyvalue@0.2.0-draft`: the earlier draft that components out there still import, on the same store.

use super::keyvalue::{Bucket, words};
use crate::bindings::keyvalue_draft::{atomics, batch, store};
use crate::guest::GuestContext;
use wasmtime::component::Resource;
use yizhan_store::{PAGE_KEYS_MAX, StoreError};

fn failed(error: &StoreError) -> store::Error {
    store::Error::Other(words(error))
}

type Answer<T> = wasmtime::Result<Result<T, store::Error>>;

impl store::Host for GuestContext {
    async fn open(&mut self, identifier: String) -> Answer<Resource<Bucket>> {
        Ok(self.open_bucket(&identifier)?.ok_or(store::Error::NoSuchStore))
    }
}

impl store::HostBucket for GuestContext {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<Option<Vec<u8>>> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().get(&tenant, &key).await.map(|value| value.map(Into::into)).map_err(|error| failed(&error)))
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().set(&tenant, &key, value.into()).await.map_err(|error| failed(&error)))
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<()> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().delete(&tenant, &key).await.map_err(|error| failed(&error)))
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Answer<bool> {
        let tenant = self.tenant(&bucket)?;
        Ok(self.kv().exists(&tenant, &key).await.map_err(|error| failed(&error)))
    }

    /// This draft pages by number; the pages before are read again, so a key that goes away meanwhile may hide another.
    async fn list_keys(&mut self, bucket: Resource<Bucket>, cursor: Option<u64>) -> Answer<store::KeyResponse> {
        let tenant = self.tenant(&bucket)?;
        let mut after = None;
        let wanted = cursor.unwrap_or(0);
        for page_number in 0..=wanted {
            let page = match self.kv().list_keys(&tenant, after.as_deref(), PAGE_KEYS_MAX).await {
                Ok(page) => page,
                Err(error) => return Ok(Err(failed(&error))),
            };
            if page_number == wanted {
                let cursor = page.next.map(|_| wanted + 1);
                return Ok(Ok(store::KeyResponse { keys: page.keys, cursor }));
            }
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        Ok(Ok(store::KeyResponse { keys: Vec::new(), cursor: None }))
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for GuestContext {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: u64) -> Answer<u64> {
        let tenant = self.tenant(&bucket)?;
        let Ok(delta) = i64::try_from(delta) else {
            return Ok(Err(store::Error::Other(format!("delta {delta} is above {}", i64::MAX))));
        };
        let sum = match self.kv().increment(&tenant, &key, delta).await {
            Ok(sum) => sum,
            Err(error) => return Ok(Err(failed(&error))),
        };
        Ok(u64::try_from(sum).map_err(|_| store::Error::Other(format!("the number is {sum}, below zero"))))
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
