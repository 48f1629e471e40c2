//! How a hall deals its slots out: weekly spans, special days, holidays; shared by all items or an item's own.

use super::{DayMinute, HallId, NoShowRule};
use crate::{
    Calendar, Date,
    calendar::{CalendarError, DayKind},
    code::{CreditCode, ImplementingCode},
};
use serde::{Deserialize, Serialize};

/// Most spans of a day.
pub const DAY_SPANS_MAX: usize = 6;
/// Most places of one slot.
pub const CAPACITY_MAX: u32 = 1_000;
/// Most special days of a plan.
pub const SPECIAL_DAYS_MAX: usize = 60;
/// Most spans of all special days of a plan together.
pub const SPECIAL_SPANS_MAX: usize = 60;
/// Most days ahead that can be booked.
pub const DAYS_AHEAD_MAX: u16 = 90;
/// Most minutes before a slot at which cancelling ends: a week.
pub const CANCEL_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Shortest and longest slot in minutes.
const SLOT_MINUTES: std::ops::RangeInclusive<u16> = 5..=480;
/// Longest name of a special day in characters.
const NAME_CHARACTERS_MAX: usize = 20;

/// Part of a day, cut into slots of equal length; what is left over at its end is no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaySpan {
    /// When the first slot begins.
    pub opens: DayMinute,
    /// When the last slot has ended.
    pub closes: DayMinute,
    /// Length of a slot in minutes, 5 to 480.
    pub slot_minutes: u16,
    /// Places of each slot, 1 to [`CAPACITY_MAX`].
    pub capacity: u32,
}

/// A day that goes by its own spans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// Which day.
    pub date: Date,
    /// Why, as people read it; 1 to 20 characters.
    pub name: String,
    /// Its spans; none closes.
    pub spans: Vec<DaySpan>,
}

/// When slots are and how many places each has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotPlan {
    /// Spans of each weekday, Monday first; none closes.
    pub weekly: [Vec<DaySpan>; 7],
    /// Days that go by their own spans, holidays among them or not.
    pub special: Vec<SpecialDay>,
}

/// The calendar of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HallCalendar {
    /// The hall.
    pub hall: HallId,
    /// The unit whose staff runs the desk.
    pub unit: CreditCode,
    /// Slots that all items share which have none of their own.
    pub plan: SlotPlan,
    /// How many days ahead can be booked, 0 (today only) to [`DAYS_AHEAD_MAX`].
    pub days_ahead: u16,
    /// How many minutes before a slot cancelling ends, 0 to [`CANCEL_MINUTES_MAX`].
    pub cancel_minutes: u32,
    /// What follows when people do not come.
    pub no_show: NoShowRule,
    /// Whether it ships with the product to try it out.
    pub sample: bool,
    /// Rises with every change; 0 before the first is kept.
    pub revision: u64,
}

/// Slots that one item has for itself at a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemPlan {
    /// The hall.
    pub hall: HallId,
    /// The item.
    pub item: ImplementingCode,
    /// Its slots.
    pub plan: SlotPlan,
    /// Rises with every change; 0 before the first is kept.
    pub revision: u64,
}

/// Why a calendar is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct PlanError {
    /// Where: `weekday 1`, a date, or the name of a setting.
    pub place: String,
    /// What is allowed there.
    pub why: &'static str,
}

/// One slot of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotTime {
    /// When it begins.
    pub start: DayMinute,
    /// When it ends.
    pub end: DayMinute,
    /// Its places.
    pub capacity: u32,
}

/// Why no slot can be booked on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closure {
    /// Nothing on this weekday.
    Weekday,
    /// A public holiday.
    Holiday,
    /// A special day of the hall or the item.
    Special,
}

/// What a day offers, before anything is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayPlan {
    /// Its slots, by time.
    Open(Vec<SlotTime>),
    /// None, and why; the name of the holiday or special day, empty otherwise.
    Closed(Closure, String),
}

impl HallCalendar {
    /// Refuses what breaks a bound, naming the first place.
    pub fn check(&self) -> Result<(), PlanError> {
        let refuse = |place: &str, why| Err(PlanError { place: place.to_owned(), why });
        if self.days_ahead > DAYS_AHEAD_MAX {
            return refuse("days_ahead", "0 to 90 days are allowed");
        }
        if self.cancel_minutes > CANCEL_MINUTES_MAX {
            return refuse("cancel_minutes", "0 to 10080 minutes are allowed");
        }
        if !self.no_show.is_fine() {
            return refuse("no_show", "a count of 0 to 10, a window and a pause of 1 to 366 days are allowed");
        }
        self.plan.check()
    }

