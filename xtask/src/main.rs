//! demo, test, bench, ci.
fn main() {}
