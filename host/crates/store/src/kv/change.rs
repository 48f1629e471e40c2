//! What a write changes, computed purely from what is there. Both backends apply the result, so they cannot differ.

use super::{BATCH_BYTES_MAX, BATCH_KEYS_MAX, KEY_BYTES_MAX, PAGE_KEYS_MAX, Quota, Swap, VALUE_BYTES_MAX};
use crate::error::StoreError;
use bytes::Bytes;

/// A write of one tenant.
#[derive(Debug)]
pub(crate) enum Write {
    /// Sets all of them.
    Set(Vec<(String, Bytes)>),
    /// Removes all of them.
    Delete(Vec<String>),
    /// Adds to a number.
    Increment(String, i64),
    /// Replaces a value that is as expected.
    Swap { key: String, expected: Option<Bytes>, new: Bytes },
}

/// The new value of a key; none removes it.
type Change = (String, Option<Bytes>);

/// What the caller is told once the changes are durable; each method reads the part that it asked for.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Sum of an increment, else 0.
    pub(crate) number: i64,
    /// Answer of a swap, else [`Swap::Swapped`].
    pub(crate) swap: Swap,
}

impl Outcome {
    const DONE: Self = Self { number: 0, swap: Swap::Swapped };
}

impl Write {
    /// Refuses what is outside the bounds; called before anything is queued.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Set(pairs) => {
                check_batch(pairs.len())?;
                pairs.iter().try_for_each(|(key, value)| check_key(key).and_then(|()| check_value(value)))?;
                within("values of a batch in bytes", self.value_bytes(), 0, BATCH_BYTES_MAX)
            }
            Self::Delete(keys) => {
                check_batch(keys.len())?;
                keys.iter().try_for_each(|key| check_key(key))
            }
            Self::Increment(key, _) => check_key(key),
            Self::Swap { key, new, .. } => check_key(key).and_then(|()| check_value(new)),
        }
    }

    /// Bytes of values that it carries.
    pub(crate) fn value_bytes(&self) -> usize {
        match self {
            Self::Set(pairs) => pairs.iter().map(|(_, value)| value.len()).sum(),
            Self::Swap { new, .. } => new.len(),
            Self::Delete(_) | Self::Increment(..) => 0,
        }
    }

    /// The changes and the answer, given what is there now.
    pub(crate) fn changes(
        self,
        read: impl Fn(&str) -> Result<Option<Bytes>, StoreError>,
    ) -> Result<(Vec<Change>, Outcome), StoreError> {
        match self {
            Self::Set(pairs) => Ok((pairs.into_iter().map(|(key, value)| (key, Some(value))).collect(), Outcome::DONE)),
            Self::Delete(keys) => Ok((keys.into_iter().map(|key| (key, None)).collect(), Outcome::DONE)),
            Self::Increment(key, delta) => {
                let sum = sum(read(&key)?.as_deref(), delta)?;
                Ok((vec![(key, Some(Bytes::from(sum.to_string())))], Outcome { number: sum, ..Outcome::DONE }))
            }
            Self::Swap { key, expected, new } => {
                let current = read(&key)?;
                if current == expected {
                    return Ok((vec![(key, Some(new))], Outcome::DONE));
                }
                Ok((Vec::new(), Outcome { swap: Swap::Kept(current), ..Outcome::DONE }))
            }
        }
    }
}

/// Bytes held after a change of one record from `old` to `new` bytes.
pub(crate) fn charge(used: u64, old: usize, new: usize) -> u64 {
    used.saturating_sub(old as u64).saturating_add(new as u64)
}

impl Quota {
    /// Refuses growth above the quota; shrinking is always allowed.
    pub(crate) fn check(self, before: u64, wanted: u64) -> Result<(), StoreError> {
        if wanted > self.app_bytes_max && wanted > before {
            return Err(StoreError::QuotaExceeded { wanted, allowed: self.app_bytes_max });
        }
        Ok(())
    }
}

fn sum(current: Option<&[u8]>, delta: i64) -> Result<i64, StoreError> {
    let current = match current {
        None => 0,
        Some(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| StoreError::NotANumber)?;
            text.parse::<i64>().map_err(|_| StoreError::NotANumber)?
        }
    };
    current.checked_add(delta).ok_or(StoreError::Overflow { current, delta })
}

/// Refuses an empty or too long key.
pub(crate) fn check_key(key: &str) -> Result<(), StoreError> {
    within("key in bytes", key.len(), 1, KEY_BYTES_MAX)
}

/// Refuses a too large value.
fn check_value(value: &[u8]) -> Result<(), StoreError> {
    within("value in bytes", value.len(), 0, VALUE_BYTES_MAX)
}

/// Refuses a batch of too many keys.
pub(crate) fn check_batch(keys: usize) -> Result<(), StoreError> {
    within("keys of a batch", keys, 0, BATCH_KEYS_MAX)
}

/// Refuses an empty or too long page and a cursor that cannot be a key.
pub(crate) fn check_page(cursor: Option<&str>, limit: usize) -> Result<(), StoreError> {
    within("keys of a page", limit, 1, PAGE_KEYS_MAX)?;
    cursor.map_or(Ok(()), |cursor| within("cursor in bytes", cursor.len(), 1, KEY_BYTES_MAX))
}

fn within(what: &'static str, found: usize, min: usize, max: usize) -> Result<(), StoreError> {
    if (min..=max).contains(&found) { Ok(()) } else { Err(StoreError::Size { what, found, min, max }) }
}