    /// What a day offers. A special day goes by its own spans. Else a public holiday is closed, and a weekend day that is
    /// worked instead goes by its own spans or, without any, by Monday's. A day on which the whole hall is closed is closed
    /// for an item with its own plan too, unless that plan names the day itself.
    ///
    /// # Errors
    /// [`CalendarError::UnknownYear`] when the holidays of the year are not known.
    pub fn day(&self, own: Option<&ItemPlan>, date: Date, holidays: &Calendar) -> Result<DayPlan, CalendarError> {
        let plan = own.map_or(&self.plan, |own| &own.plan);
        let hall_closes = self.plan.special(date).filter(|special| special.spans.is_empty());
        if let Some(special) = plan.special(date).or(hall_closes) {
            return Ok(open(&special.spans, Closure::Special, &special.name));
        }
        let moved = holidays.find_moved(date)?;
        let weekday = usize::from(date.weekday() - 1);
        Ok(match moved {
            Some(moved) if moved.kind == DayKind::Holiday => DayPlan::Closed(Closure::Holiday, moved.name.clone()),
            Some(_) if plan.weekly[weekday].is_empty() => open(&plan.weekly[0], Closure::Weekday, ""),
            _ => open(&plan.weekly[weekday], Closure::Weekday, ""),
        })
    }
}

pub(super) fn open(spans: &[DaySpan], closure: Closure, name: &str) -> DayPlan {
    let slots: Vec<SlotTime> = spans.iter().flat_map(DaySpan::slots).collect();
    if slots.is_empty() { DayPlan::Closed(closure, name.to_owned()) } else { DayPlan::Open(slots) }
}

impl SlotPlan {
    /// Refuses what breaks a bound, naming the first place.
    pub fn check(&self) -> Result<(), PlanError> {
        for (index, spans) in self.weekly.iter().enumerate() {
            check_spans(&format!("weekday {}", index + 1), spans)?;
        }
        let refuse = |place: &dyn ToString, why| Err(PlanError { place: place.to_string(), why });
        let spans: usize = self.special.iter().map(|special| special.spans.len()).sum();
        if self.special.len() > SPECIAL_DAYS_MAX || spans > SPECIAL_SPANS_MAX {
            return refuse(&"special", "at most 60 special days with at most 60 spans are allowed");
        }
        for (index, special) in self.special.iter().enumerate() {
            let count = special.name.trim().chars().count();
            if !(1..=NAME_CHARACTERS_MAX).contains(&count) || special.name.chars().any(char::is_control) {
                return refuse(&special.date, "a name of 1 to 20 characters is needed");
            }
            if self.special[..index].iter().any(|other| other.date == special.date) {
                return refuse(&special.date, "a day may stand there once");
            }
            check_spans(&special.date.to_string(), &special.spans)?;
        }
        Ok(())
    }

    fn special(&self, date: Date) -> Option<&SpecialDay> {
        self.special.iter().find(|special| special.date == date)
    }
}

fn check_spans(place: &str, spans: &[DaySpan]) -> Result<(), PlanError> {
    let refuse = |why| Err(PlanError { place: place.to_owned(), why });
    if spans.len() > DAY_SPANS_MAX {
        return refuse("at most 6 spans are allowed");
    }
    if !spans.iter().all(|span| SLOT_MINUTES.contains(&span.slot_minutes)) {
        return refuse("a slot has 5 to 480 minutes");
    }
    if !spans.iter().all(|span| (1..=CAPACITY_MAX).contains(&span.capacity)) {
        return refuse("a slot has 1 to 1000 places");
    }
    if spans.iter().any(|span| span.slots().next().is_none()) {
        return refuse("a span ends after it begins and holds at least one slot");
    }
    if spans.windows(2).any(|two| two[1].opens < two[0].closes) {
        return refuse("spans stand in their order and do not overlap");
    }
    Ok(())
}

impl DaySpan {
    fn slots(&self) -> impl Iterator<Item = SlotTime> + use<> {
        let Self { opens, closes, slot_minutes, capacity } = *self;
        let slot = move |start: DayMinute| {
            let end = start.plus(slot_minutes).filter(|end| *end <= closes && slot_minutes > 0)?;
            Some(SlotTime { start, end, capacity })
        };
        std::iter::successors(slot(opens), move |before| slot(before.end))
    }
}
