//! The embedded backend on sled 0.34.7, used so that what is acknowledged survives a crash: one committer thread, group
//! commit, and an fsync of our own before every answer.

mod committer;
mod envelope;
mod kv;
mod open;
mod record;

pub use kv::{SledSettings, SledStore};

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
