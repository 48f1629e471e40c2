//! A made-up hall with slots at nine and ten, and bookings there. Also the bed of the crash suite.

use crate::records::sample::{NOW, hash, id, none};
use yizhan_domain::appointment::*;
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::{Date, Timestamp};
use yizhan_store::records::*;

pub(crate) const DAY_MS: u64 = 24 * 3_600_000;

pub(crate) fn hall() -> HallId {
    HallId::new("test-hall").expect("hall")
}

pub(crate) fn item(last: u32) -> ImplementingCode {
    format!("91350100M000100Y433002001001{last:03}").parse().expect("item code")
}

/// Tomorrow, seen from the tests' now.
pub(crate) fn tomorrow() -> Date {
    Date::in_china(NOW).plus_days(1)
}

pub(crate) fn minute(text: &str) -> DayMinute {
    text.parse().expect("time")
}

pub(crate) fn calendar() -> HallCalendar {
    HallCalendar {
        hall: hall(),
        unit: "91350100M000100Y43".parse().expect("code"),
        plan: SlotPlan::default(),
        days_ahead: 30,
        cancel_minutes: 60,
        no_show: NoShowRule { count: 2, window_days: 30, pause_days: 7 },
        sample: false,
        revision: 0,
    }
}

/// Terms of a slot while the calendar is as [`open_hall`] leaves it.
pub(crate) fn terms(capacity: u32) -> SlotTerms {
    SlotTerms { capacity, no_show: calendar().no_show, calendar_revision: 1, plan_revision: 0 }
}

pub(crate) async fn open_hall<S: AppointmentStore + ?Sized>(store: &S) {
    assert!(store.put_calendar(calendar(), none()).await.expect("calendar"));
}

/// A booking of item 1 at nine tomorrow. Its name gives id, number and key.
pub(crate) fn booking(name: &str, person: &str) -> BookingRecord {
    let slot = SlotId { hall: hall(), pool: None, date: tomorrow(), start: minute("09:00") };
    let bits = name.bytes().fold(7u32, |bits, byte| bits.wrapping_mul(31).wrapping_add(byte.into()));
    BookingRecord {
        id: BookingId(name.to_owned()),
        person: Some(id(person)),
        acting_for: None,
        item: item(1),
        cancel_until: Timestamp(slot.start.on(slot.date).0 - 3_600_000),
        slot,
        end: minute("10:00"),
        number: BookingNumber::of_random(bits),
        state: BookingState::Booked,
        at: NOW,
        changed: NOW,
        key: hash(&format!("key {name}")),
        app: None,
    }
}

/// The same at another time.
pub(crate) fn at(mut booking: BookingRecord, start: &str) -> BookingRecord {
    booking.slot.start = minute(start);
    booking
}

/// Places that are taken tomorrow at nine.
pub(crate) async fn taken<S: AppointmentStore + ?Sized>(store: &S) -> u32 {
    let taken = store.list_taken(&hall(), None, tomorrow()).await.expect("taken");
    taken.iter().find(|(start, _)| *start == minute("09:00")).map_or(0, |(_, count)| *count)
}
