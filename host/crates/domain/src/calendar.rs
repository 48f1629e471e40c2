//! Working days: weeks of five days, with public holidays and the working days that are moved to a weekend for them (调休).
//! The days are data that an operator renews; a year without data is an error, never a guess.

mod date;

pub use date::{Date, DateError};

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a day is that is not like its weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayKind {
    /// A day off (放假).
    Holiday,
    /// A Saturday or Sunday on which people work (调休上班).
    Workday,
}

/// A day that is not like its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedDay {
    /// Which day.
    pub date: Date,
    /// What it is.
    pub kind: DayKind,
    /// For which holiday, for instance 春节.
    pub name: String,
}

/// Why a calendar was not made, or cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The holidays of this year are not known.
    #[error("the holidays of {year} are not known: {known}")]
    UnknownYear {
        /// The year asked for.
        year: u16,
        /// Which years are known.
        known: String,
    },
    /// A day stands in the list twice.
    #[error("{date} stands there twice")]
    Twice {
        /// The day.
        date: Date,
    },
    /// A working day that was not moved: only Saturdays and Sundays become working days.
    #[error("{date} is a working day anyway; only a Saturday or Sunday is moved")]
    NotMoved {
        /// The day.
        date: Date,
    },
}

/// Public holidays and moved working days of some years. A year is known if its 1 January stands there as a holiday, as it
/// does in every yearly notice of the State Council.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<Date, MovedDay>,
    years: BTreeSet<u16>,
}

impl Calendar {
    /// A calendar of these days, in any order.
    pub fn new(days: impl IntoIterator<Item = MovedDay>) -> Result<Self, CalendarError> {
        let (mut by_date, mut years) = (BTreeMap::new(), BTreeSet::new());
        for day in days {
            let date = day.date;
            match day.kind {
                DayKind::Workday if date.weekday() < 6 => return Err(CalendarError::NotMoved { date }),
                DayKind::Holiday if (date.month(), date.day()) == (1, 1) => {
                    years.insert(date.year());
                }
                _ => {}
            }
            if by_date.insert(date, day).is_some() {
                return Err(CalendarError::Twice { date });
            }
        }
        Ok(Self { days: by_date, years })
    }

    /// The years that are known, in order.
    #[must_use]
    pub fn years(&self) -> Vec<u16> {
        self.years.iter().copied().collect()
    }

    /// The last day about which it can answer; none if no year is known.
    #[must_use]
    pub fn known_until(&self) -> Option<Date> {
        self.years.last().and_then(|year| Date::new(*year, 12, 31).ok())
    }

    /// The days that are not like their weekday, by date.
    pub fn moved_days(&self) -> impl Iterator<Item = &MovedDay> {
        self.days.values()
    }

    /// What makes this day unlike its weekday; none if it is an ordinary day. [`CalendarError::UnknownYear`] if its year is
    /// not known.
    pub fn find_moved(&self, date: Date) -> Result<Option<&MovedDay>, CalendarError> {
        if self.years.contains(&date.year()) { Ok(self.days.get(&date)) } else { Err(self.unknown(date.year())) }
    }

    /// Whether people work on this day.
    pub fn is_working_day(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(match self.find_moved(date)? {
            Some(moved) => moved.kind == DayKind::Workday,
            None => date.weekday() < 6,
        })
    }

    /// The last of so many working days after a day, which does not count itself; the day itself for 0. This is how time
    /// limits are counted: the day on which one begins is not counted in.
    pub fn add_working_days(&self, from: Date, count: u32) -> Result<Date, CalendarError> {
        let (mut date, mut left) = (from, count);
        while left > 0 {
            let next = date.plus_days(1);
            if next == date {
                return Err(self.unknown(next.year()));
            }
            date = next;
            left -= u32::from(self.is_working_day(date)?);
        }
        Ok(date)
    }

    /// How many working days lie after `from`, up to and with `to`; 0 if `to` is not later.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<u32, CalendarError> {
        let (mut date, mut count) = (from, 0);
        while date < to {
            date = date.plus_days(1);
            count += u32::from(self.is_working_day(date)?);
        }
        Ok(count)
    }

    fn unknown(&self, year: u16) -> CalendarError {
        let known = match (self.years.first(), self.years.last()) {
            (Some(first), Some(last)) => {
                format!("the data begin with {first}-01-01 and end with {last}-12-31; import newer ones")
            }
            _ => "there are no data; import them".to_owned(),
        };
        CalendarError::UnknownYear { year, known }
    }
}

#[cfg(test)]
mod tests;
