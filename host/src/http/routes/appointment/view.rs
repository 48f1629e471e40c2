//! What booking answers with as JSON; `http/openapi.rs` takes the schemas.

use crate::http::pages::rfc3339;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use yizhan_support::appointment::{BookableHall, Booking, BookingPage, ClosedReason, Day, DayStanding, Slot};

/// A hall where the item can be booked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct HallView {
    /// Its name in addresses.
    id: String,
    /// Name.
    name: String,
    /// Address.
    address: String,
    /// Its region, 12 digits.
    region: String,
    /// Telephone.
    phone: String,
    /// The first day with a free place, `YYYY-MM-DD`.
    first_free: Option<String>,
    /// Whether its calendar ships with the product to try it out.
    sample: bool,
}

/// A day at a hall.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DayView {
    /// `YYYY-MM-DD`.
    date: String,
    /// 1 Monday to 7 Sunday.
    weekday: u8,
    /// `open`, `full` or `closed`.
    standing: &'static str,
    /// Free places over all slots.
    left: u32,
    /// Why it is closed: `weekday`, `holiday`, `special` or `unknown-year`.
    reason: Option<&'static str>,
    /// Name of the holiday or special day.
    name: Option<String>,
}

/// A slot that has not begun.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SlotView {
    /// When it begins in China, `HH:MM`.
    start: String,
    /// When it ends.
    end: String,
    /// Its places.
    capacity: u32,
    /// Those that are free.
    left: u32,
}

/// What is to be booked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedSlot {
    /// The hall.
    pub(super) hall: String,
    /// The item, 31 characters.
    pub(super) item: String,
    /// The day, `YYYY-MM-DD`.
    pub(super) date: String,
    /// When the slot begins, `HH:MM`.
    pub(super) start: String,
    /// A key of the client's own, 8 to 64 visible ASCII characters: the same key books once.
    pub(super) key: String,
}

/// A booking of the person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OneBooking {
    /// Its id.
    id: String,
    /// The hall.
    hall: String,
    /// Name of the hall.
    hall_name: String,
    /// Address of the hall.
    hall_address: String,
    /// The item, 31 characters.
    item: String,
    /// Name of the item.
    item_name: String,
    /// The day, `YYYY-MM-DD`.
    date: String,
    /// When the slot begins in China, `HH:MM`.
    start: String,
    /// When it ends.
    end: String,
    /// `booked`, `checked-in`, `cancelled` or `no-show`.
    state: &'static str,
    /// Until when it can be cancelled, RFC 3339.
    cancel_until: String,
    /// Whether it can be cancelled now.
    can_cancel: bool,
    /// When it was made, RFC 3339.
    made: String,
    /// Number to show at the hall.
    number: String,
    /// The app that it was made with; none for the portal.
    app: Option<String>,
}

/// A booking that was made.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Made {
    /// Whether the key had made it before.
    pub(super) again: bool,
    /// As it stands now.
    pub(super) booking: OneBooking,
}

/// One page of bookings, latest slot first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Bookings {
    /// The bookings.
    entries: Vec<OneBooking>,
    /// Cursor of the next page.
    next: Option<String>,
}

/// What is shown at the hall.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Code {
    /// Eight digits in two groups.
    pub(super) number: String,
    /// The signed token: `docs/booking-code.md`.
    pub(super) token: String,
}

impl HallView {
    pub(super) fn of(hall: &BookableHall) -> Self {
        Self {
            id: hall.id.to_string(),
            name: hall.name.clone(),
            address: hall.address.clone(),
            region: hall.region.to_string(),
            phone: hall.phone.clone(),
            first_free: hall.first_free.map(|date| date.to_string()),
            sample: hall.sample,
        }
    }
}

impl DayView {
    pub(super) fn of(day: &Day) -> Self {
        let (standing, left, closed) = match &day.standing {
            DayStanding::Open { left } => ("open", *left, None),
            DayStanding::Full => ("full", 0, None),
            DayStanding::Closed { reason, name } => ("closed", 0, Some((reason, name))),
        };
        Self {
            date: day.date.to_string(),
            weekday: day.weekday,
            standing,
            left,
            reason: closed.map(|(reason, _)| match reason {
                ClosedReason::Weekday => "weekday",
                ClosedReason::Holiday => "holiday",
                ClosedReason::Special => "special",
                ClosedReason::UnknownYear => "unknown-year",
            }),
            name: closed.map(|(_, name)| name.clone()).filter(|name| !name.is_empty()),
        }
    }
}

impl SlotView {
    pub(super) fn of(slot: &Slot) -> Self {
        let (start, end) = (slot.start.to_string(), slot.end.to_string());
        Self { start, end, capacity: slot.capacity, left: slot.left }
    }
}

impl OneBooking {
    pub(super) fn of(booking: &Booking) -> Self {
        Self {
            id: booking.id.to_string(),
            hall: booking.hall.to_string(),
            hall_name: booking.hall_name.clone(),
            hall_address: booking.hall_address.clone(),
            item: booking.item.to_string(),
            item_name: booking.item_name.clone(),
            date: booking.date.to_string(),
            start: booking.start.to_string(),
            end: booking.end.to_string(),
            state: booking.state.name(),
            cancel_until: rfc3339(booking.cancel_until),
            can_cancel: booking.can_cancel,
            made: rfc3339(booking.at),
            number: booking.number.clone(),
            app: booking.app.as_ref().map(ToString::to_string),
        }
    }
}

impl Bookings {
    pub(super) fn of(page: &BookingPage) -> Self {
        Self { entries: page.entries.iter().map(OneBooking::of).collect(), next: page.next.clone() }
    }
}
