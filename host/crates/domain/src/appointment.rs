//! Booking a slot at a hall (预约): where and when a slot is, what a booking goes through, and the number that is shown at the
//! hall. How a hall deals its slots out is in `plan`.

mod minute;
mod number;
mod plan;
mod rule;
#[cfg(test)]
mod tests;

pub use minute::{DayMinute, MinuteError};
pub use number::BookingNumber;
pub use plan::{CANCEL_MINUTES_MAX, CAPACITY_MAX, DAY_SPANS_MAX, DAYS_AHEAD_MAX, SPECIAL_DAYS_MAX, SPECIAL_SPANS_MAX};
pub use plan::{Closure, DayPlan, DaySpan, HallCalendar, ItemPlan, PlanError, SlotPlan, SlotTime, SpecialDay};
pub use rule::{NO_SHOWS_KEPT, NoShowRule};

use crate::authorization::random_ids;
use crate::{Date, code::ImplementingCode};
use serde::{Deserialize, Serialize};
use std::fmt;

random_ids! {
    /// A booking. It names the booking in addresses and gives no right to it.
    BookingId,
}

/// Name of a hall: the identifier of a place, 1 to 64 of a-z, 0-9, '-' and '.'.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HallId(String);

/// A text that cannot name a hall.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} names no hall; 1 to 64 of a-z, 0-9, '-' and '.' are allowed")]
pub struct HallIdError {
    /// What was found, cut.
    pub found: String,
}

impl HallId {
    /// Checks and takes a name.
    pub fn new(text: impl Into<String>) -> Result<Self, HallIdError> {
        let text = text.into();
        let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if (1..=64).contains(&text.len()) && text.bytes().all(fine) {
            return Ok(Self(text));
        }
        Err(HallIdError { found: text.chars().take(64).collect() })
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HallId {
    type Error = HallIdError;

    fn try_from(text: String) -> Result<Self, HallIdError> {
        Self::new(text)
    }
}

impl From<HallId> for String {
    fn from(hall: HallId) -> Self {
        hall.0
    }
}

impl fmt::Display for HallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One slot: the places of one pool that begin at one time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SlotId {
    /// The hall.
    pub hall: HallId,
    /// The item whose own plan it belongs to; none for the slots that all other items of the hall share.
    pub pool: Option<ImplementingCode>,
    /// The day in China.
    pub date: Date,
    /// When it begins.
    pub start: DayMinute,
}

/// What a booking has come to. A new one is [`Self::Booked`]; the other three are final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BookingState {
    /// It holds a place; the person is expected.
    Booked,
    /// The person came.
    CheckedIn,
    /// It was cancelled in time, or the person was erased; its place is free again.
    Cancelled,
    /// The person did not come.
    NoShow,
}

/// What happens to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookingEvent {
    /// The person cancels.
    Cancel,
    /// The desk sees the person.
    CheckIn,
    /// The desk writes down that the person did not come.
    MissIt,
}

impl BookingState {
    /// The state after an event; none when this state does not allow it.
    #[must_use]
    pub fn after(self, event: BookingEvent) -> Option<Self> {
        match (self, event) {
            (Self::Booked, BookingEvent::Cancel) => Some(Self::Cancelled),
            (Self::Booked, BookingEvent::CheckIn) => Some(Self::CheckedIn),
            (Self::Booked, BookingEvent::MissIt) => Some(Self::NoShow),
            (Self::CheckedIn | Self::Cancelled | Self::NoShow, _) => None,
        }
    }

    /// Whether a place of the slot is taken by it.
    #[must_use]
    pub fn takes_place(self) -> bool {
        self != Self::Cancelled
    }

    /// Stable name, kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::CheckedIn => "checked-in",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no-show",
        }
    }
}
