//! A day of the Gregorian calendar, without a time of day.

use crate::clock::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

const DAY_MS: i64 = 86_400_000;
/// China has one time zone, UTC+8, without summer time.
const CHINA_MS: i64 = 8 * 3_600_000;
/// Days from 1 March of year 0 to 1 January 1970.
const EPOCH_FROM_MARCH_0: i64 = 719_468;

/// A day from 1800-01-01 to 9999-12-31, as text `YYYY-MM-DD` (ISO 8601).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// What is not a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no date from 1800-01-01 to 9999-12-31, written YYYY-MM-DD")]
pub struct DateError {
    /// What was found.
    pub found: String,
}

impl Date {
    /// The first date that there is.
    pub const FIRST: Self = Self { year: 1800, month: 1, day: 1 };
    /// The last date that there is.
    pub const LAST: Self = Self { year: 9999, month: 12, day: 31 };

    /// The day with these numbers; refuses months other than 1 to 12, days that the month has not, and years out of range.
    pub fn new(year: u16, month: u16, day: u16) -> Result<Self, DateError> {
        let refuse = || DateError { found: format!("{year:04}-{month:02}-{day:02}") };
        if !(1800..=9999).contains(&year) || day == 0 || day > days_of_month(year, month) {
            return Err(refuse());
        }
        let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else { return Err(refuse()) };
        Ok(Self { year, month, day })
    }

    /// The day in China (UTC+8) at a moment.
    #[must_use]
    pub fn in_china(at: Timestamp) -> Self {
        let ms = i64::try_from(at.0).unwrap_or(i64::MAX - CHINA_MS);
        Self::from_days((ms + CHINA_MS).div_euclid(DAY_MS))
    }

    /// Midnight at its beginning in China (UTC+8); 1970 at the earliest, as every [`Timestamp`].
    #[must_use]
    pub fn start_in_china(self) -> Timestamp {
        Timestamp(u64::try_from(self.days() * DAY_MS - CHINA_MS).unwrap_or(0))
    }

    /// Year, 1800 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.day
    }

    /// 1 Monday to 7 Sunday (ISO 8601).
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        (self.days() + 3).rem_euclid(7) as u8 + 1
    }

    /// So many days later, or earlier when negative; stays at the first or the last date.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// Days from this date to a later one; negative if that one is earlier.
    #[must_use]
    pub fn days_until(self, later: Self) -> i64 {
        later.days() - self.days()
    }

    /// Days since 1970-01-01: years begin in March, so that the leap day is the last of its year.
    fn days(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let month_from_march = (month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - EPOCH_FROM_MARCH_0
    }

    fn from_days(days: i64) -> Self {
        let days = days.clamp(Self::FIRST.days(), Self::LAST.days()) + EPOCH_FROM_MARCH_0;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        // All three are in range: the days were clamped.
        Self { year: year as u16, month: month as u8, day: (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u8 }
    }
}

fn days_of_month(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let refuse = || DateError { found: text.chars().take(40).collect() };
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(refuse());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap_or(0);
        Self::new(number(0..4), number(5..7), number(8..10)).map_err(|_| refuse())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}

impl TryFrom<String> for Date {
    type Error = DateError;

    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn known_days_have_their_weekday() {
        for (text, weekday) in [
            ("1970-01-01", 4),
            ("2000-02-29", 2),
            ("2025-01-29", 3),
            ("2026-02-17", 2),
            ("2026-11-24", 2),
            ("1800-01-01", 3),
            ("9999-12-31", 5),
        ] {
            assert_eq!(date(text).weekday(), weekday, "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-01-00",
            "1799-12-31",
            "2026-1-01",
            "20260101",
            "2026/01/01",
            "二〇二六年",
            "",
            "2026-01-011",
            "+026-01-01",
        ] {
            let error = text.parse::<Date>().expect_err(text);
            assert!(error.to_string().ends_with("written YYYY-MM-DD"), "{error}");
        }
    }

    #[test]
    fn a_day_in_china_begins_eight_hours_before_utc() {
        assert_eq!(Date::in_china(Timestamp(0)), date("1970-01-01"));
        let start = date("2026-11-23").start_in_china();
        assert_eq!(start, Timestamp(1_795_363_200_000));
        assert_eq!(Date::in_china(start), date("2026-11-23"));
        assert_eq!(Date::in_china(Timestamp(start.0 - 1)), date("2026-11-22"));
        assert_eq!(Date::in_china(Timestamp(u64::MAX)), Date::LAST);
        assert_eq!(date("1900-01-01").start_in_china(), Timestamp(0));
    }

    #[test]
    fn days_before_the_first_and_after_the_last_stay_there() {
        assert_eq!(Date::FIRST.plus_days(-1), Date::FIRST);
        assert_eq!(Date::LAST.plus_days(i64::MAX), Date::LAST);
    }

    proptest! {
        #[test]
        fn days_count_one_by_one(from in 0i64..2_990_000) {
            let (day, next) = (Date::FIRST.plus_days(from), Date::FIRST.plus_days(from + 1));
            prop_assert!(day < next || day == Date::LAST);
            prop_assert_eq!(Date::FIRST.days_until(day), from);
            prop_assert_eq!(day.to_string().parse::<Date>(), Ok(day));
            prop_assert_eq!(Date::new(day.year(), day.month().into(), day.day().into()), Ok(day));
            prop_assert_eq!(day.weekday() % 7 + 1, next.weekday());
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,12}") {
            let _ = text.parse::<Date>();
        }
    }
}
