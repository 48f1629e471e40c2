//! `yizhan:app/appointment`.

use super::bindings::yizhan::app::appointment as wit;
use crate::appointment::{Booking, BookingPage, BookingState, Day, DayStanding, Hall, Slot};
use crate::{PageRequest, Result};

pub(crate) fn halls(item: &str) -> Result<Vec<Hall>> {
    Ok(super::list(wit::halls(item)?))
}

pub(crate) fn days(hall: &str, item: &str) -> Result<Vec<Day>> {
    Ok(super::list(wit::days(hall, item)?))
}

pub(crate) fn slots(hall: &str, item: &str, date: &str) -> Result<Vec<Slot>> {
    Ok(super::list(wit::slots(hall, item, date)?))
}

pub(crate) fn book(hall: &str, item: &str, date: &str, start: &str, key: &str) -> Result<Booking> {
    Ok(wit::book(hall, item, date, start, key)?.into())
}

pub(crate) fn cancel(id: &str) -> Result<Booking> {
    Ok(wit::cancel(id)?.into())
}

pub(crate) fn mine(page: &PageRequest) -> Result<BookingPage> {
    let page = wit::mine(&super::page(page))?;
    Ok(BookingPage { bookings: super::list(page.bookings), next: page.next })
}

pub(crate) fn code(id: &str) -> Result<String> {
    Ok(wit::code(id)?)
}

impl From<wit::Hall> for Hall {
    fn from(wit::Hall { id, name, address, region, phone, first_free }: wit::Hall) -> Self {
        Self { id, name, address, region, phone, first_free }
    }
}

impl From<wit::Day> for Day {
    fn from(wit::Day { date, weekday, standing, left, reason }: wit::Day) -> Self {
        let standing = match standing {
            wit::DayStanding::Open => DayStanding::Open,
            wit::DayStanding::Full => DayStanding::Full,
            wit::DayStanding::Closed => DayStanding::Closed,
        };
        Self { date, weekday, standing, left, reason }
    }
}

impl From<wit::Slot> for Slot {
    fn from(wit::Slot { start, end, capacity, left }: wit::Slot) -> Self {
        Self { start, end, capacity, left }
    }
}

impl From<wit::Booking> for Booking {
    fn from(booking: wit::Booking) -> Self {
        Self {
            id: booking.id,
            hall: booking.hall,
            hall_name: booking.hall_name,
            hall_address: booking.hall_address,
            item: booking.item,
            item_name: booking.item_name,
            date: booking.date,
            start: booking.start,
            end: booking.end,
            state: match booking.state {
                wit::BookingState::Booked => BookingState::Booked,
                wit::BookingState::CheckedIn => BookingState::CheckedIn,
                wit::BookingState::Cancelled => BookingState::Cancelled,
                wit::BookingState::NoShow => BookingState::NoShow,
            },
            cancel_until_ms: booking.cancel_until,
            can_cancel: booking.can_cancel,
            number: booking.number,
        }
    }
}
