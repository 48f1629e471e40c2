//! A time of the day to the minute, as halls write it: `09:00` to `24:00`.

use crate::{Date, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Minutes since midnight in China, 0 to 1 440; as text `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayMinute(u16);

/// What is no time of a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no time of a day; 00:00 to 24:00 is allowed")]
pub struct MinuteError {
    /// What was found, cut.
    pub found: String,
}

impl DayMinute {
    /// Minutes of a day.
    const LAST: u16 = 24 * 60;

    /// So many minutes after midnight, 0 to 1 440.
    pub fn new(minutes: u16) -> Result<Self, MinuteError> {
        if minutes <= Self::LAST { Ok(Self(minutes)) } else { Err(MinuteError { found: minutes.to_string() }) }
    }

    /// Minutes since midnight.
    #[must_use]
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// So many minutes later; none after midnight.
    #[must_use]
    pub fn plus(self, minutes: u16) -> Option<Self> {
        self.0.checked_add(minutes).filter(|sum| *sum <= Self::LAST).map(Self)
    }

    /// The moment on a day in China.
    #[must_use]
    pub fn on(self, date: Date) -> Timestamp {
        date.start_in_china().plus_ms(u64::from(self.0) * 60_000)
    }
}

impl FromStr for DayMinute {
    type Err = MinuteError;

    fn from_str(text: &str) -> Result<Self, MinuteError> {
        let refuse = || MinuteError { found: text.chars().take(16).collect() };
        let [h1, h2, b':', m1, m2] = text.as_bytes() else { return Err(refuse()) };
        if ![h1, h2, m1, m2].into_iter().all(u8::is_ascii_digit) {
            return Err(refuse());
        }
        let number = |tens: &u8, ones: &u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
        let minutes = number(m1, m2);
        let all = number(h1, h2) * 60 + minutes;
        if minutes < 60 && all <= Self::LAST { Ok(Self(all)) } else { Err(refuse()) }
    }
}

impl fmt::Display for DayMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for DayMinute {
    type Error = MinuteError;

    fn try_from(text: String) -> Result<Self, MinuteError> {
        text.parse()
    }
}

impl From<DayMinute> for String {
    fn from(minute: DayMinute) -> Self {
        minute.to_string()
    }
}
