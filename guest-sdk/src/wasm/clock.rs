//! `wasi:clocks/wall-clock`.

use wasip2::clocks::wall_clock;

pub(crate) fn now_ms() -> u64 {
    let now = wall_clock::now();
    now.seconds.saturating_mul(1_000).saturating_add(u64::from(now.nanoseconds / 1_000_000))
}
