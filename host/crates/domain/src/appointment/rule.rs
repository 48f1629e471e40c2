//! The no-show rule (爽约规则): who did not come too often has to wait before booking again.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// No-shows of a person at a hall that are remembered; a rule cannot count more.
pub const NO_SHOWS_KEPT: usize = 10;
const DAY_MS: u64 = 24 * 3_600_000;

/// After `count` no-shows within `window_days`, no booking for `pause_days` after the last of them. What counts is when the
/// missed slots began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoShowRule {
    /// How many, 0 to [`NO_SHOWS_KEPT`]; 0 never pauses anybody.
    pub count: u32,
    /// Within how many days, 1 to 366.
    pub window_days: u32,
    /// For how many days, 1 to 366.
    pub pause_days: u32,
}

impl NoShowRule {
    /// Until when nobody with these missed slots (when each began, in any order) may book; none when one may.
    #[must_use]
    pub fn paused_until(&self, missed: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let count = usize::try_from(self.count).ok().filter(|count| *count > 0)?;
        let mut missed = missed.to_vec();
        missed.sort_unstable();
        let days = |days: u32| u64::from(days) * DAY_MS;
        let within = |run: &&[Timestamp]| match (run.first(), run.last()) {
            (Some(first), Some(last)) => last.0 - first.0 < days(self.window_days),
            _ => false,
        };
        let until = missed.windows(count).filter(within).filter_map(<[Timestamp]>::last).max()?;
        Some(until.plus_ms(days(self.pause_days))).filter(|until| now < *until)
    }

    pub(super) fn is_fine(&self) -> bool {
        let days = 1..=366;
        self.count as usize <= NO_SHOWS_KEPT && days.contains(&self.window_days) && days.contains(&self.pause_days)
    }
}
