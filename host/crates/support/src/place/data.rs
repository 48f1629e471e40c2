//! Makes [`Places`] out of rows; rows that break a rule are refused as a whole.

use super::{Entry, Loaded, Opening, Place, PlaceKind, SpecialDay, datum};
use crate::error::SupportError;
use serde::Deserialize;
use std::collections::HashSet;
use yizhan_domain::{
    code::{ImplementingCode, RegionCode},
    geo::{Datum, Point},
};

/// A file of places.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(default)]
    sample: bool,
    places: Vec<PlaceRow>,
}

/// A place as it is stored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceRow {
    id: String,
    kind: PlaceKind,
    name: String,
    address: String,
    region: RegionCode,
    point: Point,
    phone: String,
    hours: Vec<Opening>,
    #[serde(default)]
    special_days: Vec<SpecialDay>,
    /// Not said, halls close on public holidays and terminals do not.
    #[serde(default)]
    open_on_holidays: Option<bool>,
    accessible: bool,
    items: Vec<ImplementingCode>,
}

pub(super) fn load(file: &'static str, text: &str) -> Result<Loaded, SupportError> {
    let Rows { places, sample } =
        serde_json::from_str(text).map_err(|error| SupportError::Data { file, entry: 0, why: error.to_string() })?;
    let (mut entries, mut ids) = (Vec::with_capacity(places.len()), HashSet::with_capacity(places.len()));
    for (index, row) in places.into_iter().enumerate() {
        let refuse = |why: String| SupportError::Data { file, entry: index + 1, why };
        if !ids.insert(row.id.clone()) {
            return Err(refuse(format!("id {:?} stands there twice", row.id)));
        }
        entries.push(entry(row).map_err(refuse)?);
    }
    entries.sort_by(|one: &Entry, other: &Entry| {
        (&one.place.name, &one.place.id).cmp(&(&other.place.name, &other.place.id))
    });
    Ok(Loaded { sample, entries })
}

/// Points are kept in WGS-84, whatever the file has.
fn entry(row: PlaceRow) -> Result<Entry, String> {
    datum::check(row.point).map_err(|error| error.to_string())?;
    row.hours.iter().try_for_each(|span| span.check())?;
    row.special_days.iter().flat_map(|day| &day.spans).try_for_each(|span| span.check())?;
    let place = Place {
        id: row.id,
        kind: row.kind,
        name: row.name,
        address: row.address,
        region: row.region,
        point: datum::convert(row.point, Datum::Wgs84),
        phone: row.phone,
        hours: row.hours,
        special_days: row.special_days,
        open_on_holidays: row.open_on_holidays.unwrap_or(row.kind == PlaceKind::Terminal),
        accessible: row.accessible,
        distance: None,
    };
    Ok(Entry { place, items: row.items })
}
