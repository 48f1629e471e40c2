//! Service halls and self-service terminals (政务服务地图). Needs no permission. Every point states its datum.

mod data;
pub mod datum;
mod hours;

pub use hours::{OpenState, Opening, Span, SpecialDay};

use crate::{
    current::Current,
    data_set::{DataFolder, DataSet},
    error::{SupportError, parse_code},
    page::{PageRequest, Question},
    working_days::WorkingDays,
};
use hours::Hours;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use yizhan_domain::{
    Context, Date, Timestamp,
    calendar::CalendarError,
    code::{ImplementingCode, RegionCode},
    geo::{Datum, Point},
};

/// Largest radius of [`Places::near`] in metres.
pub const RADIUS_METRES_MAX: u32 = 200_000;

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// A hall with counters (大厅).
    Hall,
    /// A self-service terminal (自助终端).
    Terminal,
}

/// A hall or terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Identifier that stays the same.
    pub id: String,
    /// What stands there.
    pub kind: PlaceKind,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Its region.
    pub region: RegionCode,
    /// Where it is, in the datum that was asked for.
    pub point: Point,
    /// Telephone.
    pub phone: String,
    /// Weekly opening hours; a day may have several spans or none.
    pub hours: Vec<Opening>,
    /// Dates with other hours.
    pub special_days: Vec<SpecialDay>,
    /// Whether its weekly hours hold on public holidays too; halls close then unless their data say otherwise.
    pub open_on_holidays: bool,
    /// Whether a wheelchair can reach it.
    pub accessible: bool,
    /// Metres from the point asked for; none when no point was given.
    pub distance: Option<u32>,
}

/// One page of places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlacePage {
    /// Nearest first, or by name.
    pub places: Vec<Place>,
    /// Cursor of the next page; none at the end.
    pub next: Option<String>,
}

/// A place with the items that are handled there; its point is WGS-84.
#[derive(Debug)]
struct Entry {
    place: Place,
    items: Vec<ImplementingCode>,
}

/// Halls and terminals in memory. What an import brings takes the place of what was there as a whole.
#[derive(Debug)]
pub struct Places {
    current: Current<Loaded>,
    working_days: Arc<WorkingDays>,
}

/// What one reading of the file gave.
#[derive(Debug)]
struct Loaded {
    sample: bool,
    /// By name, then by identifier.
    entries: Vec<Entry>,
}

impl Places {
    /// The sample data that ships with the product. [`SupportError::Data`] if the embedded file is broken.
    pub fn sample() -> Result<Self, SupportError> {
        Self::open(&DataFolder::nowhere(), Arc::new(WorkingDays::shipped()?))
    }

    /// What was imported into a data directory, else the sample data.
    pub fn open(folder: &DataFolder, working_days: Arc<WorkingDays>) -> Result<Self, SupportError> {
        Ok(Self { current: Current::new(read(folder)?), working_days })
    }

    /// Reads the data directory again; what was there stays if that fails. The working days are reloaded apart.
    pub fn reload(&self, folder: &DataFolder) -> Result<(), SupportError> {
        self.current.set(read(folder)?);
        Ok(())
    }

