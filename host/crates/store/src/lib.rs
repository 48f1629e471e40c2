//! What is remembered: small traits, a memory backend for tests and an embedded one on sled, one contract suite for both.
//! Called by the capabilities of the sandbox and by the use-cases of the inner rooms; never by routes.

mod error;
mod kv;
mod memory;
mod sled;
mod tenant;

pub use error::StoreError;
pub use kv::{BATCH_BYTES_MAX, BATCH_KEYS_MAX, KEY_BYTES_MAX, PAGE_KEYS_MAX, VALUE_BYTES_MAX};
pub use kv::{KeyPage, KvFuture, KvStore, Quota, Swap};
pub use memory::MemoryStore;
pub use sled::{SledSettings, SledStore};
pub use tenant::Tenant;
