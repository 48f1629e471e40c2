//! The record of one key of an app: where it lies, sealed; and the keys of apps, wrapped. Called by reads and by the committer.
//!
//! A stored value is `length of the sealed key 2 · sealed key · sealed value`.

use super::{
    envelope,
    record::{self, Place, Raw, RawWrite},
};
use crate::{
    error::StoreError,
    kv::{AppSeal, Datum, KvKey, SEAL_BYTES},
    tenant::{Tenant, app_prefix},
};
use ::sled::IVec;
use bytes::Bytes;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use yizhan_domain::AppId;

/// First byte of the record with an app's wrapped key.
pub(super) const APP_KEY: u8 = 4;
/// The record that shows which key the store was written with.
pub(super) const CHECK_KEY: &[u8] = &[5];

/// The keys of apps.
#[derive(Debug)]
pub(super) struct Keyring {
    key: KvKey,
    known: Mutex<HashMap<AppId, Arc<AppSeal>>>,
}

impl Keyring {
    pub(super) fn new(key: KvKey) -> Self {
        Self { key, known: Mutex::default() }
    }

    /// The record that a new store begins with.
    pub(super) fn check_record(&self) -> RawWrite {
        (CHECK_KEY.to_vec(), Some(IVec::from(envelope::seal(CHECK_KEY, &self.key.check()))))
    }

    /// Whether a store begins with this key's record; none when it has no such record.
    pub(super) fn is_of(&self, raw: Raw) -> Result<Option<bool>, StoreError> {
        let Some(bytes) = raw(CHECK_KEY)? else { return Ok(None) };
        Ok(Some(envelope::open(CHECK_KEY, &bytes)? == self.key.check()))
    }

    /// The key of an app; none when it has no data.
    pub(super) fn find(&self, raw: Raw, app: &AppId) -> Result<Option<Arc<AppSeal>>, StoreError> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(app) {
            return Ok(Some(Arc::clone(known)));
        }
        let key = app_key(app);
        let Some(bytes) = raw(&key)? else { return Ok(None) };
        let seal = self.key.unwrap(app, envelope::open(&key, &bytes)?);
        let seal = seal.ok_or_else(|| envelope::damaged(&key, "is not wrapped with the key given".to_owned()))?;
        Ok(Some(self.keep(app, seal)))
    }

    /// Makes the key of an app. The record is to be written before anything that is sealed with it.
    pub(super) fn create(&self, app: &AppId) -> Result<(Arc<AppSeal>, RawWrite), StoreError> {
        let (seal, wrapped) = self.key.create(app)?;
        let key = app_key(app);
        let bytes = envelope::seal(&key, &wrapped);
        Ok((self.keep(app, seal), (key, Some(IVec::from(bytes)))))
    }

    fn keep(&self, app: &AppId, seal: AppSeal) -> Arc<AppSeal> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(app.clone()).or_insert_with(|| Arc::new(seal)))
    }
}

fn app_key(app: &AppId) -> Vec<u8> {
    [&[APP_KEY], app_prefix(app).as_slice()].concat()
}

/// Where the keys of a bucket lie.
pub(super) fn bucket_prefix(seal: &AppSeal, tenant: &Tenant) -> Vec<u8> {
    [app_prefix(tenant.app()).as_slice(), &seal.bucket(tenant)].concat()
}

/// One key of a tenant.
pub(super) struct Entry<'a> {
    seal: &'a AppSeal,
    prefix: Vec<u8>,
    name: [u8; 32],
    key: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn new(seal: &'a AppSeal, tenant: &Tenant, key: &'a str) -> Self {
        Self { seal, prefix: bucket_prefix(seal, tenant), name: seal.name(&seal.bucket(tenant), key), key }
    }

    /// Where its record lies.
    pub(super) fn name(&self) -> [u8; 32] {
        self.name
    }

    fn place(&self) -> Place<'_> {
        Place::at(self.prefix.clone(), &self.name)
    }

    /// Bytes that are stored for a value, without the value's own.
    fn overhead(&self) -> usize {
        2 + self.key.len() + SEAL_BYTES + SEAL_BYTES
    }

    /// Length of the value in bytes, or none if there is no such key.
    pub(super) fn find_length(&self, raw: Raw) -> Result<Option<usize>, StoreError> {
        let Some(stored) = record::find_length(raw, &self.place())? else { return Ok(None) };
        stored.checked_sub(self.overhead()).map(Some).ok_or_else(|| self.damaged())
    }

    /// The value, or none.
    pub(super) fn find_value(&self, raw: Raw) -> Result<Option<Bytes>, StoreError> {
        let Some(stored) = record::find_value(raw, &self.place())? else { return Ok(None) };
        let sealed = stored.get(2 + self.key.len() + SEAL_BYTES..).ok_or_else(|| self.damaged())?;
        let plain = self.seal.open(Datum::Value, &self.bound(), sealed).ok_or_else(|| self.damaged())?;
        Ok(Some(Bytes::from(plain)))
    }

    /// Records that turn a value of `old` bytes (none: no value) into `new` (none: no value).
    pub(super) fn replace(&self, old: Option<usize>, new: Option<&[u8]>) -> Result<Vec<RawWrite>, StoreError> {
        let old = old.map(|length| length + self.overhead());
        let Some(value) = new else { return Ok(record::replace(&self.place(), old, None)) };
        let bound = self.bound();
        let key = self.seal.seal(Datum::Key, &bound, self.key.as_bytes())?;
        let value = self.seal.seal(Datum::Value, &bound, value)?;
        let length = u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes();
        Ok(record::replace(&self.place(), old, Some(&[&length[..], &key, &value].concat())))
    }

    fn bound(&self) -> Vec<u8> {
        [self.prefix.as_slice(), &self.name].concat()
    }

    fn damaged(&self) -> StoreError {
        envelope::damaged(&self.bound(), "does not open with its app's key".to_owned())
    }
}

/// The key whose head record lies at `name` in a bucket.
pub(super) fn open_key(
    raw: Raw,
    seal: &AppSeal,
    (prefix, name): (&[u8], &[u8]),
    head: &[u8],
) -> Result<String, StoreError> {
    let bound = [prefix, name].concat();
    let damaged = || envelope::damaged(&bound, "holds no key that opens".to_owned());
    let begin = record::begin_of(raw, &Place::at(prefix.to_vec(), name), head)?;
    let (length, rest) = begin.split_first_chunk::<2>().ok_or_else(damaged)?;
    let sealed = rest.get(..usize::from(u16::from_be_bytes(*length))).ok_or_else(damaged)?;
    let key = seal.open(Datum::Key, &bound, sealed).ok_or_else(damaged)?;
    String::from_utf8(key).map_err(|_| damaged())
}