    /// Whether these are the made-up places that ship with the product.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        self.current.get().sample
    }

    /// The working days by which places open.
    #[must_use]
    pub fn working_days(&self) -> &Arc<WorkingDays> {
        &self.working_days
    }

    /// Places within `radius` metres (1 to [`RADIUS_METRES_MAX`]) of a point, nearest first, with points in its datum.
    pub fn near(
        &self,
        _cx: &Context,
        point: Point,
        radius: u32,
        page: &PageRequest,
    ) -> Result<PlacePage, SupportError> {
        datum::check(point)?;
        if !(1..=RADIUS_METRES_MAX).contains(&radius) {
            let text = format!("radius is {radius} metres; 1 to {RADIUS_METRES_MAX} is allowed");
            return Err(SupportError::invalid(text));
        }
        let center = datum::convert(point, Datum::Wgs84);
        let data = self.current.get();
        let mut found: Vec<(f64, &Entry)> = data
            .entries
            .iter()
            .map(|entry| (datum::metres(center, entry.place.point), entry))
            .filter(|(metres, _)| *metres <= f64::from(radius))
            .collect();
        found.sort_by(|(one, entry), (other, other_entry)| {
            one.total_cmp(other).then_with(|| entry.place.id.cmp(&other_entry.place.id))
        });
        let question = Question::new(&["near", &format!("{point:?} {radius}")]);
        let (found, next) = question.cut(found, page)?;
        let places = found
            .into_iter()
            .map(|(metres, entry)| Place { distance: Some(metres.round() as u32), ..shown(&entry.place, point.datum) });
        Ok(PlacePage { places: places.collect(), next })
    }

    /// Places of a region and of those below it, by name.
    pub fn in_region(
        &self,
        _cx: &Context,
        region: &str,
        datum: Datum,
        page: &PageRequest,
    ) -> Result<PlacePage, SupportError> {
        let region: RegionCode = parse_code("region", region)?;
        let question = Question::new(&["in-region", region.as_str()]);
        self.list(question, |entry| region.contains(&entry.place.region), datum, page)
    }

    /// Places where the item with this 31-character implementing code is handled, by name.
    pub fn for_item(
        &self,
        _cx: &Context,
        code: &str,
        datum: Datum,
        page: &PageRequest,
    ) -> Result<PlacePage, SupportError> {
        let code: ImplementingCode = parse_code("item code", code)?;
        let question = Question::new(&["for-item", code.as_str()]);
        self.list(question, |entry| entry.items.contains(&code), datum, page)
    }

    /// The place with this identifier.
    pub fn find(&self, _cx: &Context, id: &str, datum: Datum) -> Option<Place> {
        let data = self.current.get();
        data.entries.iter().find(|entry| entry.place.id == id).map(|entry| shown(&entry.place, datum))
    }

    /// Whether the place is open at this moment (UTC+8): by its special days, else by public holidays and its weekly hours;
    /// on a Saturday or Sunday that people work (调休) by its hours of a Monday. [`SupportError::Calendar`] where the holidays
    /// of that year are needed and not known.
    pub fn open_at(&self, _cx: &Context, id: &str, at: Timestamp) -> Result<bool, SupportError> {
        self.hours_of(id, |hours| hours.open_at(at))
    }

    /// The same, with the next change: "closes at", "opens again at"; and the name of the holiday or special day, if it is
    /// one. Errors as [`Self::open_at`].
    pub fn open_state(&self, _cx: &Context, id: &str, at: Timestamp) -> Result<OpenState, SupportError> {
        self.hours_of(id, |hours| hours.state(at))
    }

    /// The hours of the place on one date, in order, none if it is closed; and the name of the holiday or special day that
    /// sets them. Errors as [`Self::open_at`].
    pub fn hours_on(&self, _cx: &Context, id: &str, date: Date) -> Result<(Vec<Span>, Option<String>), SupportError> {
        self.hours_of(id, |hours| hours.day(date).map(|(spans, name)| (spans, name.map(str::to_owned))))
    }

    fn hours_of<T>(
        &self,
        id: &str,
        ask: impl FnOnce(Hours<'_>) -> Result<T, CalendarError>,
    ) -> Result<T, SupportError> {
        let data = self.current.get();
        let Some(Entry { place, .. }) = data.entries.iter().find(|entry| entry.place.id == id) else {
            return Err(SupportError::NotFound {
                what: format!("place {:?}", id.chars().take(80).collect::<String>()),
            });
        };
        let calendar = self.working_days.calendar();
        let hours = Hours {
            weekly: &place.hours,
            special: &place.special_days,
            open_on_holidays: place.open_on_holidays,
            calendar: &calendar,
        };
        Ok(ask(hours)?)
    }

    fn list(
        &self,
        question: Question,
        wanted: impl Fn(&Entry) -> bool,
        datum: Datum,
        page: &PageRequest,
    ) -> Result<PlacePage, SupportError> {
        let data = self.current.get();
        let found: Vec<&Entry> = data.entries.iter().filter(|entry| wanted(entry)).collect();
        let (found, next) = question.cut(found, page)?;
        Ok(PlacePage { places: found.into_iter().map(|entry| shown(&entry.place, datum)).collect(), next })
    }
}

fn read(folder: &DataFolder) -> Result<Loaded, SupportError> {
    let source = folder.read_or_sample(DataSet::Places)?;
    data::load(source.file, &source.text)
}

/// A place with its point in the datum asked for.
fn shown(place: &Place, datum: Datum) -> Place {
    Place { point: datum::convert(place.point, datum), ..place.clone() }
}

#[cfg(test)]
mod tests;
