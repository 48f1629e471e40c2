//! The embedded backend on sled 0.34.7, used so that what is acknowledged survives a crash: one committer thread, group
//! commit, and an fsync of our own before every answer.

mod apply;
mod committer;
mod dump;
mod envelope;
mod group;
mod kv;
mod open;
mod prepare;
mod probe;
mod probe_child;
mod record;
mod records;
mod recover;
mod restored;
mod sealed;
mod step;
mod tally;
mod upgrade;

pub use dump::{check_kv, load_kv};
pub use kv::{SledSettings, SledStore};
pub use probe::{Probe, ProbeOutcome, probe_records};
pub use probe_child::{probe_in_child, run_probe};
pub use records::{RecordsSettings, SledEngine, SledRecords};
pub(crate) use restored::finish_restore;

use crate::error::StoreError;

#[cfg(test)]
mod tests;

/// sled's errors stay in this folder.
fn database(error: ::sled::Error) -> StoreError {
    match error {
        ::sled::Error::Corruption { at, .. } => {
            StoreError::Damaged { what: format!("the database file, at {at:?} (none: in its index)") }
        }
        other => StoreError::Database { source: Box::new(other) },
    }
}
