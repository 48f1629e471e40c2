//! Points on the earth, each with the datum of its numbers.

use serde::{Deserialize, Serialize};

/// Geodetic datum of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    /// WGS-84; CGCS2000 agrees with it within centimetres.
    Wgs84,
    /// GCJ-02, used by most map services in mainland China.
    Gcj02,
    /// BD-09, used by Baidu.
    Bd09,
}

/// A point; there is no point without a datum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Datum of the two numbers.
    pub datum: Datum,
}
