//! A booking and everything that points at it: its person, its hall, its number, its key, its slot's count.

use super::{Key, List, revision, slots, value};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
    records::{BookingAnswer, BookingChange, BookingRecord, SlotTerms},
    steps::people,
};
use yizhan_domain::appointment::{BookingEvent, BookingId, BookingNumber, BookingState, HallId, NO_SHOWS_KEPT};
use yizhan_domain::{Date, PersonId, Timestamp};

pub(super) fn find(tables: &dyn Tables, id: &BookingId) -> Result<Option<BookingRecord>, StoreError> {
    value::find(tables, Table::Bookings, id.as_str().as_bytes())
}

pub(super) fn book(
    step: &mut dyn Step,
    booking: &BookingRecord,
    terms: &SlotTerms,
) -> Result<BookingAnswer, StoreError> {
    let Some(person) = &booking.person else { return Ok(BookingAnswer::Erased) };
    if people::is_erased(step, person)? {
        return Ok(BookingAnswer::Erased);
    }
    if let Some(id) = step.get(Table::BookingKeys, &client_key(person, booking))? {
        let before: BookingRecord = value::get(step, Table::Bookings, &id)?;
        return Ok(if is_same(&before, booking) {
            BookingAnswer::Again(Box::new(before))
        } else {
            BookingAnswer::KeyReused
        });
    }
    if !is_current(step, booking, terms)? {
        return Ok(BookingAnswer::Stale);
    }
    if let Some(id) = value::find(step, Table::LiveBookings, &live_key(person, booking))? {
        return Ok(BookingAnswer::Twice(id));
    }
    let missed: Vec<Timestamp> =
        value::find(step, Table::MissedSlots, &missed_key(person, &booking.slot.hall))?.unwrap_or_default();
    if let Some(until) = terms.no_show.paused_until(&missed, booking.at) {
        return Ok(BookingAnswer::Paused(until));
    }
    if step.get(Table::BookingNumbers, &number_key_of(booking))?.is_some() || find(step, &booking.id)?.is_some() {
        return Ok(BookingAnswer::NumberTaken);
    }
    if !slots::take(step, &booking.slot, terms.capacity)? {
        return Ok(BookingAnswer::Full);
    }
    keep(step, person, booking)?;
    Ok(BookingAnswer::Booked)
}

/// Whether calendar and plan are still those that the terms were read from.
fn is_current(tables: &dyn Tables, booking: &BookingRecord, terms: &SlotTerms) -> Result<bool, StoreError> {
    let calendar = revision(super::find_calendar(tables, &booking.slot.hall)?, |kept| kept.revision);
    let plan = revision(super::find_plan(tables, &booking.slot.hall, &booking.item)?, |kept| kept.revision);
    Ok(calendar > 0 && calendar == terms.calendar_revision && plan == terms.plan_revision)
}

fn is_same(before: &BookingRecord, booking: &BookingRecord) -> bool {
    (&before.slot, &before.item, &before.acting_for) == (&booking.slot, &booking.item, &booking.acting_for)
}

fn keep(step: &mut dyn Step, person: &PersonId, booking: &BookingRecord) -> Result<(), StoreError> {
    let id = booking.id.as_str().as_bytes();
    value::put(step, Table::Bookings, id, booking)?;
    value::put_bytes(step, Table::PersonBookings, &person_key(person, booking), id.to_vec())?;
    value::put_bytes(step, Table::HallBookings, &hall_key(booking), id.to_vec())?;
    value::put_bytes(step, Table::BookingNumbers, &number_key_of(booking), id.to_vec())?;
    value::put_bytes(step, Table::BookingKeys, &client_key(person, booking), id.to_vec())?;
    value::put(step, Table::LiveBookings, &live_key(person, booking), &booking.id)
}

