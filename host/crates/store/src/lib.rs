//! What is remembered: small traits, a memory backend for tests and an embedded one on sled, one contract suite for both.
//! Called by the capabilities of the sandbox and by the use-cases of the inner rooms; never by routes.

mod backup;
mod chain;
mod data_keys;
mod disk;
mod engine;
mod error;
mod journal;
mod keyed_hash;
mod kv;
mod memory;
mod random;
pub mod records;
mod set_aside;
mod sled;
mod steps;
mod tenant;

pub use backup::{BackupReport, Progress, RestoreReport, backup, restore};
pub use backup::{ChainHead, HeadSigner, HeadStatement, chain_name, export_heads};
pub use error::StoreError;
pub use journal::{BrokenRecord, JournalKey, VerifyReport, verify};
pub use kv::{BATCH_BYTES_MAX, BATCH_KEYS_MAX, KEY_BYTES_MAX, PAGE_KEYS_MAX, VALUE_BYTES_MAX};
pub use kv::{KeyPage, KvFuture, KvKey, KvStore, Quota, Swap};
pub use memory::{MemoryRecords, MemoryStore};
pub use sled::{Probe, ProbeOutcome, RecordsSettings, SledEngine, SledRecords, SledSettings, SledStore};
pub use sled::{check_kv, load_kv, probe_in_child, probe_records, run_probe};
pub use tenant::Tenant;
