//! Calendars of halls and the way of a booking; the places that are taken are in `slots`.

mod bookings;
mod slots;

pub(super) use bookings::forget_person;

use super::{Records, key::Key, page::List, value};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{
        AppointmentStore, BookingAnswer, BookingChange, BookingRecord, RecordPage, SlotTerms, StoreFuture, Trail,
    },
};
use serde::de::DeserializeOwned;
use yizhan_domain::appointment::{BookingEvent, BookingId, BookingNumber, DayMinute, HallCalendar, HallId, ItemPlan};
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::{Date, PersonId, Timestamp};

impl<E: Engine> AppointmentStore for Records<E> {
    fn put_calendar(&self, mut calendar: HallCalendar, trail: Trail) -> StoreFuture<'_, bool> {
        self.commit_if(trail, move |step| {
            if revision(find_calendar(step, &calendar.hall)?, |kept| kept.revision) != calendar.revision {
                return Ok(false);
            }
            calendar.revision = calendar.revision.saturating_add(1);
            value::put(step, Table::HallCalendars, calendar.hall.as_str().as_bytes(), &calendar)?;
            Ok(true)
        })
    }

    fn find_calendar<'a>(&'a self, hall: &'a HallId) -> StoreFuture<'a, Option<HallCalendar>> {
        let hall = hall.clone();
        self.engine.read(move |tables| find_calendar(tables, &hall))
    }

    fn list_calendars(&self) -> StoreFuture<'_, Vec<HallCalendar>> {
        let list = List { name: "calendars", table: Table::HallCalendars, prefix: Vec::new() };
        self.engine.read(move |tables| all(tables, &list))
    }

    fn put_item_plan(&self, mut plan: ItemPlan, trail: Trail) -> StoreFuture<'_, bool> {
        self.commit_if(trail, move |step| {
            if revision(find_plan(step, &plan.hall, &plan.item)?, |kept| kept.revision) != plan.revision {
                return Ok(false);
            }
            plan.revision = plan.revision.saturating_add(1);
            value::put(step, Table::ItemPlans, &plan_key(&plan.hall, &plan.item), &plan)?;
            touch_calendar(step, &plan.hall)?;
            Ok(true)
        })
    }

    fn remove_item_plan<'a>(
        &'a self,
        hall: &'a HallId,
        item: &'a ImplementingCode,
        trail: Trail,
    ) -> StoreFuture<'a, bool> {
        let (hall, item) = (hall.clone(), item.clone());
        self.commit_if(trail, move |step| {
            if find_plan(step, &hall, &item)?.is_none() {
                return Ok(false);
            }
            step.delete(Table::ItemPlans, &plan_key(&hall, &item));
            touch_calendar(step, &hall)?;
            Ok(true)
        })
    }

    fn find_item_plan<'a>(&'a self, hall: &'a HallId, item: &'a ImplementingCode) -> StoreFuture<'a, Option<ItemPlan>> {
        let (hall, item) = (hall.clone(), item.clone());
        self.engine.read(move |tables| find_plan(tables, &hall, &item))
    }

    fn list_item_plans<'a>(&'a self, hall: &'a HallId) -> StoreFuture<'a, Vec<ItemPlan>> {
        let prefix = Key::new().text(hall.as_str()).into_bytes();
        let list = List { name: "item plans", table: Table::ItemPlans, prefix };
        self.engine.read(move |tables| all(tables, &list))
    }

    fn list_taken<'a>(
        &'a self,
        hall: &'a HallId,
        pool: Option<&'a ImplementingCode>,
        date: Date,
    ) -> StoreFuture<'a, Vec<(DayMinute, u32)>> {
        let list = slots::of_day(hall, pool, date);
        self.engine.read(move |tables| slots::list_taken(tables, &list))
    }

    fn book_slot(&self, booking: BookingRecord, terms: SlotTerms, trail: Trail) -> StoreFuture<'_, BookingAnswer> {
        self.commit_at(booking.at, move |step| {
            let answer = bookings::book(step, &booking, &terms)?;
            if answer == BookingAnswer::Booked {
                step.trail(trail);
            }
            Ok(answer)
        })
    }

    fn cancel_booking<'a>(
        &'a self,
        id: &'a BookingId,
        person: &'a PersonId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange> {
        let person = person.clone();
        let is_own = move |booking: &BookingRecord| booking.person.as_ref() == Some(&person);
        self.change(id, (BookingEvent::Cancel, now), is_own, trail)
    }

    fn check_in<'a>(
        &'a self,
        id: &'a BookingId,
        hall: &'a HallId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange> {
        let hall = hall.clone();
        self.change(id, (BookingEvent::CheckIn, now), move |booking| booking.slot.hall == hall, trail)
    }

    fn mark_no_show<'a>(
        &'a self,
        id: &'a BookingId,
        hall: &'a HallId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange> {
        let hall = hall.clone();
        self.change(id, (BookingEvent::MissIt, now), move |booking| booking.slot.hall == hall, trail)
    }

    fn find_booking<'a>(&'a self, id: &'a BookingId) -> StoreFuture<'a, Option<BookingRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| bookings::find(tables, &id))
    }

    fn find_booking_by_number<'a>(
        &'a self,
        hall: &'a HallId,
        date: Date,
        number: &'a BookingNumber,
    ) -> StoreFuture<'a, Option<BookingRecord>> {
        let key = bookings::number_key(hall, date, number);
        self.engine.read(move |tables| match tables.get(Table::BookingNumbers, &key)? {
            Some(id) => value::get(tables, Table::Bookings, &id).map(Some),
            None => Ok(None),
        })
    }

    fn list_bookings<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<BookingRecord>> {
        self.page(bookings::of_person(person), cursor, limit)
    }

    fn list_hall_bookings<'a>(
        &'a self,
        hall: &'a HallId,
        date: Date,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<BookingRecord>> {
        self.page(bookings::of_hall(hall, date), cursor, limit)
    }

    fn list_missed<'a>(&'a self, person: &'a PersonId, hall: &'a HallId) -> StoreFuture<'a, Vec<Timestamp>> {
        let key = bookings::missed_key(person, hall);
        self.engine.read(move |tables| Ok(value::find(tables, Table::MissedSlots, &key)?.unwrap_or_default()))
    }
}