/// Carries an event out, if the booking's state and time allow it.
pub(super) fn change(
    step: &mut dyn Step,
    mut booking: BookingRecord,
    event: BookingEvent,
    now: Timestamp,
) -> Result<BookingChange, StoreError> {
    let Some(state) = booking.state.after(event) else { return Ok(BookingChange::Refused(booking.state)) };
    if event == BookingEvent::Cancel && now >= booking.cancel_until {
        return Ok(BookingChange::TooLate(booking.cancel_until));
    }
    enter(step, &mut booking, state, now)?;
    if let (BookingState::NoShow, Some(person)) = (state, &booking.person) {
        let key = missed_key(person, &booking.slot.hall);
        let mut missed: Vec<Timestamp> = value::find(step, Table::MissedSlots, &key)?.unwrap_or_default();
        missed.push(booking.starts());
        missed.sort_unstable();
        missed.drain(..missed.len().saturating_sub(NO_SHOWS_KEPT));
        value::put(step, Table::MissedSlots, &key, &missed)?;
    }
    Ok(BookingChange::Done(Box::new(booking)))
}

/// Puts a live booking into a final state.
fn enter(
    step: &mut dyn Step,
    booking: &mut BookingRecord,
    state: BookingState,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !state.takes_place() {
        slots::free(step, &booking.slot)?;
    }
    if let Some(person) = &booking.person {
        step.delete(Table::LiveBookings, &live_key(person, booking));
    }
    (booking.state, booking.changed) = (state, now);
    value::put(step, Table::Bookings, booking.id.as_str().as_bytes(), booking)
}

/// Cancels what a person who is being erased has booked, and takes the person out of all bookings.
pub(in crate::steps) fn forget_person(
    step: &mut dyn Step,
    person: &PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let list = of_person(person);
    for (rest, id) in list.all(step)? {
        step.delete(list.table, &list.key(&rest));
        let mut booking: BookingRecord = value::get(step, Table::Bookings, &id)?;
        step.delete(Table::BookingKeys, &client_key(person, &booking));
        if booking.state == BookingState::Booked {
            enter(step, &mut booking, BookingState::Cancelled, now)?;
        }
        (booking.person, booking.acting_for) = (None, None);
        value::put(step, Table::Bookings, &id, &booking)?;
    }
    let prefix = Key::new().text(person.as_str()).into_bytes();
    let missed = List { name: "missed slots", table: Table::MissedSlots, prefix };
    for (rest, _) in missed.all(step)? {
        step.delete(missed.table, &missed.key(&rest));
    }
    Ok(())
}

pub(super) fn of_person(person: &PersonId) -> List {
    let prefix = Key::new().text(person.as_str()).into_bytes();
    List { name: "bookings", table: Table::PersonBookings, prefix }
}

fn person_key(person: &PersonId, booking: &BookingRecord) -> Vec<u8> {
    of_person(person).key(&Key::new().newest_first(booking.starts().0).last(booking.id.as_str()).into_bytes())
}

pub(super) fn of_hall(hall: &HallId, date: Date) -> List {
    let prefix = Key::new().text(hall.as_str()).text(&date.to_string()).into_bytes();
    List { name: "bookings of a hall", table: Table::HallBookings, prefix }
}

fn hall_key(booking: &BookingRecord) -> Vec<u8> {
    let rest = Key::new().ascending(booking.slot.start.minutes().into()).last(booking.id.as_str()).into_bytes();
    of_hall(&booking.slot.hall, booking.slot.date).key(&rest)
}

pub(super) fn number_key(hall: &HallId, date: Date, number: &BookingNumber) -> Vec<u8> {
    Key::new().text(hall.as_str()).text(&date.to_string()).last(number.as_str()).into_bytes()
}

fn number_key_of(booking: &BookingRecord) -> Vec<u8> {
    number_key(&booking.slot.hall, booking.slot.date, &booking.number)
}

fn client_key(person: &PersonId, booking: &BookingRecord) -> Vec<u8> {
    Key::new().text(person.as_str()).last(booking.key.0).into_bytes()
}

/// Whoever acts for a legal person books for it, not for oneself.
fn live_key(person: &PersonId, booking: &BookingRecord) -> Vec<u8> {
    let acting_for = booking.acting_for.as_ref().map_or("", |capacity| capacity.uscc.as_str());
    let key = Key::new().text(person.as_str()).text(acting_for).text(booking.item.as_str());
    key.last(booking.slot.date.to_string()).into_bytes()
}

pub(super) fn missed_key(person: &PersonId, hall: &HallId) -> Vec<u8> {
    Key::new().text(person.as_str()).last(hall.as_str()).into_bytes()
}
