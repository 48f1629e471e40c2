//! The backend of tests and of `dev` runs that keep nothing: everything in the process's memory.

mod kv;

pub use kv::MemoryStore;
