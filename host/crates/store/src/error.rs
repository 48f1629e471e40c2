//! Why the store did not do what was asked. Every backend answers with these.

use std::{io, path::PathBuf};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A bucket name outside the rules of [`Tenant::new`](crate::Tenant::new).
    #[error("bucket name has {found}; 1 to 64 characters of a-z, 0-9, '-', '_' and '.' are allowed")]
    Bucket {
        /// What was found.
        found: String,
    },
    /// A number of bytes, keys or entries outside its bounds.
    #[error("{what} is {found}; {min} to {max} is allowed")]
    Size {
        /// What was measured, with its unit.
        what: &'static str,
        /// What was found.
        found: usize,
        /// Least allowed.
        min: usize,
        /// Most allowed.
        max: usize,
    },
    /// The app would hold more than its quota.
    #[error("the app would hold {wanted} bytes; its quota is {allowed}")]
    QuotaExceeded {
        /// Bytes of keys and values after the write.
        wanted: u64,
        /// Bytes allowed.
        allowed: u64,
    },
    /// An increment of a value that is not the decimal text of an `i64`.
    #[error("the value is not a decimal number from -2^63 to 2^63-1")]
    NotANumber,
    /// An increment that leaves the range of an `i64`.
    #[error("adding {delta} to {current} leaves the range of 64-bit numbers")]
    Overflow {
        /// Value before.
        current: i64,
        /// What should have been added.
        delta: i64,
    },
    /// A cursor that the list did not give.
    #[error("the cursor of {list} {found}; pass the `next` of the page before unchanged, or none")]
    Cursor {
        /// The list.
        list: &'static str,
        /// What is wrong with it.
        found: &'static str,
    },
    /// Something that only a development store may hold.
    #[error("{what} belongs in a development store; this one was created for production")]
    DevelopmentOnly {
        /// What was refused.
        what: &'static str,
    },
    /// What was read is not what was once written. Nothing is changed by finding it.
    #[error("stored data is damaged: {what}")]
    Damaged {
        /// Which record, and what is wrong with it.
        what: String,
    },
    /// A write failed before, so no further write is taken until the store is opened anew. Reading still works.
    #[error("the store takes no writes since an earlier one failed: {reason}")]
    ReadOnly {
        /// The first failure.
        reason: String,
    },
    /// The store cannot be opened. Nothing is deleted.
    #[error("cannot open the store at {path}: {reason}", path = .path.display())]
    Open {
        /// Directory of the store.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A backup, or the place for one, is not what it must be. Nothing is deleted.
    #[error("cannot use {path} as a backup: {reason}", path = .path.display())]
    Backup {
        /// Directory.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file operation failed.
    #[error("cannot {what}")]
    File {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The embedded database failed.
    #[error("the embedded database failed")]
    Database {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store is being closed, or its thread has ended.
    #[error("the store is closed")]
    Closed,
}