#[expect(private_bounds, reason = "as for `Records` itself")]
impl<E: Engine> Records<E> {
    /// Changes the booking with this id, if it is the caller's to change.
    fn change(
        &self,
        id: &BookingId,
        (event, now): (BookingEvent, Timestamp),
        is_own: impl FnOnce(&BookingRecord) -> bool + Send + 'static,
        trail: Trail,
    ) -> StoreFuture<'_, BookingChange> {
        let id = id.clone();
        self.commit_at(now, move |step| {
            let Some(booking) = bookings::find(step, &id)?.filter(is_own) else { return Ok(BookingChange::Missing) };
            let answer = bookings::change(step, booking, event, now)?;
            if let BookingChange::Done(_) = answer {
                step.trail(trail);
            }
            Ok(answer)
        })
    }

    /// A page of a list whose values are ids of bookings.
    fn page<'a>(
        &'a self,
        list: List,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<BookingRecord>> {
        let cursor = cursor.map(str::to_owned);
        self.engine.read(move |tables| {
            list.page(tables, cursor.as_deref(), limit, |tables, (_, id)| {
                value::get(tables, Table::Bookings, &id).map(Some)
            })
        })
    }
}

fn find_calendar(tables: &dyn Tables, hall: &HallId) -> Result<Option<HallCalendar>, StoreError> {
    value::find(tables, Table::HallCalendars, hall.as_str().as_bytes())
}

fn find_plan(tables: &dyn Tables, hall: &HallId, item: &ImplementingCode) -> Result<Option<ItemPlan>, StoreError> {
    value::find(tables, Table::ItemPlans, &plan_key(hall, item))
}

/// A plan that was removed and made again begins at revision 1 again: the calendar's own revision tells them apart.
fn touch_calendar(step: &mut dyn Step, hall: &HallId) -> Result<(), StoreError> {
    let Some(mut calendar) = find_calendar(step, hall)? else { return Ok(()) };
    calendar.revision = calendar.revision.saturating_add(1);
    value::put(step, Table::HallCalendars, hall.as_str().as_bytes(), &calendar)
}

fn plan_key(hall: &HallId, item: &ImplementingCode) -> Vec<u8> {
    Key::new().text(hall.as_str()).last(item.as_str()).into_bytes()
}

fn revision<T>(kept: Option<T>, of: impl FnOnce(&T) -> u64) -> u64 {
    kept.as_ref().map_or(0, of)
}

fn all<T: DeserializeOwned>(tables: &dyn Tables, list: &List) -> Result<Vec<T>, StoreError> {
    let entries = list.all(tables)?.into_iter();
    entries.map(|(rest, bytes)| value::decode(list.table, &rest, &bytes)).collect()
}
