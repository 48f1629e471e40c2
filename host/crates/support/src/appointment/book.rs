//! Booking a slot, and cancelling it.

use super::offer::Offer;
use super::own::{Booking, owned};
use super::{AppointmentError, Appointments, Booker, random};
use crate::catalog::Audience;
use sha2::{Digest as _, Sha256};
use yizhan_domain::appointment::{BookingId, BookingState, DayMinute, DayPlan, SlotId, SlotTime};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, Date, SecretHash, Timestamp};
use yizhan_store::records::{BookingAnswer, BookingChange, BookingRecord, SlotTerms, Trail};

/// Fewest and most characters of a client's key.
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 8..=64;
/// How often a booking is tried anew when the calendar changed or the number was taken meanwhile.
const TRIES: usize = 8;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookForm {
    /// The hall.
    pub hall: String,
    /// The item, 31 characters.
    pub item: String,
    /// The day.
    pub date: Date,
    /// When the slot begins.
    pub start: DayMinute,
    /// The client's key, [`KEY_BYTES`] visible ASCII characters: the same key books once, however often it is sent.
    pub key: String,
}

/// A booking that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// As it stands now.
    pub booking: Booking,
    /// Whether the key had made it before.
    pub again: bool,
}

/// Books a slot.
///
/// # Errors
/// Every refusal of item, hall, day, slot, person and key, or the store's. That the person may not book (assurance, kind,
/// pause) is audited.
pub async fn book(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    form: &BookForm,
) -> Result<Booked, AppointmentError> {
    let booked = try_book(context, desk, booker, form).await;
    if let Err(
        error @ (AppointmentError::AssuranceTooLow
        | AppointmentError::WrongPersonKind
        | AppointmentError::Paused { .. }),
    ) = &booked
    {
        let hall: String = form.hall.chars().take(64).collect();
        desk.note(booker.record(context, "booking.made", error.code()).with("hall", hall)).await?;
    }
    booked
}

async fn try_book(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    form: &BookForm,
) -> Result<Booked, AppointmentError> {
    let key = key_hash(booker, &form.key)?;
    for _ in 0..TRIES {
        let offer = Offer::find(context, desk, &form.hall, &form.item).await?;
        may_book(booker, &offer)?;
        let slot = find_slot(context, desk, &offer, form)?;
        let record = record(context, booker, (&offer, slot), form.date, key)?;
        let terms = SlotTerms {
            capacity: slot.capacity,
            no_show: offer.calendar.no_show,
            calendar_revision: offer.calendar.revision,
            plan_revision: offer.own.as_ref().map_or(0, |own| own.revision),
        };
        let trail = booker
            .record(context, "booking.made", "ok")
            .with("booking", &record.id)
            .with("hall", &record.slot.hall)
            .with("item", &record.item);
        let (record, again) = match desk.store().book_slot(record.clone(), terms, Trail::of(trail)).await? {
            BookingAnswer::Booked => (record, false),
            BookingAnswer::Again(before) => (*before, true),
            BookingAnswer::Stale | BookingAnswer::NumberTaken => continue,
            BookingAnswer::Full => return Err(AppointmentError::SlotFull),
            BookingAnswer::KeyReused => return Err(AppointmentError::KeyReused),
            BookingAnswer::Twice(booking) => return Err(AppointmentError::BookedAlready { booking }),
            BookingAnswer::Paused(until) => return Err(AppointmentError::Paused { until }),
            BookingAnswer::Erased => return Err(AppointmentError::NotFound),
        };
        return Ok(Booked { booking: Booking::of(context, desk, &record)?, again });
    }
    Err(AppointmentError::Unavailable(None))
}

/// The key counts for a person and the app that sent it.
fn key_hash(booker: &Booker, key: &str) -> Result<SecretHash, AppointmentError> {
    if !KEY_BYTES.contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AppointmentError::Invalid("the key has 8 to 64 visible ASCII characters".to_owned()));
    }
    let app = booker.app.as_ref().map_or("", |app| app.as_str());
    Ok(SecretHash(Sha256::digest(format!("booking\0{app}\0{key}")).into()))
}

/// Whether the person may book the item at all.
fn may_book(booker: &Booker, offer: &Offer) -> Result<(), AppointmentError> {
    if booker.assurance < Assurance::RealName {
        return Err(AppointmentError::AssuranceTooLow);
    }
    match (offer.item.summary.audience, &booker.acting_for) {
        (Audience::All, _) | (Audience::NaturalPerson, None) | (Audience::LegalPerson, Some(_)) => Ok(()),
        (Audience::NaturalPerson, Some(_)) | (Audience::LegalPerson, None) => Err(AppointmentError::WrongPersonKind),
    }
}

/// The slot that begins then, if it can still be booked.
fn find_slot(
    context: &Context,
    desk: &Appointments,
    offer: &Offer,
    form: &BookForm,
) -> Result<SlotTime, AppointmentError> {
    let last = offer.last_day(context);
    if form.date > last {
        return Err(AppointmentError::TooFar { last });
    }
    if form.start.on(form.date) <= context.now {
        return Err(AppointmentError::PastSlot);
    }
    match offer.day(form.date, &desk.places.working_days().calendar())? {
        DayPlan::Open(slots) => slots.into_iter().find(|slot| slot.start == form.start).ok_or(AppointmentError::NoSlot),
        DayPlan::Closed(..) => Err(AppointmentError::ClosedDay),
    }
}

fn record(
    context: &Context,
    booker: &Booker,
    (offer, slot): (&Offer, SlotTime),
    date: Date,
    key: SecretHash,
) -> Result<BookingRecord, AppointmentError> {
    let cancel_ms = u64::from(offer.calendar.cancel_minutes) * 60_000;
    Ok(BookingRecord {
        id: random::id()?,
        person: Some(booker.person.clone()),
        acting_for: booker.acting_for.clone(),
        item: offer.item.summary.code.clone(),
        slot: SlotId { hall: offer.calendar.hall.clone(), pool: offer.pool().cloned(), date, start: slot.start },
        end: slot.end,
        number: random::number()?,
        state: BookingState::Booked,
        at: context.now,
        changed: context.now,
        cancel_until: Timestamp(slot.start.on(date).0.saturating_sub(cancel_ms)),
        key,
        app: booker.app.clone(),
    })
}

/// Cancels a booking of the person, in time; its place is free again.
///
/// # Errors
/// [`AppointmentError::NotFound`], [`AppointmentError::TooLateToCancel`], [`AppointmentError::Ended`], or the store's.
pub async fn cancel(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    id: &BookingId,
) -> Result<Booking, AppointmentError> {
    owned(desk, booker, id).await?.ok_or(AppointmentError::NotFound)?;
    let trail = Trail::of(booker.record(context, "booking.cancelled", "ok").with("booking", id));
    match desk.store().cancel_booking(id, &booker.person, context.now, trail).await? {
        BookingChange::Done(record) => Booking::of(context, desk, &record),
        BookingChange::Refused(state) => Err(AppointmentError::Ended(state)),
        BookingChange::TooLate(until) => Err(AppointmentError::TooLateToCancel { until }),
        BookingChange::Missing => Err(AppointmentError::NotFound),
    }
}
