//! Reads the embedded file into [`Places`]; a file that breaks a rule is refused as a whole.

use super::{Entry, Opening, Place, PlaceKind, Places, datum};
use crate::error::SupportError;
use serde::Deserialize;
use yizhan_domain::{
    code::{ImplementingCode, RegionCode},
    geo::{Datum, Point},
};

const PLACES: &str = include_str!("../../data/sample-places.json");
const FILE: &str = "sample-places.json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(rename = "sample")]
    _sample: bool,
    places: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    kind: PlaceKind,
    name: String,
    address: String,
    region: RegionCode,
    point: Point,
    phone: String,
    hours: Vec<Opening>,
    accessible: bool,
    items: Vec<ImplementingCode>,
}

pub(super) fn sample() -> Result<Places, SupportError> {
    load(PLACES)
}

pub(super) fn load(text: &str) -> Result<Places, SupportError> {
    let Rows { places, .. } = serde_json::from_str(text).map_err(|error| SupportError::Data {
        file: FILE,
        entry: 0,
        why: error.to_string(),
    })?;
    let mut entries: Vec<Entry> = Vec::with_capacity(places.len());
    for (index, row) in places.into_iter().enumerate() {
        let refuse = |why: String| SupportError::Data { file: FILE, entry: index + 1, why };
        if entries.iter().any(|entry| entry.place.id == row.id) {
            return Err(refuse(format!("id {:?} stands there twice", row.id)));
        }
        entries.push(entry(row).map_err(refuse)?);
    }
    entries.sort_by(|one, other| (&one.place.name, &one.place.id).cmp(&(&other.place.name, &other.place.id)));
    Ok(Places { entries })
}

/// Points are kept in WGS-84, whatever the file has.
fn entry(row: Row) -> Result<Entry, String> {
    datum::check(row.point).map_err(|error| error.to_string())?;
    row.hours.iter().try_for_each(|span| span.check())?;
    let place = Place {
        id: row.id,
        kind: row.kind,
        name: row.name,
        address: row.address,
        region: row.region,
        point: datum::convert(row.point, Datum::Wgs84),
        phone: row.phone,
        hours: row.hours,
        accessible: row.accessible,
        distance: None,
    };
    Ok(Entry { place, items: row.items })
}
