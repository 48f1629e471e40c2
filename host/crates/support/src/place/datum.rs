//! Conversions between WGS-84, GCJ-02 and BD-09, written out here and nowhere else, and distances on the earth.
//!
//! GCJ-02 is WGS-84 with a published offset on the Krasovsky 1940 ellipsoid, applied inside a box around mainland China;
//! BD-09 is GCJ-02 with a further offset. The ways back have no closed form: they are solved by iteration to far below a
//! millimetre.

use crate::error::SupportError;
use std::f64::consts::PI;
use yizhan_domain::geo::{Datum, Point};

/// Half axis of the Krasovsky 1940 ellipsoid in metres.
const AXIS: f64 = 6_378_245.0;
/// Its first eccentricity squared.
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;
/// Mean radius of the earth in metres (IUGG).
const RADIUS: f64 = 6_371_008.8;
/// Steps of an inverse; each gains at least two decimal digits.
const STEPS: usize = 12;

/// Latitude and longitude in degrees.
type Degrees = (f64, f64);

/// Refuses what is not a point: numbers that are not finite or outside -90 to 90 and -180 to 180 degrees.
pub(super) fn check(point: Point) -> Result<(), SupportError> {
    let within = |name: &str, degrees: f64, most: f64| {
        if degrees.is_finite() && degrees.abs() <= most {
            return Ok(());
        }
        Err(SupportError::invalid(format!("{name} is {degrees}; -{most} to {most} degrees is allowed")))
    };
    within("latitude", point.latitude, 90.0)?;
    within("longitude", point.longitude, 180.0)
}

/// The same place with its numbers in another datum.
#[must_use]
pub fn convert(point: Point, datum: Datum) -> Point {
    let from = (point.latitude, point.longitude);
    let (latitude, longitude) = match (point.datum, datum) {
        (Datum::Wgs84, Datum::Gcj02) => gcj02_from_wgs84(from),
        (Datum::Gcj02, Datum::Wgs84) => wgs84_from_gcj02(from),
        (Datum::Gcj02, Datum::Bd09) => bd09_from_gcj02(from),
        (Datum::Bd09, Datum::Gcj02) => gcj02_from_bd09(from),
        (Datum::Wgs84, Datum::Bd09) => bd09_from_gcj02(gcj02_from_wgs84(from)),
        (Datum::Bd09, Datum::Wgs84) => wgs84_from_gcj02(gcj02_from_bd09(from)),
        (Datum::Wgs84, Datum::Wgs84) | (Datum::Gcj02, Datum::Gcj02) | (Datum::Bd09, Datum::Bd09) => from,
    };
    Point { latitude, longitude, datum }
}

/// Metres between two points of the same datum along the surface of a sphere (haversine).
#[must_use]
pub(super) fn metres(one: Point, other: Point) -> f64 {
    let (from, to) = (one.latitude.to_radians(), other.latitude.to_radians());
    let across = (other.longitude - one.longitude).to_radians();
    let half = ((to - from) / 2.0).sin().powi(2) + from.cos() * to.cos() * (across / 2.0).sin().powi(2);
    2.0 * RADIUS * half.min(1.0).sqrt().asin()
}

/// Where GCJ-02 differs from WGS-84: the box that all published implementations use.
fn is_offset((latitude, longitude): Degrees) -> bool {
    (0.8293..=55.8271).contains(&latitude) && (72.004..=137.8347).contains(&longitude)
}

fn gcj02_from_wgs84(wgs84: Degrees) -> Degrees {
    if !is_offset(wgs84) {
        return wgs84;
    }
    let (x, y) = (wgs84.1 - 105.0, wgs84.0 - 35.0);
    let radians = wgs84.0.to_radians();
    let magic = 1.0 - ECCENTRICITY * radians.sin().powi(2);
    let meridian = AXIS * (1.0 - ECCENTRICITY) / (magic * magic.sqrt());
    let parallel = AXIS / magic.sqrt() * radians.cos();
    (wgs84.0 + (north(x, y) / meridian).to_degrees(), wgs84.1 + (east(x, y) / parallel).to_degrees())
}

/// Offset to the north in metres.
fn north(x: f64, y: f64) -> f64 {
    let plane = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt();
    let waves = 20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin() + 160.0 * (y / 12.0 * PI).sin();
    plane + (ripple(x) + waves + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0
}

/// Offset to the east in metres.
fn east(x: f64, y: f64) -> f64 {
    let plane = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt();
    let waves = 20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin() + 150.0 * (x / 12.0 * PI).sin();
    plane + (ripple(x) + waves + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0
}

fn ripple(x: f64) -> f64 {
    20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()
}

fn wgs84_from_gcj02(gcj02: Degrees) -> Degrees {
    if is_offset(gcj02) { solve(gcj02_from_wgs84, gcj02) } else { gcj02 }
}

fn bd09_from_gcj02((latitude, longitude): Degrees) -> Degrees {
    let turn = PI * 3_000.0 / 180.0;
    let length = latitude.hypot(longitude) + 0.000_02 * (latitude * turn).sin();
    let angle = latitude.atan2(longitude) + 0.000_003 * (longitude * turn).cos();
    (length * angle.sin() + 0.006, length * angle.cos() + 0.0065)
}

fn gcj02_from_bd09(bd09: Degrees) -> Degrees {
    solve(bd09_from_gcj02, bd09)
}

/// The argument for which a conversion that moves points only a little gives `target`.
fn solve(conversion: impl Fn(Degrees) -> Degrees, target: Degrees) -> Degrees {
    let mut guess = target;
    for _ in 0..STEPS {
        let got = conversion(guess);
        guess = (guess.0 + target.0 - got.0, guess.1 + target.1 - got.1);
    }
    guess
}

#[cfg(test)]
mod tests;
