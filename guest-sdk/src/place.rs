//! Service halls and self-service terminals (政务服务地图). Needs no permission.
//!
//! ```
//! use yizhan_sdk::{PageRequest, place, testing};
//!
//! let _host = testing::FakeHost::new().place(testing::hall("示例大厅", 30.25, 120.17)).install();
//! let here = place::Point::wgs84(30.25, 120.16);
//! let page = place::near(here, 2_000, &PageRequest::first(5)).unwrap();
//! assert_eq!(page.places[0].distance, Some(961));
//! ```

use crate::{PageRequest, Result};
use serde::Serialize;

/// The geodetic datum of a point; the host converts, it never guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    /// WGS-84, what browsers and satellites give; CGCS2000 agrees with it within centimetres.
    Wgs84,
    /// GCJ-02, used by most map services in mainland China.
    Gcj02,
    /// BD-09, used by Baidu.
    Bd09,
}

/// A point on the map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Datum of the two numbers.
    pub datum: Datum,
}

impl Point {
    /// A point as a browser's geolocation gives it.
    #[must_use]
    pub fn wgs84(latitude: f64, longitude: f64) -> Self {
        Self { latitude, longitude, datum: Datum::Wgs84 }
    }
}

/// What stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A hall with counters (大厅).
    Hall,
    /// A self-service terminal (自助终端).
    Terminal,
}

/// Opening hours of one day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u8,
    /// Minutes after midnight, local time (UTC+8), 0 to 1439.
    pub opens: u16,
    /// Minutes after midnight, greater than `opens`, at most 1440.
    pub closes: u16,
}

/// A hall or terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Identifier that stays the same.
    pub id: String,
    /// What stands there.
    pub kind: Kind,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// 12-digit region.
    pub region: String,
    /// Where it is, in the datum that was asked for.
    pub point: Point,
    /// Telephone.
    pub phone: String,
    /// Weekly opening hours; a day may have several spans or none.
    pub hours: Vec<Opening>,
    /// Whether a wheelchair can reach it.
    pub accessible: bool,
    /// Metres from the point asked for; none when no point was given.
    pub distance: Option<u32>,
}

/// One page of places.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacePage {
    /// Nearest first, or by name.
    pub places: Vec<Place>,
    /// Hand this to the next call; none at the end.
    pub next: Option<String>,
}

/// Places within `radius` metres (1 to 200 000) of a point, nearest first. Points come back in the same datum.
pub fn near(point: Point, radius: u32, page: &PageRequest) -> Result<PlacePage> {
    crate::host::place::near(point, radius, page)
}

/// Places of a region and of those below it, by name, with points in the datum asked for.
pub fn in_region(region: &str, datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    crate::host::place::in_region(region, datum, page)
}

/// Places where the item with this 31-character implementing code is handled.
pub fn for_item(code: &str, datum: Datum, page: &PageRequest) -> Result<PlacePage> {
    crate::host::place::for_item(code, datum, page)
}

/// Whether the place is open at a moment (milliseconds since 1970-01-01T00:00:00Z): by its special days, else by public
/// holidays and its weekly hours; on a Saturday or Sunday that people work (调休) by its hours of a Monday. `NotFound` for an
/// unknown place, `Unavailable` for a year whose holidays the host does not know.
pub fn open_at(id: &str, at_ms: u64) -> Result<bool> {
    crate::host::place::open_at(id, at_ms)
}
