//! `appointment` of the fake host: slots that the test laid out, bookings of the one person who is signed in.

use super::with;
use crate::appointment::{Booking, BookingPage, BookingState, Day, DayStanding, Hall, Slot};
use crate::{Error, PageRequest, Result};

/// A slot that the test laid out.
#[derive(Debug, Clone)]
pub(super) struct Laid {
    pub(super) hall: String,
    pub(super) date: String,
    pub(super) start: String,
    pub(super) capacity: u32,
}

/// A booking with the key that made it.
#[derive(Debug, Clone)]
pub(super) struct Made {
    key: String,
    booking: Booking,
}

/// Whoever is signed in must have agreed.
fn allowed() -> Result<()> {
    if with(|host| host.persona.is_some() && host.booking_allowed) {
        Ok(())
    } else {
        Err(Error::Denied("appointment:book".to_owned()))
    }
}

fn conflict<T>(code: &str) -> Result<T> {
    Err(Error::Conflict(code.to_owned()))
}

pub(crate) fn halls(item: &str) -> Result<Vec<Hall>> {
    super::catalog::check_code(item)?;
    Ok(with(|host| {
        let offers = |place: &&crate::place::Place| host.slots.iter().any(|slot| slot.hall == place.id);
        let hall = |place: &crate::place::Place| Hall {
            id: place.id.clone(),
            name: place.name.clone(),
            address: place.address.clone(),
            region: place.region.clone(),
            phone: place.phone.clone(),
            first_free: host.slots.iter().filter(|slot| slot.hall == place.id).map(|slot| slot.date.clone()).min(),
        };
        host.places.iter().filter(offers).map(hall).collect()
    }))
}

pub(crate) fn days(hall: &str, item: &str) -> Result<Vec<Day>> {
    super::catalog::check_code(item)?;
    let dates: std::collections::BTreeSet<String> =
        with(|host| host.slots.iter().filter(|slot| slot.hall == hall).map(|slot| slot.date.clone()).collect());
    let day = |date: String| {
        let left = slots(hall, item, &date)?.iter().map(|slot| slot.left).sum();
        let standing = if left > 0 { DayStanding::Open } else { DayStanding::Full };
        Ok(Day { date, weekday: 1, standing, left, reason: String::new() })
    };
    dates.into_iter().map(day).collect()
}

pub(crate) fn slots(hall: &str, item: &str, date: &str) -> Result<Vec<Slot>> {
    super::catalog::check_code(item)?;
    Ok(with(|host| {
        let laid = host.slots.iter().filter(|slot| slot.hall == hall && slot.date == date);
        let slot = |laid: &Laid| {
            let here = |booking: &&Booking| {
                (&*booking.hall, &*booking.date, &*booking.start) == (hall, date, &*laid.start)
                    && booking.state != BookingState::Cancelled
            };
            let taken = host.bookings.iter().map(|made| &made.booking).filter(here).count();
            let left = laid.capacity.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
            Slot { start: laid.start.clone(), end: laid.start.clone(), capacity: laid.capacity, left }
        };
        laid.map(slot).collect()
    }))
}

pub(crate) fn book(hall: &str, item: &str, date: &str, start: &str, key: &str) -> Result<Booking> {
    allowed()?;
    if !(8..=64).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::Invalid("the key has 8 to 64 visible ASCII characters".to_owned()));
    }
    if let Some(before) =
        with(|host| host.bookings.iter().find(|made| made.key == key).map(|made| made.booking.clone()))
    {
        let same = (&*before.hall, &*before.item, &*before.date, &*before.start) == (hall, item, date, start);
        return if same { Ok(before) } else { conflict("key-reused") };
    }
    let Some(slot) = slots(hall, item, date)?.into_iter().find(|slot| slot.start == start) else {
        return conflict("no-slot");
    };
    let live = |made: &Made| {
        let booking = &made.booking;
        booking.state == BookingState::Booked && (&*booking.item, &*booking.date) == (item, date)
    };
    if with(|host| host.bookings.iter().any(live)) {
        return conflict("booked-already");
    }
    if slot.left == 0 {
        return conflict("slot-full");
    }
    Ok(with(|host| {
        let place = host.places.iter().find(|place| place.id == hall);
        let number = host.bookings.len() + 1;
        let booking = Booking {
            id: format!("booking-{number}"),
            hall: hall.to_owned(),
            hall_name: place.map(|place| place.name.clone()).unwrap_or_default(),
            hall_address: place.map(|place| place.address.clone()).unwrap_or_default(),
            item: item.to_owned(),
            item_name: String::new(),
            date: date.to_owned(),
            start: start.to_owned(),
            end: slot.end,
            state: BookingState::Booked,
            cancel_until_ms: host.now_ms + 3_600_000,
            can_cancel: true,
            number: format!("0000 {number:04}"),
        };
        host.bookings.push(Made { key: key.to_owned(), booking: booking.clone() });
        booking
    }))
}

pub(crate) fn cancel(id: &str) -> Result<Booking> {
    allowed()?;
    with(|host| {
        let Some(made) = host.bookings.iter_mut().find(|made| made.booking.id == id) else {
            return Err(Error::NotFound);
        };
        if made.booking.state != BookingState::Booked {
            return conflict("ended");
        }
        (made.booking.state, made.booking.can_cancel) = (BookingState::Cancelled, false);
        Ok(made.booking.clone())
    })
}

pub(crate) fn mine(page: &PageRequest) -> Result<BookingPage> {
    allowed()?;
    let mut all: Vec<Booking> = with(|host| host.bookings.iter().map(|made| made.booking.clone()).collect());
    all.sort_by(|one, other| (&other.date, &other.start).cmp(&(&one.date, &one.start)));
    let (bookings, next) = super::catalog::cut(all, page)?;
    Ok(BookingPage { bookings, next })
}

pub(crate) fn code(id: &str) -> Result<String> {
    allowed()?;
    let found = with(|host| host.bookings.iter().find(|made| made.booking.id == id).map(|made| made.booking.state));
    match found {
        Some(BookingState::Booked) => Ok(format!("token-of-{id}")),
        Some(_) => conflict("ended"),
        None => Err(Error::NotFound),
    }
}
