//! The backend of tests and of `dev` runs that keep nothing: everything in the process's memory.

mod kv;
mod records;

pub use kv::MemoryStore;
#[cfg(test)]
pub(crate) use records::MemoryEngine;
pub use records::MemoryRecords;
