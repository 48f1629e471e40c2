//! Time that never goes back: how old an answer of the hub is. A clock that is set back must not make old answers fresh.

use std::time::Instant;
use yizhan_domain::{Clock, TestClock};

/// Milliseconds since some moment; they only grow.
pub trait Ticks: Send + Sync {
    /// The present count, in milliseconds.
    fn ms(&self) -> u64;
}

/// The machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemTicks(Instant);

impl SystemTicks {
    /// Counts from `begin`.
    #[must_use]
    pub fn since(begin: Instant) -> Self {
        Self(begin)
    }
}

impl Ticks for SystemTicks {
    fn ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Ticks for TestClock {
    fn ms(&self) -> u64 {
        self.now().0
    }
}
