//! The desk of a hall: who works at it, and how the hall deals its slots out. The day's bookings are in `day`.

mod day;

pub use day::{DeskBooking, DeskPage, check_in, find, list_day, no_show};

use super::offer::{find_item, hall_id, hall_of};
use super::{AppointmentError, Appointments};
use yizhan_auth::units::{UnitError, hold};
use yizhan_domain::appointment::{HallCalendar, HallId, ItemPlan};
use yizhan_domain::authorization::Role;
use yizhan_domain::code::{CreditCode, ImplementingCode};
use yizhan_domain::geo::Datum;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{AuditRecord, SessionRecord, Trail};

/// Proof that a session may run the desk of one hall. Only [`enter`] makes one.
#[derive(Debug, Clone)]
pub struct DeskPermit {
    person: PersonId,
    hall: HallId,
    hall_name: String,
    operator: bool,
}

impl DeskPermit {
    /// The hall.
    #[must_use]
    pub fn hall(&self) -> &HallId {
        &self.hall
    }

    /// Name of the hall.
    #[must_use]
    pub fn hall_name(&self) -> &str {
        &self.hall_name
    }

    /// Whether it is an operator of the hub, who may give the hall to another unit.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        self.operator
    }

    fn record(&self, context: &Context, action: &str, outcome: &str) -> AuditRecord {
        let actor = format!("person:{}", self.person);
        AuditRecord::new(context.id, context.now, actor, action, outcome).with("hall", &self.hall)
    }
}

/// A hall whose desk a person may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskHall {
    /// Its name in addresses.
    pub id: HallId,
    /// Name.
    pub name: String,
    /// The unit whose staff runs the desk.
    pub unit: CreditCode,
    /// Whether its calendar ships with the product to try it out.
    pub sample: bool,
}

/// Halls with a calendar whose desk the person may run, by name of the hall in addresses. Empty for everybody else.
///
/// # Errors
/// The store's.
pub async fn list_halls(
    context: &Context,
    desk: &Appointments,
    session: &SessionRecord,
) -> Result<Vec<DeskHall>, AppointmentError> {
    let is_operator = match operates(context, desk, session).await {
        Ok(()) => true,
        Err(AppointmentError::NotAllowed | AppointmentError::SecondFactor) => false,
        Err(error) => return Err(error),
    };
    let mut halls = Vec::new();
    for calendar in desk.store().list_calendars().await? {
        let HallCalendar { hall, unit, sample, .. } = calendar;
        let allowed = is_operator || is_staff(context, desk, session, &unit).await?;
        if let (true, Some(place)) = (allowed, desk.places.find(context, hall.as_str(), Datum::Wgs84)) {
            halls.push(DeskHall { id: hall, name: place.name, unit, sample });
        }
    }
    Ok(halls)
}

/// May this session run the desk of the hall? A member of the hall's unit with the role desk-staff, or an operator of the hub
/// with a second factor. A hall without a calendar is an operator's alone. Refusals are audited.
///
/// # Errors
/// [`AppointmentError::UnknownHall`], [`AppointmentError::NotAllowed`], [`AppointmentError::SecondFactor`], or the store's.
pub async fn enter(
    context: &Context,
    desk: &Appointments,
    session: &SessionRecord,
    hall: &str,
) -> Result<DeskPermit, AppointmentError> {
    let place = hall_of(context, desk, hall)?;
    let hall = hall_id(&place)?;
    let permit =
        |operator| DeskPermit { person: session.person.clone(), hall: hall.clone(), hall_name: place.name, operator };
    let refusal = match operates(context, desk, session).await {
        Ok(()) => return Ok(permit(true)),
        Err(error) => error,
    };
    if let Some(calendar) = desk.store().find_calendar(&hall).await?
        && is_staff(context, desk, session, &calendar.unit).await?
    {
        return Ok(permit(false));
    }
    let actor = format!("person:{}", session.person);
    let record = AuditRecord::new(context.id, context.now, actor, "desk.entered", refusal.code());
    desk.note(record.with("hall", &hall)).await?;
    Err(refusal)
}

