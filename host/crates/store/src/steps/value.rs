//! Records as JSON, within their bounds. Engines add their own frame; what cannot be read is damage, never a guess.

use super::key::KEY_BYTES_MAX;
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
};
use serde::{Serialize, de::DeserializeOwned};

/// Largest stored value in bytes.
pub(crate) const VALUE_BYTES_MAX: usize = 16 << 10;

/// JSON of anything that a table holds.
pub(crate) fn json<T: Serialize + ?Sized>(table: Table, record: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(record).map_err(|_| StoreError::Damaged { what: format!("a record for {table:?} is no JSON") })
}

/// JSON of a record; [`StoreError::Size`] beyond [`VALUE_BYTES_MAX`].
pub(crate) fn encode<T: Serialize + ?Sized>(table: Table, record: &T) -> Result<Vec<u8>, StoreError> {
    let bytes = json(table, record)?;
    check_size("record in bytes", bytes.len(), 0, VALUE_BYTES_MAX)?;
    Ok(bytes)
}

/// The record that a table holds as these bytes.
pub(crate) fn decode<T: DeserializeOwned>(table: Table, key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
    // The error of serde_json may repeat a value, so only its place is told.
    serde_json::from_slice(bytes)
        .map_err(|error| damaged(table, key, &format!("no such JSON at byte {}", error.column())))
}

/// Names a record by its table and the first bytes of its key.
pub(crate) fn damaged(table: Table, key: &[u8], why: &str) -> StoreError {
    let begin: String = key.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    StoreError::Damaged { what: format!("record {begin}… of {table:?}: {why}") }
}

/// The record of a key.
pub(super) fn find<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    key: &[u8],
) -> Result<Option<T>, StoreError> {
    tables.get(table, key)?.map(|bytes| decode(table, key, &bytes)).transpose()
}

/// The record that an index names; one that is missing is damage.
pub(super) fn get<T: DeserializeOwned>(tables: &dyn Tables, table: Table, key: &[u8]) -> Result<T, StoreError> {
    find(tables, table, key)?.ok_or_else(|| damaged(table, key, "is named by an index and missing"))
}

/// Sets the record of a key.
pub(super) fn put<T: Serialize>(step: &mut dyn Step, table: Table, key: &[u8], record: &T) -> Result<(), StoreError> {
    let bytes = encode(table, record)?;
    put_bytes(step, table, key, bytes)
}

/// Sets plain bytes, of an index or of a part of a large record.
pub(super) fn put_bytes(step: &mut dyn Step, table: Table, key: &[u8], bytes: Vec<u8>) -> Result<(), StoreError> {
    check_size("key in bytes", key.len(), 1, KEY_BYTES_MAX)?;
    check_size("record in bytes", bytes.len(), 0, VALUE_BYTES_MAX)?;
    step.put(table, key, bytes);
    Ok(())
}

/// [`StoreError::Size`] when `found` is outside of its bounds.
pub(super) fn check_size(what: &'static str, found: usize, min: usize, max: usize) -> Result<(), StoreError> {
    if (min..=max).contains(&found) { Ok(()) } else { Err(StoreError::Size { what, found, min, max }) }
}
