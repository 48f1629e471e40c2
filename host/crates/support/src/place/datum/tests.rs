//! Published pairs, and round trips over the whole of China.

use super::*;
use proptest::prelude::*;

fn point(latitude: f64, longitude: f64, datum: Datum) -> Point {
    Point { latitude, longitude, datum }
}

fn assert_near(found: Point, expected: Point, most: f64) {
    let off = metres(found, expected);
    assert!(found.datum == expected.datum && off <= most, "{found:?} is {off} m from {expected:?}");
}

/// Pairs of the tests of eviltransform (googollee/eviltransform): Shanghai, Shenzhen, Beijing.
const WGS84_GCJ02: [(f64, f64, f64, f64); 3] = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
];

#[test]
fn published_pairs_of_wgs84_and_gcj02_agree_within_a_metre() {
    for (latitude, longitude, gcj_latitude, gcj_longitude) in WGS84_GCJ02 {
        let wgs84 = point(latitude, longitude, Datum::Wgs84);
        let gcj02 = point(gcj_latitude, gcj_longitude, Datum::Gcj02);
        assert_near(convert(wgs84, Datum::Gcj02), gcj02, 1.0);
        assert_near(convert(gcj02, Datum::Wgs84), wgs84, 1.0);
    }
}

#[test]
fn the_published_results_of_coordtransform_are_met() {
    // Results listed in the tests of wandergis/coordtransform for 116.404, 39.915; its way back from BD-09 is approximate.
    let at = |datum| point(39.915, 116.404, datum);
    let gcj02 = point(39.91640428150164, 116.41024449916938, Datum::Gcj02);
    assert_near(convert(at(Datum::Wgs84), Datum::Gcj02), gcj02, 0.001);
    let bd09 = point(39.92133699351021, 116.41036949371029, Datum::Bd09);
    assert_near(convert(at(Datum::Gcj02), Datum::Bd09), bd09, 0.001);
    let gcj02 = point(39.90865673957631, 116.39762729119315, Datum::Gcj02);
    assert_near(convert(at(Datum::Bd09), Datum::Gcj02), gcj02, 1.0);
}

/// One place in WGS-84, GCJ-02 and BD-09, from the test data of gcoord (hujiulong/gcoord, seven decimals): Quanzhou,
/// Shenyang, Jiuquan, Xilinhot.
const IN_ALL: [[(f64, f64); 3]; 4] = [
    [(24.8770487, 118.6711365), (24.8741363, 118.6756787), (24.8804872, 118.6821251)],
    [(41.8032629, 123.4253306), (41.8057023, 123.4314787), (41.8114013, 123.438095)],
    [(39.7319946, 98.4937175), (39.7328234, 98.4943595), (39.7388949, 98.5008441)],
    [(43.9312805, 116.0414035), (43.9334573, 116.0482308), (43.9397782, 116.0546232)],
];

#[test]
fn published_places_in_all_three_datums_agree_within_a_metre() {
    let datums = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];
    for place in IN_ALL {
        let points = [0, 1, 2].map(|index: usize| point(place[index].0, place[index].1, datums[index]));
        for from in points {
            for to in points {
                assert_near(convert(from, to.datum), to, 1.0);
            }
        }
    }
}

#[test]
fn outside_china_gcj02_is_wgs84() {
    for (latitude, longitude) in [(51.5, -0.12), (-33.9, 151.2), (35.68, 139.69)] {
        let london = point(latitude, longitude, Datum::Wgs84);
        assert_eq!(convert(london, Datum::Gcj02), Point { datum: Datum::Gcj02, ..london });
    }
}

#[test]
fn distances_are_those_of_the_sphere() {
    let origin = point(0.0, 0.0, Datum::Wgs84);
    let degree = metres(origin, point(0.0, 1.0, Datum::Wgs84));
    assert!((degree - 111_195.08).abs() < 0.1, "{degree}");
    let half_way_round = metres(origin, point(0.0, 180.0, Datum::Wgs84));
    assert!((half_way_round - PI * RADIUS).abs() < 0.1, "{half_way_round}");
    assert_eq!(metres(origin, origin), 0.0);
}

#[test]
fn what_is_no_point_is_refused_with_what_is_allowed() {
    let error = check(point(90.5, 0.0, Datum::Wgs84)).expect_err("latitude");
    assert_eq!(error.to_string(), "latitude is 90.5; -90 to 90 degrees is allowed");
    for (latitude, longitude) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (0.0, 180.1), (-91.0, 0.0)] {
        assert!(check(point(latitude, longitude, Datum::Bd09)).is_err());
    }
}

proptest! {
    #[test]
    fn every_round_trip_in_china_is_within_a_metre(
        latitude in 3.9..53.5, longitude in 73.5..135.0, from in 0..3usize, through in 0..3usize,
    ) {
        let datums = [Datum::Wgs84, Datum::Gcj02, Datum::Bd09];
        let start = point(latitude, longitude, datums[from]);
        let back = convert(convert(start, datums[through]), datums[from]);
        prop_assert!(metres(start, back) <= 0.001, "{start:?} came back as {back:?}");
    }

    #[test]
    fn the_datums_differ_by_hundreds_of_metres_in_china(latitude in 20.0..45.0, longitude in 100.0..122.0) {
        let start = point(latitude, longitude, Datum::Wgs84);
        for datum in [Datum::Gcj02, Datum::Bd09] {
            let moved = Point { datum: Datum::Wgs84, ..convert(start, datum) };
            prop_assert!((50.0..2_500.0).contains(&metres(start, moved)), "{moved:?}");
        }
    }

    #[test]
    fn arbitrary_numbers_never_panic(latitude in proptest::num::f64::ANY, longitude in proptest::num::f64::ANY) {
        let start = point(latitude, longitude, Datum::Bd09);
        let _ = convert(start, Datum::Wgs84);
        let _ = metres(start, convert(start, Datum::Gcj02));
    }
}
