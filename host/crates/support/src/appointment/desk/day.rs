//! The day at the desk: who is expected, who came, who did not. The desk sees no name: people show their code and their own
//! papers.

use super::super::offer::find_item;
use super::super::{AppointmentError, Appointments, token};
use super::DeskPermit;
use yizhan_domain::appointment::{BookingId, BookingNumber, BookingState, DayMinute};
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::{Context, Date};
use yizhan_store::records::{BookingChange, BookingRecord, Trail};

/// A booking, as the desk sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskBooking {
    /// Its name in addresses.
    pub id: BookingId,
    /// The day.
    pub date: Date,
    /// When the slot begins.
    pub start: DayMinute,
    /// When it ends.
    pub end: DayMinute,
    /// The item.
    pub item: ImplementingCode,
    /// Its name; empty when there is no such item any more.
    pub item_name: String,
    /// Number, eight digits in two groups.
    pub number: String,
    /// Whether the person comes for a legal person.
    pub for_legal_person: bool,
    /// What it has come to.
    pub state: BookingState,
    /// Whether the desk may write down now that the person did not come.
    pub can_miss: bool,
}

/// One page of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPage {
    /// By time.
    pub entries: Vec<DeskBooking>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

impl DeskBooking {
    fn of(context: &Context, desk: &Appointments, record: &BookingRecord) -> Result<Self, AppointmentError> {
        let item = find_item(context, desk, record.item.as_str())?;
        Ok(Self {
            id: record.id.clone(),
            date: record.slot.date,
            start: record.slot.start,
            end: record.end,
            item: record.item.clone(),
            item_name: item.map(|item| item.summary.name).unwrap_or_default(),
            number: record.number.spaced(),
            for_legal_person: record.acting_for.is_some(),
            state: record.state,
            can_miss: record.state == BookingState::Booked && context.now >= record.ends(),
        })
    }
}

/// Bookings of the hall on a day, by time, at most `limit` (1 to 100).
///
/// # Errors
/// [`AppointmentError::Page`], or the store's.
pub async fn list_day(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    date: Date,
    (cursor, limit): (Option<&str>, usize),
) -> Result<DeskPage, AppointmentError> {
    let page = desk.store().list_hall_bookings(&permit.hall, date, cursor, limit).await?;
    let entries: Result<Vec<_>, _> = page.entries.iter().map(|record| DeskBooking::of(context, desk, record)).collect();
    Ok(DeskPage { entries: entries?, next: page.next })
}

/// The booking of a code that somebody shows: the number of a booking of today, with or without spaces, or the signed token.
///
/// # Errors
/// [`AppointmentError::WrongCode`], [`AppointmentError::NotFound`], or that store or keys do not answer.
pub async fn find(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    code: &str,
) -> Result<DeskBooking, AppointmentError> {
    DeskBooking::of(context, desk, &by_code(context, desk, permit, code).await?)
}

async fn by_code(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    code: &str,
) -> Result<BookingRecord, AppointmentError> {
    let code = code.trim();
    let store = desk.store();
    let found = if code.contains('.') {
        store.find_booking(&token::read(context, desk, code).await?).await?
    } else {
        let number: BookingNumber = code.parse().map_err(|_| AppointmentError::WrongCode)?;
        store.find_booking_by_number(&permit.hall, Date::in_china(context.now), &number).await?
    };
    found.filter(|record| record.slot.hall == permit.hall).ok_or(AppointmentError::NotFound)
}

/// Somebody came and showed this code. Works on the day of the booking, at its hall.
///
/// # Errors
/// As [`find`]; [`AppointmentError::NotToday`], [`AppointmentError::Ended`]. Refusals are audited.
pub async fn check_in(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    code: &str,
) -> Result<DeskBooking, AppointmentError> {
    let done = async {
        let record = by_code(context, desk, permit, code).await?;
        if record.slot.date != Date::in_china(context.now) {
            return Err(AppointmentError::NotToday { date: record.slot.date });
        }
        let trail = Trail::of(permit.record(context, "booking.checked-in", "ok").with("booking", &record.id));
        changed(context, desk, desk.store().check_in(&record.id, &permit.hall, context.now, trail).await?)
    };
    audited(context, desk, permit, "booking.checked-in", done.await).await
}

/// Somebody did not come. Works once the slot has ended.
///
/// # Errors
/// [`AppointmentError::NotFound`], [`AppointmentError::NotOver`], [`AppointmentError::Ended`], or the store's. Refusals are
/// audited.
pub async fn no_show(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    id: &BookingId,
) -> Result<DeskBooking, AppointmentError> {
    let done = async {
        let found = desk.store().find_booking(id).await?.filter(|record| record.slot.hall == permit.hall);
        let record = found.ok_or(AppointmentError::NotFound)?;
        if context.now < record.ends() {
            return Err(AppointmentError::NotOver);
        }
        let trail = Trail::of(permit.record(context, "booking.missed", "ok").with("booking", id));
        changed(context, desk, desk.store().mark_no_show(id, &permit.hall, context.now, trail).await?)
    };
    audited(context, desk, permit, "booking.missed", done.await).await
}

fn changed(context: &Context, desk: &Appointments, change: BookingChange) -> Result<DeskBooking, AppointmentError> {
    match change {
        BookingChange::Done(record) => DeskBooking::of(context, desk, &record),
        BookingChange::Refused(state) => Err(AppointmentError::Ended(state)),
        BookingChange::TooLate(until) => Err(AppointmentError::TooLateToCancel { until }),
        BookingChange::Missing => Err(AppointmentError::NotFound),
    }
}

/// Writes a refusal down.
async fn audited(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    action: &str,
    done: Result<DeskBooking, AppointmentError>,
) -> Result<DeskBooking, AppointmentError> {
    match &done {
        Err(AppointmentError::Unavailable(_)) | Ok(_) => {}
        Err(error) => desk.note(permit.record(context, action, error.code())).await?,
    }
    done
}
