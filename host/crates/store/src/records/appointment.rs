//! Booking (预约): calendars of halls, bookings, and how many places of each slot are taken. A booking names its person by id
//! only.

use super::{RecordPage, StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::appointment::{
    BookingId, BookingNumber, BookingState, DayMinute, HallCalendar, HallId, ItemPlan, NoShowRule, SlotId,
};
use yizhan_domain::authorization::Capacity;
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::{AppId, Date, PersonId, SecretHash, Timestamp};

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingRecord {
    /// Its name.
    pub id: BookingId,
    /// Who comes; none once the person was erased.
    pub person: Option<PersonId>,
    /// For whom the person comes, if for a legal person.
    pub acting_for: Option<Capacity>,
    /// The item.
    pub item: ImplementingCode,
    /// The slot.
    pub slot: SlotId,
    /// When the slot ends.
    pub end: DayMinute,
    /// Number to show at the hall; unique there on that day.
    pub number: BookingNumber,
    /// What it has come to.
    pub state: BookingState,
    /// When it was made.
    pub at: Timestamp,
    /// When its state changed last.
    pub changed: Timestamp,
    /// Until when it can be cancelled, as the hall's rule was when it was made.
    pub cancel_until: Timestamp,
    /// Hash of the client's key; the same key makes one booking.
    pub key: SecretHash,
    /// The app that it was made with; none for the portal.
    pub app: Option<AppId>,
}

impl BookingRecord {
    /// When its slot begins.
    #[must_use]
    pub fn starts(&self) -> Timestamp {
        self.slot.start.on(self.slot.date)
    }

    /// When its slot ends.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.end.on(self.slot.date)
    }
}

/// What [`AppointmentStore::book_slot`] takes its decision by: read before, and still so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotTerms {
    /// Places of the slot.
    pub capacity: u32,
    /// The hall's rule.
    pub no_show: NoShowRule,
    /// Revision of the hall's calendar that both come from.
    pub calendar_revision: u64,
    /// Revision of the item's own plan; 0 when it has none.
    pub plan_revision: u64,
}

/// Answer of [`AppointmentStore::book_slot`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookingAnswer {
    /// It holds a place now.
    Booked,
    /// The key made this booking before, for the same person, item and slot; as it stands now.
    Again(Box<BookingRecord>),
    /// The key made another booking before.
    KeyReused,
    /// Calendar or plan changed since they were read.
    Stale,
    /// The person, acting for the same, has this live booking of the item on that day.
    Twice(BookingId),
    /// Too many missed slots; no booking at this hall before that moment.
    Paused(Timestamp),
    /// Every place is taken.
    Full,
    /// Another booking of the hall has the number on that day.
    NumberTaken,
    /// The person was erased.
    Erased,
}

/// Answer of a change of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookingChange {
    /// Done; as it stands now.
    Done(Box<BookingRecord>),
    /// Its state does not allow it.
    Refused(BookingState),
    /// It could be cancelled until that moment.
    TooLate(Timestamp),
    /// There is no such booking of this person, or at this hall.
    Missing,
}

/// Calendars of halls and bookings.
pub trait AppointmentStore: Send + Sync {
    /// Keeps the calendar of a hall under the next revision; false when the one kept has another revision than `calendar`.
    fn put_calendar(&self, calendar: HallCalendar, trail: Trail) -> StoreFuture<'_, bool>;

    /// The calendar of a hall.
    fn find_calendar<'a>(&'a self, hall: &'a HallId) -> StoreFuture<'a, Option<HallCalendar>>;

    /// Every calendar, in order of halls.
    fn list_calendars(&self) -> StoreFuture<'_, Vec<HallCalendar>>;

    /// Keeps an item's own slots at a hall under the next revision; false when the one kept has another revision than `plan`.
    fn put_item_plan(&self, plan: ItemPlan, trail: Trail) -> StoreFuture<'_, bool>;

    /// Removes an item's own slots: from then on it shares the hall's. What was booked stays. False when there are none.
    fn remove_item_plan<'a>(
        &'a self,
        hall: &'a HallId,
        item: &'a ImplementingCode,
        trail: Trail,
    ) -> StoreFuture<'a, bool>;

    /// An item's own slots at a hall.
    fn find_item_plan<'a>(&'a self, hall: &'a HallId, item: &'a ImplementingCode) -> StoreFuture<'a, Option<ItemPlan>>;

    /// Items that have slots of their own at a hall, in order of codes.
    fn list_item_plans<'a>(&'a self, hall: &'a HallId) -> StoreFuture<'a, Vec<ItemPlan>>;

    /// How many places of each slot of a pool are taken on a day, by time; slots without a booking are left out.
    fn list_taken<'a>(
        &'a self,
        hall: &'a HallId,
        pool: Option<&'a ImplementingCode>,
        date: Date,
    ) -> StoreFuture<'a, Vec<(DayMinute, u32)>>;

    /// Books a place: never more than the slot has, one live booking per person (and whom they act for), item and day, none
    /// while the person is paused, one per key. Of racing callers each gets its own answer.
    fn book_slot(&self, booking: BookingRecord, terms: SlotTerms, trail: Trail) -> StoreFuture<'_, BookingAnswer>;

    /// Cancels a booking of the person in time; its place is free again.
    fn cancel_booking<'a>(
        &'a self,
        id: &'a BookingId,
        person: &'a PersonId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange>;

    /// The person came to the hall.
    fn check_in<'a>(
        &'a self,
        id: &'a BookingId,
        hall: &'a HallId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange>;

    /// The person did not come to the hall; it counts for the hall's rule.
    fn mark_no_show<'a>(
        &'a self,
        id: &'a BookingId,
        hall: &'a HallId,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, BookingChange>;

    /// The booking with this id.
    fn find_booking<'a>(&'a self, id: &'a BookingId) -> StoreFuture<'a, Option<BookingRecord>>;

    /// The booking of a hall and day with this number.
    fn find_booking_by_number<'a>(
        &'a self,
        hall: &'a HallId,
        date: Date,
        number: &'a BookingNumber,
    ) -> StoreFuture<'a, Option<BookingRecord>>;

    /// Bookings of a person, latest slot first, at most `limit` (1 to 100).
    fn list_bookings<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<BookingRecord>>;

    /// Bookings of a hall on a day, by time, at most `limit` (1 to 100).
    fn list_hall_bookings<'a>(
        &'a self,
        hall: &'a HallId,
        date: Date,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<BookingRecord>>;

    /// When the slots began that a person missed at a hall; at most the newest ten are remembered.
    fn list_missed<'a>(&'a self, person: &'a PersonId, hall: &'a HallId) -> StoreFuture<'a, Vec<Timestamp>>;
}
