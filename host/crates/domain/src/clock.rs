//! Time as a parameter: everything that needs "now" takes a [`Clock`].

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// So many milliseconds later; stays at the largest value.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock; the only place that reads it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock that reads the machine's time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock that tests and development runs move by hand.
#[derive(Debug, Default)]
pub struct TestClock(AtomicU64);

impl TestClock {
    /// Starts at a moment.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicU64::new(now.0))
    }

    /// Moves forward.
    pub fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The machine's clock with a distance that only grows: development runs see how an app behaves later.
#[derive(Debug, Default)]
pub struct ShiftedClock(AtomicU64);

impl ShiftedClock {
    /// The farthest that it goes ahead, milliseconds: ten years.
    pub const SHIFT_MS_MAX: u64 = 3_650 * 86_400_000;

    /// How far it is ahead of the machine's clock, milliseconds.
    #[must_use]
    pub fn shift_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Goes further ahead. False, and nothing changes, beyond [`Self::SHIFT_MS_MAX`].
    pub fn advance_ms(&self, ms: u64) -> bool {
        let further = |shift: u64| shift.checked_add(ms).filter(|shift| *shift <= Self::SHIFT_MS_MAX);
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, further).is_ok()
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_ms(self.shift_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_goes_ahead_and_never_beyond_its_bound() {
        let clock = ShiftedClock::default();
        let before = SystemClock.now();
        assert!(clock.advance_ms(60_000) && clock.advance_ms(1));
        assert!(clock.now() >= before.plus_ms(60_001));
        assert!(!clock.advance_ms(ShiftedClock::SHIFT_MS_MAX) && !clock.advance_ms(u64::MAX));
        assert_eq!(clock.shift_ms(), 60_001);
    }
}
