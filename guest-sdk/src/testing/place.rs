//! `place` of the fake host: distances on a sphere; points are given back as they were set, whatever datum was asked for.

use super::with;
use crate::place::{Datum, Place, PlacePage, Point};
use crate::{Error, PageRequest, Result};

const EARTH_RADIUS_M: f64 = 6_371_000.0;
const DAY_MS: u64 = 86_400_000;
const CHINA_OFFSET_MS: u64 = 8 * 3_600_000;

pub(crate) fn near(point: Point, radius: u32, page: &PageRequest) -> Result<PlacePage> {
    if !(1..=200_000).contains(&radius) {
        return Err(Error::Invalid(format!("radius is {radius}; 1 to 200000 metres is allowed")));
    }
    let mut places = with(|host| host.places.clone());
    for place in &mut places {
        place.distance = Some(metres(point, place.point));
    }
    places.retain(|place| place.distance.is_some_and(|distance| distance <= radius));
    places.sort_by_key(|place| place.distance);
    cut(places, page)
}

pub(crate) fn in_region(region: &str, _datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    let prefix = super::catalog::region_prefix(region)?;
    let mut places = with(|host| host.places.clone());
    places.retain(|place| place.region.starts_with(prefix));
    places.sort_by(|a, b| a.name.cmp(&b.name));
    cut(places, page)
}

pub(crate) fn for_item(code: &str, _datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    super::catalog::check_code(code)?;
    cut(with(|host| host.places.clone()), page)
}

/// By weekly hours alone: the fake host has neither holidays nor special days.
pub(crate) fn open_at(id: &str, at_ms: u64) -> Result<bool> {
    let place = with(|host| host.places.iter().find(|place| place.id == id).cloned()).ok_or(Error::NotFound)?;
    let local = at_ms + CHINA_OFFSET_MS;
    let weekday = (local / DAY_MS + 3) % 7 + 1;
    let minute = local % DAY_MS / 60_000;
    Ok(place.hours.iter().any(|span| {
        u64::from(span.weekday) == weekday && (u64::from(span.opens)..u64::from(span.closes)).contains(&minute)
    }))
}

fn cut(places: Vec<Place>, page: &PageRequest) -> Result<PlacePage> {
    let (places, next) = super::catalog::cut(places, page)?;
    Ok(PlacePage { places, next })
}

fn metres(a: Point, b: Point) -> u32 {
    let (a_lat, b_lat) = (a.latitude.to_radians(), b.latitude.to_radians());
    let half_lat = (b_lat - a_lat) / 2.0;
    let half_lon = (b.longitude - a.longitude).to_radians() / 2.0;
    let chord = half_lat.sin().powi(2) + a_lat.cos() * b_lat.cos() * half_lon.sin().powi(2);
    (2.0 * EARTH_RADIUS_M * chord.sqrt().asin()).round() as u32
}
