//! The one place of the store that asks the operating system for randomness: salts and keys.

use crate::error::StoreError;

/// Random bytes of the operating system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Database { source: Box::new(error) })?;
    Ok(bytes)
}
