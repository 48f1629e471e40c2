//! `kv` of the fake host.

use super::{FakeHost, with};
use crate::kv::KeyPage;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Keys of one page.
const PAGE_KEYS_MAX: usize = 100;

pub(crate) struct Bucket(String);

pub(crate) struct Swap {
    bucket: String,
    key: String,
    noted: Option<Vec<u8>>,
}

impl Bucket {
    pub(crate) fn open(name: &str) -> Result<Self> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let fine = (1..=64).contains(&name.len()) && name.chars().all(allowed);
        if fine { Ok(Self(name.to_owned())) } else { Err(Error::NotFound) }
    }

    fn with<T>(&self, call: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        with(|host| call(values(host, &self.0)))
    }

    pub(crate) fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.with(|values| values.get(key).cloned()))
    }

    pub(crate) fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        self.with(|values| values.insert(key.to_owned(), value.to_vec()));
        Ok(())
    }

    pub(crate) fn delete(&self, key: &str) -> Result<()> {
        self.with(|values| values.remove(key));
        Ok(())
    }

    pub(crate) fn exists(&self, key: &str) -> Result<bool> {
        Ok(self.with(|values| values.contains_key(key)))
    }

    pub(crate) fn keys(&self, cursor: Option<&str>) -> Result<KeyPage> {
        let after = |key: &&String| cursor.is_none_or(|cursor| key.as_str() > cursor);
        let mut keys: Vec<String> =
            self.with(|values| values.keys().filter(after).take(PAGE_KEYS_MAX + 1).cloned().collect());
        let more = keys.len() > PAGE_KEYS_MAX;
        keys.truncate(PAGE_KEYS_MAX);
        let next = if more { keys.last().cloned() } else { None };
        Ok(KeyPage { keys, next })
    }

    pub(crate) fn increment(&self, key: &str, delta: i64) -> Result<i64> {
        let text = self.get(key)?.and_then(|value| String::from_utf8(value).ok());
        let old = text.map_or(Ok(0), |text| text.parse::<i64>());
        let old = old.map_err(|_| Error::Failed(format!("keys and values: {key:?} is not a number")))?;
        let sum = old.saturating_add(delta);
        self.set(key, sum.to_string().as_bytes())?;
        Ok(sum)
    }

    pub(crate) fn swap(&self, key: &str) -> Result<Swap> {
        Ok(Swap { bucket: self.0.clone(), key: key.to_owned(), noted: self.get(key)? })
    }

    pub(crate) fn get_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    pub(crate) fn set_many(&self, pairs: &[(&str, &[u8])]) -> Result<()> {
        pairs.iter().try_for_each(|(key, value)| self.set(key, value))
    }

    pub(crate) fn delete_many(&self, keys: &[&str]) -> Result<()> {
        keys.iter().try_for_each(|key| self.delete(key))
    }
}

impl Swap {
    pub(crate) fn current(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.noted.clone())
    }

    pub(crate) fn write(self, value: &[u8]) -> Result<Option<Self>> {
        let present = with(|host| values(host, &self.bucket).get(&self.key).cloned());
        if present != self.noted {
            return Ok(Some(Self { noted: present, ..self }));
        }
        with(|host| values(host, &self.bucket).insert(self.key, value.to_vec()));
        Ok(None)
    }
}

fn values<'a>(host: &'a mut FakeHost, bucket: &str) -> &'a mut BTreeMap<String, Vec<u8>> {
    host.buckets.entry(bucket.to_owned()).or_default()
}
