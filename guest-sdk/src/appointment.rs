//! Booking a slot at a service hall (预约) for the signed-in person, for identity-required apps.
//!
//! What halls offer needs no permission. The rest needs `appointment:book` in the manifest and the person's consent; without
//! it, and when nobody is signed in, it is `Denied`. What hall, slot or booking does not allow is a `Conflict` whose text is a
//! stable code: [`Refusal::of`] reads it.
//!
//! ```
//! use yizhan_sdk::appointment::{self, Refusal};
//! use yizhan_sdk::testing::{FakeHost, Persona, hall};
//!
//! let host = FakeHost::new().place(hall("示例大厅", 30.25, 120.17)).slot("hall-示例大厅", "2026-01-06", "09:00", 1);
//! let _host = host.persona(Persona::new("a")).allow_booking().install();
//! let item = "11330100MB1A00002W3000120001000";
//! let slot = &appointment::slots("hall-示例大厅", item, "2026-01-06").unwrap()[0];
//! let booking = appointment::book("hall-示例大厅", item, "2026-01-06", &slot.start, "key-of-this-form").unwrap();
//! let full = appointment::book("hall-示例大厅", item, "2026-01-06", "09:00", "key-of-another").unwrap_err();
//! assert_eq!(Refusal::of(&full), Some(Refusal::BookedAlready));
//! assert_eq!(appointment::cancel(&booking.id).unwrap().state, appointment::BookingState::Cancelled);
//! ```

use crate::host::appointment as host;
use crate::{Error, PageRequest, Result};
use serde::Serialize;

/// A hall where an item can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hall {
    /// Identifier, the same as in [`crate::place`].
    pub id: String,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Its region, 12 digits.
    pub region: String,
    /// Telephone.
    pub phone: String,
    /// The first day with a free place, `YYYY-MM-DD`.
    pub first_free: Option<String>,
}

/// Whether a day can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayStanding {
    /// It has free places.
    Open,
    /// Every place is taken.
    Full,
    /// There are no slots.
    Closed,
}

/// A day at a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// 1 Monday to 7 Sunday.
    pub weekday: u8,
    /// Whether it can be booked.
    pub standing: DayStanding,
    /// Free places over all slots.
    pub left: u32,
    /// Of a closed day: `weekday`, `holiday`, `special` or `unknown-year`, and after a colon the name of the day, if it has one.
    pub reason: String,
}

/// A slot that has not begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slot {
    /// When it begins in China (UTC+8), `HH:MM`.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// Its places.
    pub capacity: u32,
    /// Those that are free.
    pub left: u32,
}

/// What a booking has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BookingState {
    /// It holds a place.
    Booked,
    /// The person came.
    CheckedIn,
    /// It was cancelled in time.
    Cancelled,
    /// The person did not come.
    NoShow,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Booking {
    /// Its id.
    pub id: String,
    /// The hall.
    pub hall: String,
    /// Name of the hall.
    pub hall_name: String,
    /// Address of the hall.
    pub hall_address: String,
    /// The item, 31 characters.
    pub item: String,
    /// Name of the item.
    pub item_name: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// When the slot begins in China, `HH:MM`.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// What it has come to.
    pub state: BookingState,
    /// Until when it can be cancelled, in milliseconds since 1970-01-01T00:00:00Z.
    pub cancel_until_ms: u64,
    /// Whether it can be cancelled now.
    pub can_cancel: bool,
    /// Number to show at the hall, eight digits in two groups.
    pub number: String,
}

/// One page of bookings, latest slot first; it may hold fewer than asked for and still not be the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BookingPage {
    /// The bookings.
    pub bookings: Vec<Booking>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// Why hall, slot or booking do not allow it: the code of a [`Error::Conflict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The item is not done by appointment, not at this hall, or the hall takes no bookings.
    NotOffered,
    /// The hall is closed on that day, or the day cannot be booked yet.
    NoSuchDay,
    /// No slot begins then, or it has begun.
    NoSuchSlot,
    /// Every place is taken.
    Full,
    /// The person has a live booking of the item on that day.
    BookedAlready,
    /// The key made another booking.
    KeyReused,
    /// It is too late to cancel, or the booking has come to an end.
    TooLate,
}

impl Refusal {
    /// The refusal that an error tells; none for every other error.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let Error::Conflict(code) = error else { return None };
        Some(match code.as_str() {
            "not-bookable" | "not-handled" | "no-calendar" => Self::NotOffered,
            "closed-day" | "too-far" | "unknown-year" => Self::NoSuchDay,
            "no-slot" | "past-slot" => Self::NoSuchSlot,
            "slot-full" => Self::Full,
            "booked-already" => Self::BookedAlready,
            "key-reused" => Self::KeyReused,
            "too-late-to-cancel" | "ended" => Self::TooLate,
            _ => return None,
        })
    }
}

/// Halls where the item with this 31-character implementing code can be booked, by name.
pub fn halls(item: &str) -> Result<Vec<Hall>> {
    host::halls(item)
}

/// Days that can be booked for an item at a hall, from today.
pub fn days(hall: &str, item: &str) -> Result<Vec<Day>> {
    host::days(hall, item)
}

/// Slots of a day (`YYYY-MM-DD`) that have not begun, by time; empty on a closed day.
pub fn slots(hall: &str, item: &str, date: &str) -> Result<Vec<Slot>> {
    host::slots(hall, item, date)
}

/// Books a slot for the signed-in person. `key` is the app's own, 8 to 64 visible ASCII characters, for instance a random one in
/// the form: the same key books once, and gives the same booking again.
pub fn book(hall: &str, item: &str, date: &str, start: &str, key: &str) -> Result<Booking> {
    host::book(hall, item, date, start, key)
}

/// Cancels a booking that was made with this app, until its limit.
pub fn cancel(id: &str) -> Result<Booking> {
    host::cancel(id)
}

/// The person's bookings that were made with this app.
pub fn mine(page: &PageRequest) -> Result<BookingPage> {
    host::mine(page)
}

/// The signed token of a live booking, to show as a two-dimensional code at the hall; at most 2 KiB.
pub fn code(id: &str) -> Result<String> {
    host::code(id)
}