async fn is_staff(
    context: &Context,
    desk: &Appointments,
    session: &SessionRecord,
    unit: &CreditCode,
) -> Result<bool, AppointmentError> {
    match hold(context, desk.store(), session, unit, Role::DeskStaff).await {
        Ok(_) => Ok(true),
        Err(UnitError::Store(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// An operator of any unit, with a second factor in this session.
async fn operates(context: &Context, desk: &Appointments, session: &SessionRecord) -> Result<(), AppointmentError> {
    let mut refusal = AppointmentError::NotAllowed;
    for member in desk.store().list_memberships(&session.person).await? {
        match hold(context, desk.store(), session, &member.unit, Role::Operator).await {
            Ok(_) => return Ok(()),
            Err(UnitError::NotFresh) => refusal = AppointmentError::SecondFactor,
            Err(UnitError::Store(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// The calendar of the hall.
///
/// # Errors
/// The store's.
pub async fn find_calendar(
    _context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
) -> Result<Option<HallCalendar>, AppointmentError> {
    Ok(desk.store().find_calendar(&permit.hall).await?)
}

/// Sets the calendar of the hall; `revision` is that of the one that was read, 0 for the first. Only an operator gives the
/// hall to another unit. What is booked stays booked.
///
/// # Errors
/// [`AppointmentError::Plan`], [`AppointmentError::Changed`], [`AppointmentError::NotAllowed`] (audited), or the store's.
pub async fn put_calendar(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    calendar: HallCalendar,
) -> Result<(), AppointmentError> {
    calendar.check().map_err(AppointmentError::Plan)?;
    let calendar = HallCalendar { hall: permit.hall.clone(), sample: false, ..calendar };
    let kept = desk.store().find_calendar(&permit.hall).await?;
    if !permit.operator && kept.is_none_or(|kept| kept.unit != calendar.unit) {
        let refusal = AppointmentError::NotAllowed;
        desk.note(permit.record(context, "hall.calendar-set", refusal.code())).await?;
        return Err(refusal);
    }
    let trail = Trail::of(permit.record(context, "hall.calendar-set", "ok").with("unit", &calendar.unit));
    let kept = desk.store().put_calendar(calendar, trail).await?;
    if kept { Ok(()) } else { Err(AppointmentError::Changed) }
}

/// Items with slots of their own at the hall.
///
/// # Errors
/// The store's.
pub async fn list_item_plans(
    _context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
) -> Result<Vec<ItemPlan>, AppointmentError> {
    Ok(desk.store().list_item_plans(&permit.hall).await?)
}

/// Sets an item's own slots at the hall; `revision` is that of those that were read, 0 for the first.
///
/// # Errors
/// [`AppointmentError::UnknownItem`], [`AppointmentError::NotBookable`], [`AppointmentError::Plan`],
/// [`AppointmentError::Changed`], or the store's.
pub async fn put_item_plan(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    plan: ItemPlan,
) -> Result<(), AppointmentError> {
    plan.plan.check().map_err(AppointmentError::Plan)?;
    let item = find_item(context, desk, plan.item.as_str())?.ok_or(AppointmentError::UnknownItem)?;
    if !item.bookable {
        return Err(AppointmentError::NotBookable);
    }
    let plan = ItemPlan { hall: permit.hall.clone(), ..plan };
    let trail = Trail::of(permit.record(context, "hall.item-plan-set", "ok").with("item", &plan.item));
    if desk.store().put_item_plan(plan, trail).await? { Ok(()) } else { Err(AppointmentError::Changed) }
}

/// Removes an item's own slots at the hall: from then on it shares the hall's. False when it had none.
///
/// # Errors
/// The store's.
pub async fn remove_item_plan(
    context: &Context,
    desk: &Appointments,
    permit: &DeskPermit,
    item: &ImplementingCode,
) -> Result<bool, AppointmentError> {
    let trail = Trail::of(permit.record(context, "hall.item-plan-removed", "ok").with("item", item));
    Ok(desk.store().remove_item_plan(&permit.hall, item, trail).await?)
}
