//! The steps of access authorization, each a function with its own name. This version has the last one for local test
//! persons; the others come with the full flow.

pub mod open;
