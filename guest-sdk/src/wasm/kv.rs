//! `wasi:keyvalue` store, atomics and batch.

use super::bindings::wasi::keyvalue::{atomics, batch, store};
use crate::kv::KeyPage;
use crate::{Error, Result};

pub(crate) struct Bucket(store::Bucket);

pub(crate) struct Swap(atomics::Cas);

fn error(error: store::Error) -> Error {
    match error {
        store::Error::NoSuchStore => Error::NotFound,
        store::Error::AccessDenied => Error::Denied("wasi:keyvalue".to_owned()),
        store::Error::Other(why) if why == "unavailable" => Error::Unavailable,
        store::Error::Other(why) => Error::Failed(format!("keys and values: {why}")),
    }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

impl Bucket {
    pub(crate) fn open(name: &str) -> Result<Self> {
        store::open(name).map(Self).map_err(error)
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.0.get(key).map_err(error)
    }

    pub(crate) fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.0.set(key, value).map_err(error)
    }

    pub(crate) fn delete(&self, key: &str) -> Result<()> {
        self.0.delete(key).map_err(error)
    }

    pub(crate) fn exists(&self, key: &str) -> Result<bool> {
        self.0.exists(key).map_err(error)
    }

    pub(crate) fn keys(&self, cursor: Option<&str>) -> Result<KeyPage> {
        let store::KeyResponse { keys, cursor } = self.0.list_keys(cursor).map_err(error)?;
        Ok(KeyPage { keys, next: cursor })
    }

    pub(crate) fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        atomics::increment(&self.0, key, delta).map_err(error)
    }

    pub(crate) fn swap(&self, key: &str) -> Result<Swap> {
        atomics::Cas::new(&self.0, key).map(Swap).map_err(error)
    }

    pub(crate) fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        let found = batch::get_many(&self.0, &owned(keys)).map_err(error)?;
        Ok(found.into_iter().map(|pair| pair.map(|(_, value)| value)).collect())
    }

    pub(crate) fn set_many(&self, pairs: &[(&str, &[u8])]) -> Result<()> {
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| ((*key).to_owned(), value.to_vec())).collect();
        batch::set_many(&self.0, &pairs).map_err(error)
    }

    pub(crate) fn delete_many(&self, keys: &[&str]) -> Result<()> {
        batch::delete_many(&self.0, &owned(keys)).map_err(error)
    }
}

impl Swap {
    pub(crate) fn current(&self) -> Result<Option<Vec<u8>>> {
        self.0.current().map_err(error)
    }

    /// None when written; a fresh handle when another was faster.
    pub(crate) fn write(self, value: &[u8]) -> Result<Option<Self>> {
        match atomics::swap(self.0, value) {
            Ok(()) => Ok(None),
            Err(atomics::CasError::CasFailed(fresh)) => Ok(Some(Self(fresh))),
            Err(atomics::CasError::StoreError(why)) => Err(error(why)),
        }
    }
}
