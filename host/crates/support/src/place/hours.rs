//! Weekly opening hours in local time (UTC+8).

use serde::{Deserialize, Serialize};
use yizhan_domain::Timestamp;

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u64 = 1_440;
/// China has one time zone, UTC+8, without summer time.
const OFFSET_MINUTES: u64 = 480;

/// Opening hours of one day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u8,
    /// Minutes after midnight, 0 to 1439.
    pub opens: u16,
    /// Minutes after midnight, greater than `opens`, at most 1440.
    pub closes: u16,
}

impl Opening {
    /// Says what is wrong with it, if anything.
    pub(super) fn check(self) -> Result<(), String> {
        if !(1..=7).contains(&self.weekday) {
            return Err(format!("weekday is {}; 1 to 7 is allowed", self.weekday));
        }
        if self.opens >= self.closes || u64::from(self.closes) > DAY_MINUTES {
            return Err(format!("opens at minute {} and closes at {}", self.opens, self.closes));
        }
        Ok(())
    }
}

/// Whether one of the spans holds this moment; the closing minute itself is closed.
pub(super) fn open_at(hours: &[Opening], at: Timestamp) -> bool {
    let minutes = at.0 / MINUTE_MS + OFFSET_MINUTES;
    // 1970-01-01 was a Thursday, day 4 of the week.
    let weekday = (minutes / DAY_MINUTES + 3) % 7 + 1;
    let minute = minutes % DAY_MINUTES;
    hours.iter().any(|span| {
        u64::from(span.weekday) == weekday && (u64::from(span.opens)..u64::from(span.closes)).contains(&minute)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 is a Monday; midnight of that day in UTC+8.
    const MONDAY: u64 = 1_795_363_200_000;

    fn at(day: u64, hour: u64, minute: u64) -> Timestamp {
        Timestamp(MONDAY + (day * DAY_MINUTES + hour * 60 + minute) * MINUTE_MS)
    }

    #[test]
    fn opens_with_the_first_minute_and_is_closed_with_the_last() {
        let hours = [
            Opening { weekday: 1, opens: 540, closes: 720 },
            Opening { weekday: 1, opens: 810, closes: 1_020 },
            Opening { weekday: 7, opens: 0, closes: 1_440 },
        ];
        let cases = [
            (at(0, 8, 59), false),
            (at(0, 9, 0), true),
            (at(0, 11, 59), true),
            (at(0, 12, 0), false),
            (at(0, 13, 30), true),
            (at(1, 9, 0), false),
            (at(5, 23, 59), false),
            (at(6, 0, 0), true),
            (at(6, 23, 59), true),
            (at(7, 0, 0), false),
        ];
        for (moment, expected) in cases {
            assert_eq!(open_at(&hours, moment), expected, "{moment:?}");
        }
    }

    #[test]
    fn the_epoch_was_a_thursday_morning_in_china() {
        assert!(open_at(&[Opening { weekday: 4, opens: 480, closes: 481 }], Timestamp(0)));
    }

    #[test]
    fn impossible_hours_are_refused() {
        for (weekday, opens, closes) in [(0, 1, 2), (8, 1, 2), (1, 2, 2), (1, 3, 2), (1, 0, 1_441)] {
            assert!(Opening { weekday, opens, closes }.check().is_err());
        }
    }
}
