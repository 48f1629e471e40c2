//! yizhan.
fn main() {}
