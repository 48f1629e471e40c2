//! The ZIP archive of a package: one form for one content, written by `write` and read back by `read`, which refuses every
//! other form. `package` calls both.

mod fault;
mod layout;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use fault::Fault;
pub(crate) use reader::read;
pub(crate) use writer::write;
