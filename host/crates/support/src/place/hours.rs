//! When a place is open: weekly hours, special days, public holidays and moved working days, in local time (UTC+8).
//!
//! A special day of the place says all there is to say about that day. Else a place that closes on public holidays has no
//! hours then, and on a Saturday or Sunday that people work (调休) the hours of a Monday, or if it has none on Mondays, its
//! own of that weekday.

use serde::{Deserialize, Serialize};
use yizhan_domain::{
    Calendar, Date, Timestamp,
    calendar::{CalendarError, DayKind},
};

const MINUTE_MS: u64 = 60_000;
/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;
/// China has one time zone, UTC+8, without summer time.
const CHINA_MINUTES: u64 = 480;
/// How many days ahead the next change is looked for; longer than the longest row of days off.
const AHEAD_DAYS: i64 = 30;
const MONDAY: u8 = 1;

/// Opening hours of one day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u8,
    /// Minutes after midnight, 0 to 1439.
    pub opens: u16,
    /// Minutes after midnight, greater than `opens`, at most 1440.
    pub closes: u16,
}

/// Opening hours on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Minutes after midnight, 0 to 1439.
    pub opens: u16,
    /// Minutes after midnight, greater than `opens`, at most 1440.
    pub closes: u16,
}

/// A date on which a place has other hours than its week says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// Which day.
    pub date: Date,
    /// Its hours; none means closed.
    pub spans: Vec<Span>,
    /// Why, for people; may be empty.
    pub name: String,
}

/// Whether a place is open, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenState {
    /// Whether it is open now.
    pub open: bool,
    /// When it closes, or opens again; none if that is more than 30 days away or not known, because the holidays of that
    /// year are not.
    pub changes: Option<Timestamp>,
    /// The holiday or special day that sets today's hours; none on an ordinary day.
    pub day_name: Option<String>,
}

impl Span {
    /// Says what is wrong with it, if anything.
    pub(crate) fn check(self) -> Result<(), String> {
        if self.opens >= self.closes || self.closes > DAY_MINUTES {
            return Err(format!("opens at minute {} and closes at {}", self.opens, self.closes));
        }
        Ok(())
    }

    fn holds(self, minute: u16) -> bool {
        (self.opens..self.closes).contains(&minute)
    }
}

impl Opening {
    /// Says what is wrong with it, if anything.
    pub(crate) fn check(self) -> Result<(), String> {
        if !(1..=7).contains(&self.weekday) {
            return Err(format!("weekday is {}; 1 to 7 is allowed", self.weekday));
        }
        self.span().check()
    }

    pub(crate) fn span(self) -> Span {
        Span { opens: self.opens, closes: self.closes }
    }
}

/// Everything that decides whether a place is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hours<'a> {
    pub(super) weekly: &'a [Opening],
    pub(super) special: &'a [SpecialDay],
    /// Whether its week goes on over public holidays, as that of a terminal in a street.
    pub(super) open_on_holidays: bool,
    pub(super) calendar: &'a Calendar,
}

impl<'a> Hours<'a> {
    /// Whether one of the spans of that day holds this moment; the closing minute itself is closed.
    pub(super) fn open_at(self, at: Timestamp) -> Result<bool, CalendarError> {
        let (date, minute) = local(at);
        Ok(self.day(date)?.0.iter().any(|span| span.holds(minute)))
    }

    /// The state at a moment, with the next change.
    pub(super) fn state(self, at: Timestamp) -> Result<OpenState, CalendarError> {
        let (date, minute) = local(at);
        let (spans, name) = self.day(date)?;
        let open = spans.iter().any(|span| span.holds(minute));
        let changes = self.next_change((date, minute), open);
        let changes = changes.map(|(date, minute)| date.start_in_china().plus_ms(u64::from(minute) * MINUTE_MS));
        Ok(OpenState { open, changes, day_name: name.map(str::to_owned) })
    }

    /// Hours of a date, in order, and the name of the holiday or special day that sets them.
    pub(super) fn day(self, date: Date) -> Result<(Vec<Span>, Option<&'a str>), CalendarError> {
        if let Some(special) = self.special.iter().find(|special| special.date == date) {
            let mut spans = special.spans.clone();
            spans.sort();
            return Ok((spans, Some(special.name.as_str()).filter(|name| !name.is_empty())));
        }
        if self.open_on_holidays {
            return Ok((self.week(date.weekday()), None));
        }
        Ok(match self.calendar.find_moved(date)? {
            None => (self.week(date.weekday()), None),
            Some(moved) => match moved.kind {
                DayKind::Holiday => (Vec::new(), Some(moved.name.as_str())),
                DayKind::Workday => {
                    let monday = self.week(MONDAY);
                    (if monday.is_empty() { self.week(date.weekday()) } else { monday }, None)
                }
            },
        })
    }

    fn week(self, weekday: u8) -> Vec<Span> {
        let mut spans: Vec<Span> =
            self.weekly.iter().filter(|span| span.weekday == weekday).map(|span| span.span()).collect();
        spans.sort();
        spans
    }

    /// The first minute after this one at which the state is another; none where it is not found or not known. Hours that
    /// touch, also over midnight, are one.
    fn next_change(self, (today, now): (Date, u16), open: bool) -> Option<(Date, u16)> {
        for ahead in 0..=AHEAD_DAYS {
            let date = today.plus_days(ahead);
            let (spans, _) = self.day(date).ok()?;
            let from = if ahead == 0 { now + 1 } else { 0 };
            // The state changes only where a span begins or ends.
            let edges = std::iter::once(0).chain(spans.iter().flat_map(|span| [span.opens, span.closes]));
            let mut edges: Vec<u16> = edges.filter(|edge| (from..DAY_MINUTES).contains(edge)).collect();
            edges.sort_unstable();
            if let Some(edge) = edges.into_iter().find(|edge| spans.iter().any(|span| span.holds(*edge)) != open) {
                return Some((date, edge));
            }
        }
        None
    }
}

/// Day and minute of the day in China.
fn local(at: Timestamp) -> (Date, u16) {
    let minute = (at.0 / MINUTE_MS + CHINA_MINUTES) % u64::from(DAY_MINUTES);
    (Date::in_china(at), minute as u16)
}

#[cfg(test)]
mod tests;
