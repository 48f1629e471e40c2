//! How a value lies in the tree: a head record with its length, and for large values chunks beside it.
//!
//! sled writes a leaf above a quarter of a segment to a file of its own that nobody fsyncs. A leaf holds up to 16 records,
//! so records stay near 4 KiB: then every leaf stays in the one file that the committer fsyncs.

use super::envelope;
use crate::{
    error::StoreError,
    kv::{KEY_BYTES_MAX, VALUE_BYTES_MAX},
    tenant::{Tenant, app_prefix},
};
use ::sled::IVec;
use bytes::{Bytes, BytesMut};
use yizhan_domain::AppId;

/// Bytes of value in one record.
pub(super) const CHUNK_BYTES: usize = 4_000;
const HEAD: u8 = 1;
const CHUNK: u8 = 2;
const USED: u8 = 3;

/// Reads one raw record, from the tree or from writes that wait to be applied.
pub(super) type Raw<'a> = &'a dyn Fn(&[u8]) -> Result<Option<IVec>, StoreError>;

/// A raw record to write; none removes it.
pub(super) type RawWrite = (Vec<u8>, Option<IVec>);

/// Where head records of a tenant begin; the key follows.
pub(super) fn head_prefix(tenant: &Tenant) -> Vec<u8> {
    let mut bytes = vec![HEAD];
    bytes.extend_from_slice(&tenant.prefix());
    bytes
}

fn head_key(tenant: &Tenant, key: &str) -> Vec<u8> {
    let mut bytes = head_prefix(tenant);
    bytes.extend_from_slice(key.as_bytes());
    bytes
}

fn chunk_key(tenant: &Tenant, key: &str, index: usize) -> Vec<u8> {
    let mut bytes = vec![CHUNK];
    bytes.extend_from_slice(&tenant.prefix());
    bytes.extend_from_slice(&(key.len().min(KEY_BYTES_MAX) as u16).to_be_bytes());
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(&(index.min(VALUE_BYTES_MAX) as u32).to_be_bytes());
    bytes
}

fn used_key(app: &AppId) -> Vec<u8> {
    let mut bytes = vec![USED];
    bytes.extend_from_slice(&app_prefix(app));
    bytes
}

/// Number of chunks beside the head; a value that fits into the head has none.
fn chunks(length: usize) -> usize {
    if length <= CHUNK_BYTES { 0 } else { length.div_ceil(CHUNK_BYTES) }
}

/// Length of a value in bytes, or none if there is no such key.
pub(super) fn find_length(raw: Raw, tenant: &Tenant, key: &str) -> Result<Option<usize>, StoreError> {
    let key = head_key(tenant, key);
    let Some(bytes) = raw(&key)? else { return Ok(None) };
    head(&key, &bytes).map(|(length, _)| Some(length))
}

/// The value of a key, or none.
pub(super) fn find_value(raw: Raw, tenant: &Tenant, key: &str) -> Result<Option<Bytes>, StoreError> {
    let head_key = head_key(tenant, key);
    let Some(bytes) = raw(&head_key)? else { return Ok(None) };
    let (length, inline) = head(&head_key, &bytes)?;
    if chunks(length) == 0 {
        return Ok(Some(Bytes::copy_from_slice(inline)));
    }
    let mut value = BytesMut::with_capacity(length);
    for index in 0..chunks(length) {
        let chunk_key = chunk_key(tenant, key, index);
        let bytes = raw(&chunk_key)?.ok_or_else(|| envelope::damaged(&chunk_key, "is missing".to_owned()))?;
        value.extend_from_slice(envelope::open(&chunk_key, &bytes)?);
    }
    if value.len() != length {
        return Err(envelope::damaged(&head_key, format!("says {length} bytes; its chunks have {}", value.len())));
    }
    Ok(Some(value.freeze()))
}

/// Length of the value and what of it stands in the head.
fn head<'a>(key: &[u8], bytes: &'a [u8]) -> Result<(usize, &'a [u8]), StoreError> {
    let payload = envelope::open(key, bytes)?;
    let Some((length, inline)) = payload.split_first_chunk::<4>() else {
        return Err(envelope::damaged(key, "has no length".to_owned()));
    };
    let length = u32::from_be_bytes(*length) as usize;
    let expected = if chunks(length) == 0 { length } else { 0 };
    if length > VALUE_BYTES_MAX || inline.len() != expected {
        return Err(envelope::damaged(key, format!("says {length} bytes and holds {}", inline.len())));
    }
    Ok((length, inline))
}

/// Records that turn a value of `old` bytes (none: no value) into `new` (none: no value).
pub(super) fn replace(tenant: &Tenant, key: &str, old: Option<usize>, new: Option<&[u8]>) -> Vec<RawWrite> {
    let head_key = head_key(tenant, key);
    let old_chunks = old.map_or(0, chunks);
    let Some(value) = new else {
        let mut writes: Vec<RawWrite> = (0..old_chunks).map(|i| (chunk_key(tenant, key, i), None)).collect();
        writes.push((head_key, None));
        return writes;
    };
    let new_chunks = chunks(value.len());
    let mut payload = (value.len().min(VALUE_BYTES_MAX) as u32).to_be_bytes().to_vec();
    if new_chunks == 0 {
        payload.extend_from_slice(value);
    }
    let head_bytes = envelope::seal(&head_key, &payload);
    let mut writes = vec![(head_key, Some(IVec::from(head_bytes)))];
    for (index, part) in value.chunks(CHUNK_BYTES).enumerate().take(new_chunks) {
        let chunk_key = chunk_key(tenant, key, index);
        let bytes = envelope::seal(&chunk_key, part);
        writes.push((chunk_key, Some(IVec::from(bytes))));
    }
    writes.extend((new_chunks..old_chunks).map(|index| (chunk_key(tenant, key, index), None)));
    writes
}

/// Bytes of keys and values that an app holds.
pub(super) fn used(raw: Raw, app: &AppId) -> Result<u64, StoreError> {
    let key = used_key(app);
    let Some(bytes) = raw(&key)? else { return Ok(0) };
    let payload = envelope::open(&key, &bytes)?;
    let number = payload.try_into().map_err(|_| envelope::damaged(&key, "is not a count of bytes".to_owned()))?;
    Ok(u64::from_be_bytes(number))
}

/// The record that keeps how much an app holds.
pub(super) fn set_used(app: &AppId, bytes: u64) -> RawWrite {
    let key = used_key(app);
    let sealed = envelope::seal(&key, &bytes.to_be_bytes());
    (key, Some(IVec::from(sealed)))
}
