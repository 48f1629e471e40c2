//! How a value lies in the tree: a head record with its length, and for large values chunks beside it.
//!
//! sled writes a leaf above a quarter of a segment to a file of its own that nobody fsyncs. A leaf holds up to 16 records,
//! so records stay near 4 KiB: then every leaf stays in the one file that the committer fsyncs.

use super::envelope;
use crate::{
    error::StoreError,
    kv::{KEY_BYTES_MAX, VALUE_BYTES_MAX},
    tenant::app_prefix,
};
use ::sled::IVec;
use bytes::{Bytes, BytesMut};
use yizhan_domain::AppId;

/// Bytes of value in one record.
pub(super) const CHUNK_BYTES: usize = 4_000;
/// Longest stored value: of an app's, with its key and what sealing adds.
const STORED_BYTES_MAX: usize = VALUE_BYTES_MAX + KEY_BYTES_MAX + 256;
pub(super) const HEAD: u8 = 1;
const CHUNK: u8 = 2;
const USED: u8 = 3;

/// Reads one raw record, from the tree or from writes that wait to be applied.
pub(super) type Raw<'a> = &'a dyn Fn(&[u8]) -> Result<Option<IVec>, StoreError>;

/// A raw record to write; none removes it.
pub(super) type RawWrite = (Vec<u8>, Option<IVec>);

/// Under which keys the records of one value lie.
pub(super) struct Place<'a> {
    prefix: Vec<u8>,
    key: &'a [u8],
}

impl<'a> Place<'a> {
    /// A key behind a prefix.
    pub(super) fn at(prefix: Vec<u8>, key: &'a [u8]) -> Self {
        Self { prefix, key }
    }

    /// A key of the records: its table first.
    pub(super) fn of_row(key: &'a [u8]) -> Self {
        Self { prefix: Vec::new(), key }
    }

    fn head(&self) -> Vec<u8> {
        [&[HEAD], self.prefix.as_slice(), self.key].concat()
    }

    fn chunk(&self, index: usize) -> Vec<u8> {
        let length = (self.key.len().min(usize::from(u16::MAX)) as u16).to_be_bytes();
        let index = (index.min(STORED_BYTES_MAX) as u32).to_be_bytes();
        [&[CHUNK], self.prefix.as_slice(), &length, self.key, &index].concat()
    }
}

/// Where head records with a prefix begin; the rest of the key follows.
pub(super) fn head_prefix(prefix: &[u8]) -> Vec<u8> {
    [&[HEAD], prefix].concat()
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
pub(super) fn find_length(raw: Raw, place: &Place<'_>) -> Result<Option<usize>, StoreError> {
    let key = place.head();
    let Some(bytes) = raw(&key)? else { return Ok(None) };
    head(&key, &bytes).map(|(length, _)| Some(length))
}

/// The value of a key, or none.
pub(super) fn find_value(raw: Raw, place: &Place<'_>) -> Result<Option<Bytes>, StoreError> {
    let Some(bytes) = raw(&place.head())? else { return Ok(None) };
    value_of(raw, place, &bytes).map(Some)
}

/// The value of a key whose head record is at hand.
pub(super) fn value_of(raw: Raw, place: &Place<'_>, head_bytes: &[u8]) -> Result<Bytes, StoreError> {
    let head_key = place.head();
    let (length, inline) = head(&head_key, head_bytes)?;
    if chunks(length) == 0 {
        return Ok(Bytes::copy_from_slice(inline));
    }
    let mut value = BytesMut::with_capacity(length);
    for index in 0..chunks(length) {
        let chunk_key = place.chunk(index);
        let bytes = raw(&chunk_key)?.ok_or_else(|| envelope::damaged(&chunk_key, "is missing".to_owned()))?;
        value.extend_from_slice(envelope::open(&chunk_key, &bytes)?);
    }
    if value.len() != length {
        return Err(envelope::damaged(&head_key, format!("says {length} bytes; its chunks have {}", value.len())));
    }
    Ok(value.freeze())
}

/// The first bytes of a value whose head record is at hand: at least [`CHUNK_BYTES`], or all.
pub(super) fn begin_of(raw: Raw, place: &Place<'_>, head_bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let (length, inline) = head(&place.head(), head_bytes)?;
    if chunks(length) == 0 {
        return Ok(inline.to_vec());
    }
    let chunk_key = place.chunk(0);
    let bytes = raw(&chunk_key)?.ok_or_else(|| envelope::damaged(&chunk_key, "is missing".to_owned()))?;
    Ok(envelope::open(&chunk_key, &bytes)?.to_vec())
}

/// Length of the value and what of it stands in the head.
fn head<'a>(key: &[u8], bytes: &'a [u8]) -> Result<(usize, &'a [u8]), StoreError> {
    let payload = envelope::open(key, bytes)?;
    let Some((length, inline)) = payload.split_first_chunk::<4>() else {
        return Err(envelope::damaged(key, "has no length".to_owned()));
    };
    let length = u32::from_be_bytes(*length) as usize;
    let expected = if chunks(length) == 0 { length } else { 0 };
    if length > STORED_BYTES_MAX || inline.len() != expected {
        return Err(envelope::damaged(key, format!("says {length} bytes and holds {}", inline.len())));
    }
    Ok((length, inline))
}

/// Records that turn a value of `old` bytes (none: no value) into `new` (none: no value).
pub(super) fn replace(place: &Place<'_>, old: Option<usize>, new: Option<&[u8]>) -> Vec<RawWrite> {
    let head_key = place.head();
    let old_chunks = old.map_or(0, chunks);
    let Some(value) = new else {
        let mut writes: Vec<RawWrite> = (0..old_chunks).map(|i| (place.chunk(i), None)).collect();
        writes.push((head_key, None));
        return writes;
    };
    let new_chunks = chunks(value.len());
    let mut payload = (value.len().min(STORED_BYTES_MAX) as u32).to_be_bytes().to_vec();
    if new_chunks == 0 {
        payload.extend_from_slice(value);
    }
    let head_bytes = envelope::seal(&head_key, &payload);
    let mut writes = vec![(head_key, Some(IVec::from(head_bytes)))];
    for (index, part) in value.chunks(CHUNK_BYTES).enumerate().take(new_chunks) {
        let chunk_key = place.chunk(index);
        let bytes = envelope::seal(&chunk_key, part);
        writes.push((chunk_key, Some(IVec::from(bytes))));
    }
    writes.extend((new_chunks..old_chunks).map(|index| (place.chunk(index), None)));
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
