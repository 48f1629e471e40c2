//! Calendars for the sample halls, so that a demonstration can book at once. Development stores only.

use super::offer::hall_id;
use super::{AppointmentError, Appointments};
use crate::PageRequest;
use crate::place::{Opening, Place, PlaceKind};
use crate::region::upwards;
use yizhan_domain::appointment::{DayMinute, DaySpan, HallCalendar, NoShowRule, SlotPlan};
use yizhan_domain::code::CreditCode;
use yizhan_domain::geo::Datum;
use yizhan_domain::{Context, RequestId};
use yizhan_store::records::{AuditRecord, Trail};

const COUNTRY: &str = "000000000000";

/// Opens every sample hall that has no calendar yet: half-hour slots of eight places within its weekly hours, a week ahead.
/// Marked as sample. Does nothing in a production store, or where an operator imported places. Answers how many were opened.
///
/// # Errors
/// The store's.
pub async fn put_samples(context: &Context, desk: &Appointments) -> Result<usize, AppointmentError> {
    if !desk.provider.is_development() || !desk.places.is_sample() {
        return Ok(0);
    }
    let (mut count, mut page) = (0, PageRequest::first(100));
    loop {
        let found = desk.places.in_region(context, COUNTRY, Datum::Wgs84, &page);
        let found = found.map_err(|_| AppointmentError::Unavailable(None))?;
        for place in found.places.iter().filter(|place| place.kind == PlaceKind::Hall) {
            count += usize::from(put_sample(context, desk, place).await?);
        }
        match found.next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(count),
        }
    }
}

async fn put_sample(context: &Context, desk: &Appointments, place: &Place) -> Result<bool, AppointmentError> {
    let hall = hall_id(place)?;
    let Some(unit) = unit_of(context, desk, place) else { return Ok(false) };
    if desk.store().find_calendar(&hall).await?.is_some() {
        return Ok(false);
    }
    let calendar = HallCalendar {
        hall,
        unit,
        plan: SlotPlan { weekly: std::array::from_fn(|day| spans(&place.hours, day)), special: Vec::new() },
        days_ahead: 14,
        cancel_minutes: 60,
        no_show: NoShowRule { count: 3, window_days: 90, pause_days: 30 },
        sample: true,
        revision: 0,
    };
    let record = AuditRecord::new(RequestId(0), context.now, "system", "hall.calendar-set", "ok");
    let trail = Trail::of(record.with("hall", &calendar.hall).with("sample", true));
    Ok(desk.store().put_calendar(calendar, trail).await?)
}

/// Spans of a day, 0 Monday, from the hall's weekly hours.
fn spans(hours: &[Opening], day: usize) -> Vec<DaySpan> {
    let of_day = hours.iter().filter(|span| usize::from(span.weekday) == day + 1);
    let span = |span: &Opening| {
        let (opens, closes) = (DayMinute::new(span.opens).ok()?, DayMinute::new(span.closes).ok()?);
        let holds_one = opens.plus(30).is_some_and(|end| end <= closes);
        holds_one.then_some(DaySpan { opens, closes, slot_minutes: 30, capacity: 8 })
    };
    of_day.filter_map(span).collect()
}

/// The first unit of the hall's region, else of the nearest one above.
fn unit_of(context: &Context, desk: &Appointments, place: &Place) -> Option<CreditCode> {
    upwards(&place.region).find_map(|region| {
        let units = desk.catalog.list_departments(context, region.as_str()).ok()?;
        units.into_iter().next().map(|unit| unit.credit_code)
    })
}
