//! `clock` of the fake host: it stands still.

use super::with;

pub(crate) fn now_ms() -> u64 {
    with(|host| host.now_ms)
}
