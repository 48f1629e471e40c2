//! Records that end by themselves. Beside each lies an entry in [`Table::Expiries`], ordered by time; every step removes a
//! few that have ended, so no step ever looks through a whole table.

use super::{app_sessions, key::Key, sessions, value};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
};
use serde::{Serialize, de::DeserializeOwned};
use yizhan_domain::Timestamp;

/// Most records that one step sweeps: more than any step adds.
const SWEEP_MAX: usize = 16;
/// How long an ended record stays: a clock that is set back by less does not bring a used one-time thing to life.
pub(super) const GRACE_MS: u64 = 10 * 60 * 1_000;

/// A record that ends by itself.
pub(super) trait Ending: Serialize + DeserializeOwned {
    /// When it may be forgotten.
    fn ends(&self) -> Timestamp;
}

/// Whether something that ends at `expires` counts at `now`.
pub(super) fn is_live(expires: Timestamp, now: Timestamp) -> bool {
    now < expires
}

/// The record of a key, unless it has ended.
pub(super) fn find_live<T: Ending>(
    tables: &dyn Tables,
    table: Table,
    key: &[u8],
    now: Timestamp,
) -> Result<Option<T>, StoreError> {
    Ok(value::find::<T>(tables, table, key)?.filter(|record| is_live(record.ends(), now)))
}

/// Sets a record, new or old.
pub(super) fn put<T: Ending>(step: &mut dyn Step, table: Table, key: &[u8], record: &T) -> Result<(), StoreError> {
    if let Some(old) = value::find::<T>(step, table, key)? {
        step.delete(Table::Expiries, &entry(table, key, old.ends()));
    }
    value::put(step, table, key, record)?;
    value::put_bytes(step, Table::Expiries, &entry(table, key, record.ends()), Vec::new())
}

/// Removes a record and returns it.
pub(super) fn take<T: Ending>(step: &mut dyn Step, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
    let found = value::find::<T>(step, table, key)?;
    if let Some(record) = &found {
        step.delete(Table::Expiries, &entry(table, key, record.ends()));
        step.delete(table, key);
    }
    Ok(found)
}

/// Removes some of the records that had ended at `now`, oldest first.
pub(super) fn sweep(step: &mut dyn Step, now: Timestamp) -> Result<(), StoreError> {
    let before = now.0.saturating_sub(GRACE_MS);
    for (entry, _) in step.list(Table::Expiries, &[], None, SWEEP_MAX)? {
        let Some((ends, rest)) = entry.split_first_chunk::<8>() else {
            return Err(value::damaged(Table::Expiries, &entry, "is no time and key"));
        };
        if u64::from_be_bytes(*ends) >= before {
            break;
        }
        step.delete(Table::Expiries, &entry);
        if let Some((table, key)) = rest.split_first() {
            forget(step, *table, key)?;
        }
    }
    Ok(())
}

fn forget(step: &mut dyn Step, table: u8, key: &[u8]) -> Result<(), StoreError> {
    let swept = [
        Table::Attempts,
        Table::SignInCodes,
        Table::Sessions,
        Table::Requests,
        Table::Codes,
        Table::Tokens,
        Table::EndedFamilies,
        Table::OneTime,
        Table::Logins,
        Table::AppSessions,
    ];
    match swept.into_iter().find(|swept| *swept as u8 == table) {
        Some(Table::Sessions) => sessions::unindex(step, key)?,
        Some(Table::AppSessions) => app_sessions::unindex(step, key)?,
        _ => {}
    }
    if let Some(table) = swept.into_iter().find(|swept| *swept as u8 == table) {
        step.delete(table, key);
    }
    Ok(())
}

fn entry(table: Table, key: &[u8], ends: Timestamp) -> Vec<u8> {
    Key::new().ascending(ends.0).last([table as u8]).last(key).into_bytes()
}
