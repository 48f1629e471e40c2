//! A person's own bookings, and the code that is shown at the hall.

use super::{AppointmentError, Appointments, Booker, offer, token};
use yizhan_domain::appointment::{BookingId, BookingState, DayMinute, HallId};
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::geo::Datum;
use yizhan_domain::{AppId, Context, Date, Timestamp};
use yizhan_store::records::BookingRecord;

/// A booking, as its person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its name in addresses.
    pub id: BookingId,
    /// The hall.
    pub hall: HallId,
    /// Name of the hall; empty when there is no such place any more.
    pub hall_name: String,
    /// Address of the hall.
    pub hall_address: String,
    /// The item.
    pub item: ImplementingCode,
    /// Name of the item; empty when there is no such item any more.
    pub item_name: String,
    /// The day.
    pub date: Date,
    /// When the slot begins.
    pub start: DayMinute,
    /// When it ends.
    pub end: DayMinute,
    /// What it has come to.
    pub state: BookingState,
    /// Until when it could be cancelled.
    pub cancel_until: Timestamp,
    /// Whether it can be cancelled now.
    pub can_cancel: bool,
    /// When it was made.
    pub at: Timestamp,
    /// When its state changed last.
    pub changed: Timestamp,
    /// Number to show at the hall, eight digits in two groups.
    pub number: String,
    /// The app that it was made with; none for the portal.
    pub app: Option<AppId>,
}

/// One page of bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingPage {
    /// Latest slot first. Of an app's bookings a page may hold fewer than asked for, and still not be the last.
    pub entries: Vec<Booking>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// What is shown at the hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCode {
    /// Eight digits in two groups, to read out or type.
    pub number: String,
    /// The signed token, for a two-dimensional code; `docs/booking-code.md` says how to verify it offline.
    pub token: String,
}

impl Booking {
    pub(super) fn of(context: &Context, desk: &Appointments, record: &BookingRecord) -> Result<Self, AppointmentError> {
        let BookingRecord { slot, .. } = record;
        let place = desk.places.find(context, slot.hall.as_str(), Datum::Wgs84);
        let item = offer::find_item(context, desk, record.item.as_str())?;
        let (hall_name, hall_address) = place.map(|place| (place.name, place.address)).unwrap_or_default();
        Ok(Self {
            id: record.id.clone(),
            hall: slot.hall.clone(),
            hall_name,
            hall_address,
            item: record.item.clone(),
            item_name: item.map(|item| item.summary.name).unwrap_or_default(),
            date: slot.date,
            start: slot.start,
            end: record.end,
            state: record.state,
            cancel_until: record.cancel_until,
            can_cancel: record.state == BookingState::Booked && context.now < record.cancel_until,
            at: record.at,
            changed: record.changed,
            number: record.number.spaced(),
            app: record.app.clone(),
        })
    }
}

/// The person's bookings, latest slot first, at most `limit` (1 to 100). An app gets those that were made with it.
///
/// # Errors
/// [`AppointmentError::Page`], or the store's.
pub async fn list_mine(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    cursor: Option<&str>,
    limit: usize,
) -> Result<BookingPage, AppointmentError> {
    let page = desk.store().list_bookings(&booker.person, cursor, limit).await?;
    let shown = page.entries.iter().filter(|record| is_shown_to(booker, record));
    let entries: Result<Vec<_>, _> = shown.map(|record| Booking::of(context, desk, record)).collect();
    Ok(BookingPage { entries: entries?, next: page.next })
}

/// The person's booking with this id.
///
/// # Errors
/// The store's.
pub async fn find_mine(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    id: &BookingId,
) -> Result<Option<Booking>, AppointmentError> {
    match owned(desk, booker, id).await? {
        Some(record) => Booking::of(context, desk, &record).map(Some),
        None => Ok(None),
    }
}

/// What to show at the hall for a live booking.
///
/// # Errors
/// [`AppointmentError::NotFound`], [`AppointmentError::Ended`], or that store or keys do not answer.
pub async fn show_code(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    id: &BookingId,
) -> Result<ShownCode, AppointmentError> {
    let record = owned(desk, booker, id).await?.ok_or(AppointmentError::NotFound)?;
    if record.state != BookingState::Booked {
        return Err(AppointmentError::Ended(record.state));
    }
    Ok(ShownCode { number: record.number.spaced(), token: token::sign(context, desk, &record).await? })
}

/// The record of a booking, if it is this person's and shown to this app.
pub(super) async fn owned(
    desk: &Appointments,
    booker: &Booker,
    id: &BookingId,
) -> Result<Option<BookingRecord>, AppointmentError> {
    let found = desk.store().find_booking(id).await?;
    let own = |record: &BookingRecord| record.person.as_ref() == Some(&booker.person) && is_shown_to(booker, record);
    Ok(found.filter(own))
}

fn is_shown_to(booker: &Booker, record: &BookingRecord) -> bool {
    booker.app.is_none() || (booker.app == record.app && booker.acting_for == record.acting_for)
}
