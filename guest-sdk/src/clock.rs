//! The time of day, in words that people use.
//!
//! ```
//! use yizhan_sdk::{clock, testing::FakeHost};
//!
//! let _host = FakeHost::new().now_ms(1_767_574_800_000).install();
//! let today = clock::Local::at(clock::now_ms());
//! assert_eq!((today.year, today.month, today.day, today.weekday), (2026, 1, 5, 1));
//! assert_eq!((today.hour, today.minute), (9, 0));
//! ```

/// Minutes by which local time of mainland China (UTC+8, no summer time) is ahead.
const CHINA_OFFSET_MINUTES: u64 = 8 * 60;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn now_ms() -> u64 {
    crate::host::clock::now_ms()
}

/// A moment in local time of mainland China (UTC+8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Year, as in 2026.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

impl Local {
    /// The local time at a moment, in milliseconds since 1970-01-01T00:00:00Z; years beyond 9999 stay there.
    #[must_use]
    pub fn at(ms: u64) -> Self {
        const LAST_MINUTE: u64 = 4_223_371_679;
        let minutes = (ms / 60_000 + CHINA_OFFSET_MINUTES).min(LAST_MINUTE);
        let (days, minute_of_day) = ((minutes / 1440) as u32, (minutes % 1440) as u32);
        let (year, month, day) = civil(days);
        Self { year, month, day, weekday: (days + 3) % 7 + 1, hour: minute_of_day / 60, minute: minute_of_day % 60 }
    }

    /// As in `2026年1月5日`, or `2026-01-05` in English.
    #[must_use]
    pub fn date(&self, english: bool) -> String {
        let Self { year, month, day, .. } = self;
        if english { format!("{year}-{month:02}-{day:02}") } else { format!("{year}年{month}月{day}日") }
    }
}

/// Year, month and day of a day counted from 1970-01-01, by eras of 400 years that begin on 1 March.
fn civil(days: u32) -> (u32, u32, u32) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_are_right() {
        let day = |ms: u64| Local::at(ms).date(true);
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000), "2000-02-29");
        assert_eq!(day(951_868_800_000 - 8 * 3_600_000), "2000-03-01");
        assert_eq!(day(4_102_444_799_000), "2100-01-01");
        assert_eq!(day(u64::MAX), "9999-12-31");
        assert_eq!(Local::at(0).weekday, 4);
    }
}
