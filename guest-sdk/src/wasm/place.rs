//! `yizhan:app/place`.

use super::bindings::yizhan::app::place as wit;
use crate::place::{Datum, Kind, Opening, Place, PlacePage, Point};
use crate::{PageRequest, Result};

pub(crate) fn near(point: Point, radius: u32, page: &PageRequest) -> Result<PlacePage> {
    let Point { latitude, longitude, datum } = point;
    let point = wit::Point { latitude, longitude, datum: datum.into() };
    Ok(wit::near(point, radius, &super::page(page))?.into())
}

pub(crate) fn in_region(region: &str, datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    Ok(wit::in_region(region, datum.into(), &super::page(page))?.into())
}

pub(crate) fn for_item(code: &str, datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    Ok(wit::for_item(code, datum.into(), &super::page(page))?.into())
}

pub(crate) fn open_at(id: &str, at_ms: u64) -> Result<bool> {
    Ok(wit::open_at(id, at_ms)?)
}

impl From<Datum> for wit::Datum {
    fn from(datum: Datum) -> Self {
        match datum {
            Datum::Wgs84 => Self::Wgs84,
            Datum::Gcj02 => Self::Gcj02,
            Datum::Bd09 => Self::Bd09,
        }
    }
}

impl From<wit::Datum> for Datum {
    fn from(datum: wit::Datum) -> Self {
        match datum {
            wit::Datum::Wgs84 => Self::Wgs84,
            wit::Datum::Gcj02 => Self::Gcj02,
            wit::Datum::Bd09 => Self::Bd09,
        }
    }
}

impl From<wit::PlacePage> for PlacePage {
    fn from(page: wit::PlacePage) -> Self {
        Self { places: super::list(page.places), next: page.next }
    }
}

impl From<wit::Place> for Place {
    fn from(place: wit::Place) -> Self {
        let wit::Point { latitude, longitude, datum } = place.point;
        Self {
            id: place.id,
            kind: match place.kind {
                wit::Kind::Hall => Kind::Hall,
                wit::Kind::Terminal => Kind::Terminal,
            },
            name: place.name,
            address: place.address,
            region: place.region,
            point: Point { latitude, longitude, datum: datum.into() },
            phone: place.phone,
            hours: super::list(place.hours),
            accessible: place.accessible,
            distance: place.distance,
        }
    }
}

impl From<wit::Opening> for Opening {
    fn from(wit::Opening { weekday, opens, closes }: wit::Opening) -> Self {
        Self { weekday, opens, closes }
    }
}
