//! What halls offer for an item: halls, days, slots with the places that are left. Needs no permission.

use super::{AppointmentError, Appointments};
use crate::app::NoApps;
use crate::catalog::Item;
use crate::place::{Place, PlaceKind};
use crate::{PageRequest, SupportError};
use std::collections::BTreeMap;
use yizhan_domain::appointment::{Closure, DayMinute, DayPlan, HallCalendar, HallId, ItemPlan, SlotTime};
use yizhan_domain::calendar::CalendarError;
use yizhan_domain::code::{ImplementingCode, RegionCode};
use yizhan_domain::geo::Datum;
use yizhan_domain::{Calendar, Context, Date};

/// A hall where the item can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookableHall {
    /// Its name in addresses.
    pub id: HallId,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Its region.
    pub region: RegionCode,
    /// Telephone.
    pub phone: String,
    /// The first day with a free place; none within the days that can be booked.
    pub first_free: Option<Date>,
    /// Whether its calendar ships with the product to try it out.
    pub sample: bool,
}

/// A day at a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which day.
    pub date: Date,
    /// 1 Monday to 7 Sunday.
    pub weekday: u8,
    /// Whether it can be booked.
    pub standing: DayStanding,
}

/// Whether a day can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayStanding {
    /// It has free places.
    Open {
        /// How many, over all slots.
        left: u32,
    },
    /// Every place is taken.
    Full,
    /// There are no slots.
    Closed {
        /// Why.
        reason: ClosedReason,
        /// Name of the holiday or special day; else empty.
        name: String,
    },
}

/// Why there are no slots on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedReason {
    /// Nothing on this weekday.
    Weekday,
    /// A public holiday.
    Holiday,
    /// A special day of the hall or the item.
    Special,
    /// The holidays of that year are not known yet.
    UnknownYear,
}

/// A slot that has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub start: DayMinute,
    /// When it ends.
    pub end: DayMinute,
    /// Its places.
    pub capacity: u32,
    /// Those that are free.
    pub left: u32,
}

/// An item at a hall, and the slots that count for it.
pub(super) struct Offer {
    pub(super) place: Place,
    pub(super) item: Item,
    pub(super) calendar: HallCalendar,
    pub(super) own: Option<ItemPlan>,
}

impl Offer {
    /// What is offered for the item at the hall.
    pub(super) async fn find(
        context: &Context,
        desk: &Appointments,
        hall: &str,
        item: &str,
    ) -> Result<Self, AppointmentError> {
        let item = bookable_item(context, desk, item)?;
        let place = hall_of(context, desk, hall)?;
        if !handled_at(context, desk, &item.summary.code)?.iter().any(|other| other.id == place.id) {
            return Err(AppointmentError::NotHandled);
        }
        Self::at(desk, place, item).await?.ok_or(AppointmentError::NoCalendar)
    }

    async fn at(desk: &Appointments, place: Place, item: Item) -> Result<Option<Self>, AppointmentError> {
        let hall = hall_id(&place)?;
        let Some(calendar) = desk.store().find_calendar(&hall).await? else { return Ok(None) };
        let own = desk.store().find_item_plan(&hall, &item.summary.code).await?;
        Ok(Some(Self { place, item, calendar, own }))
    }

    /// The item whose own slots count; none for the hall's.
    pub(super) fn pool(&self) -> Option<&ImplementingCode> {
        self.own.as_ref().map(|own| &own.item)
    }

    /// The last day that can be booked.
    pub(super) fn last_day(&self, context: &Context) -> Date {
        Date::in_china(context.now).plus_days(self.calendar.days_ahead.into())
    }

    pub(super) fn day(&self, date: Date, holidays: &Calendar) -> Result<DayPlan, CalendarError> {
        self.calendar.day(self.own.as_ref(), date, holidays)
    }

    /// Slots of a day that have not begun, with what is left of them.
    async fn free(
        &self,
        context: &Context,
        desk: &Appointments,
        date: Date,
        slots: &[SlotTime],
    ) -> Result<Vec<Slot>, AppointmentError> {
        let taken = desk.store().list_taken(&self.calendar.hall, self.pool(), date).await?;
        let taken: BTreeMap<DayMinute, u32> = taken.into_iter().collect();
        let ahead = slots.iter().filter(|slot| slot.start.on(date) > context.now);
        let slot = |slot: &SlotTime| Slot {
            start: slot.start,
            end: slot.end,
            capacity: slot.capacity,
            left: slot.capacity.saturating_sub(taken.get(&slot.start).copied().unwrap_or(0)),
        };
        Ok(ahead.map(slot).collect())
    }

    /// How a day stands; none when each of its slots has begun.
    async fn standing(
        &self,
        context: &Context,
        desk: &Appointments,
        date: Date,
        holidays: &Calendar,
    ) -> Result<Option<DayStanding>, AppointmentError> {
        let slots = match self.day(date, holidays) {
            Ok(DayPlan::Open(slots)) => slots,
            Ok(DayPlan::Closed(why, name)) => return Ok(Some(DayStanding::Closed { reason: why.into(), name })),
            Err(CalendarError::UnknownYear { .. }) => {
                return Ok(Some(DayStanding::Closed { reason: ClosedReason::UnknownYear, name: String::new() }));
            }
            Err(error) => return Err(error.into()),
        };
        let slots = self.free(context, desk, date, &slots).await?;
        let left = slots.iter().map(|slot| slot.left).sum();
        Ok(match (slots.is_empty(), left) {
            (true, _) => None,
            (false, 0) => Some(DayStanding::Full),
            (false, left) => Some(DayStanding::Open { left }),
        })
    }
}

