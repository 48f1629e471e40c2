//! What booking answers, as the guest gets it.

use crate::bindings::appointment as wit;
use yizhan_domain::appointment::BookingState;
use yizhan_support::appointment::{BookableHall, Booking, ClosedReason, Day, DayStanding, Slot};

pub(super) fn hall_out(hall: BookableHall) -> wit::Hall {
    wit::Hall {
        id: hall.id.into(),
        name: hall.name,
        address: hall.address,
        region: hall.region.into(),
        phone: hall.phone,
        first_free: hall.first_free.map(Into::into),
    }
}

pub(super) fn day_out(day: Day) -> wit::Day {
    let (standing, left, reason) = match day.standing {
        DayStanding::Open { left } => (wit::DayStanding::Open, left, String::new()),
        DayStanding::Full => (wit::DayStanding::Full, 0, String::new()),
        DayStanding::Closed { reason, name } => {
            let reason = match reason {
                ClosedReason::Weekday => "weekday",
                ClosedReason::Holiday => "holiday",
                ClosedReason::Special => "special",
                ClosedReason::UnknownYear => "unknown-year",
            };
            let reason = if name.is_empty() { reason.to_owned() } else { format!("{reason}:{name}") };
            (wit::DayStanding::Closed, 0, reason)
        }
    };
    wit::Day { date: day.date.into(), weekday: day.weekday, standing, left, reason }
}

pub(super) fn slot_out(slot: Slot) -> wit::Slot {
    wit::Slot { start: slot.start.into(), end: slot.end.into(), capacity: slot.capacity, left: slot.left }
}

pub(super) fn booking_out(booking: Booking) -> wit::Booking {
    wit::Booking {
        id: booking.id.0,
        hall: booking.hall.into(),
        hall_name: booking.hall_name,
        hall_address: booking.hall_address,
        item: booking.item.into(),
        item_name: booking.item_name,
        date: booking.date.into(),
        start: booking.start.into(),
        end: booking.end.into(),
        state: match booking.state {
            BookingState::Booked => wit::BookingState::Booked,
            BookingState::CheckedIn => wit::BookingState::CheckedIn,
            BookingState::Cancelled => wit::BookingState::Cancelled,
            BookingState::NoShow => wit::BookingState::NoShow,
        },
        cancel_until: booking.cancel_until.0,
        can_cancel: booking.can_cancel,
        number: booking.number,
    }
}