impl From<Closure> for ClosedReason {
    fn from(closure: Closure) -> Self {
        match closure {
            Closure::Weekday => Self::Weekday,
            Closure::Holiday => Self::Holiday,
            Closure::Special => Self::Special,
        }
    }
}

/// Halls where an item can be booked, by name.
///
/// # Errors
/// [`AppointmentError::UnknownItem`], [`AppointmentError::NotBookable`], or the store's.
pub async fn list_halls(
    context: &Context,
    desk: &Appointments,
    item: &str,
) -> Result<Vec<BookableHall>, AppointmentError> {
    let item = bookable_item(context, desk, item)?;
    let holidays = desk.places.working_days().calendar();
    let mut halls = Vec::new();
    for place in handled_at(context, desk, &item.summary.code)? {
        if place.kind != PlaceKind::Hall {
            continue;
        }
        let Some(offer) = Offer::at(desk, place, item.clone()).await? else { continue };
        let mut first_free = None;
        for date in days(context, &offer) {
            if let Some(DayStanding::Open { .. }) = offer.standing(context, desk, date, &holidays).await? {
                first_free = Some(date);
                break;
            }
        }
        let Offer { place, calendar, .. } = offer;
        let Place { name, address, region, phone, .. } = place;
        halls.push(BookableHall {
            id: calendar.hall,
            name,
            address,
            region,
            phone,
            first_free,
            sample: calendar.sample,
        });
    }
    Ok(halls)
}

/// The days that can be booked for an item at a hall, from today; days whose slots have all begun are left out.
///
/// # Errors
/// Whatever is unknown of hall and item, or the store's.
pub async fn list_days(
    context: &Context,
    desk: &Appointments,
    hall: &str,
    item: &str,
) -> Result<Vec<Day>, AppointmentError> {
    let offer = Offer::find(context, desk, hall, item).await?;
    let holidays = desk.places.working_days().calendar();
    let mut list = Vec::new();
    for date in days(context, &offer) {
        if let Some(standing) = offer.standing(context, desk, date, &holidays).await? {
            list.push(Day { date, weekday: date.weekday(), standing });
        }
    }
    Ok(list)
}

/// Slots of an item at a hall on a day that have not begun, by time; empty on a closed day.
///
/// # Errors
/// Whatever is unknown of hall and item, [`AppointmentError::TooFar`], [`AppointmentError::UnknownYear`], or the store's.
pub async fn list_slots(
    context: &Context,
    desk: &Appointments,
    hall: &str,
    item: &str,
    date: Date,
) -> Result<Vec<Slot>, AppointmentError> {
    let offer = Offer::find(context, desk, hall, item).await?;
    let last = offer.last_day(context);
    if date > last {
        return Err(AppointmentError::TooFar { last });
    }
    match offer.day(date, &desk.places.working_days().calendar())? {
        DayPlan::Open(slots) => offer.free(context, desk, date, &slots).await,
        DayPlan::Closed(..) => Ok(Vec::new()),
    }
}

fn days(context: &Context, offer: &Offer) -> impl Iterator<Item = Date> + use<> {
    let today = Date::in_china(context.now);
    (0..=i64::from(offer.calendar.days_ahead)).map(move |days| today.plus_days(days))
}

fn bookable_item(context: &Context, desk: &Appointments, code: &str) -> Result<Item, AppointmentError> {
    match find_item(context, desk, code)? {
        Some(item) if item.bookable => Ok(item),
        Some(_) => Err(AppointmentError::NotBookable),
        None => Err(AppointmentError::UnknownItem),
    }
}

pub(super) fn find_item(context: &Context, desk: &Appointments, code: &str) -> Result<Option<Item>, AppointmentError> {
    desk.catalog.find_item(context, code, &NoApps).map_err(unsupported)
}

/// The place with this name, if it is a hall.
pub(super) fn hall_of(context: &Context, desk: &Appointments, id: &str) -> Result<Place, AppointmentError> {
    let place = desk.places.find(context, id, Datum::Wgs84).filter(|place| place.kind == PlaceKind::Hall);
    place.ok_or(AppointmentError::UnknownHall)
}

pub(super) fn hall_id(place: &Place) -> Result<HallId, AppointmentError> {
    HallId::new(place.id.as_str()).map_err(|_| AppointmentError::UnknownHall)
}

fn handled_at(context: &Context, desk: &Appointments, item: &ImplementingCode) -> Result<Vec<Place>, AppointmentError> {
    let (mut all, mut page) = (Vec::new(), PageRequest::first(100));
    loop {
        let found = desk.places.for_item(context, item.as_str(), Datum::Wgs84, &page).map_err(unsupported)?;
        all.extend(found.places);
        match found.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(all),
        }
    }
}

fn unsupported(error: SupportError) -> AppointmentError {
    match error {
        SupportError::Invalid { what } => AppointmentError::Invalid(what),
        _ => AppointmentError::Unavailable(None),
    }
}
