//! `yizhan:app/place`: halls and self-service terminals; every point with its datum.

use super::{page, unsupported};
use crate::bindings::place as wit;
use crate::bindings::types::{Error, PageRequest};
use crate::guest::GuestContext;
use yizhan_domain::Timestamp;
use yizhan_domain::geo::{Datum, Point};
use yizhan_support::place::{Place, PlaceKind, PlacePage};

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl wit::Host for GuestContext {
    fn near(&mut self, point: wit::Point, radius: u32, wanted: PageRequest) -> Answer<wit::PlacePage> {
        let point = Point { latitude: point.latitude, longitude: point.longitude, datum: datum_in(point.datum) };
        let found = self.services.places.near(&self.visit.context, point, radius, &page(wanted));
        let answer = found.map(page_out).map_err(|error| unsupported(&error));
        self.observe(|| format!("place.near within {radius} m"), &answer);
        Ok(answer)
    }

    fn in_region(&mut self, region: String, datum: wit::Datum, wanted: PageRequest) -> Answer<wit::PlacePage> {
        let found = self.services.places.in_region(&self.visit.context, &region, datum_in(datum), &page(wanted));
        let answer = found.map(page_out).map_err(|error| unsupported(&error));
        self.observe(|| format!("place.in-region {region}"), &answer);
        Ok(answer)
    }

    fn for_item(&mut self, code: String, datum: wit::Datum, wanted: PageRequest) -> Answer<wit::PlacePage> {
        let found = self.services.places.for_item(&self.visit.context, &code, datum_in(datum), &page(wanted));
        let answer = found.map(page_out).map_err(|error| unsupported(&error));
        self.observe(|| format!("place.for-item {code}"), &answer);
        Ok(answer)
    }

    fn open_at(&mut self, id: String, at: u64) -> Answer<bool> {
        let open = self.services.places.open_at(&self.visit.context, &id, Timestamp(at));
        Ok(open.map_err(|error| unsupported(&error)))
    }
}

fn datum_in(datum: wit::Datum) -> Datum {
    match datum {
        wit::Datum::Wgs84 => Datum::Wgs84,
        wit::Datum::Gcj02 => Datum::Gcj02,
        wit::Datum::Bd09 => Datum::Bd09,
    }
}

fn point_out(point: Point) -> wit::Point {
    let datum = match point.datum {
        Datum::Wgs84 => wit::Datum::Wgs84,
        Datum::Gcj02 => wit::Datum::Gcj02,
        Datum::Bd09 => wit::Datum::Bd09,
    };
    wit::Point { latitude: point.latitude, longitude: point.longitude, datum }
}

fn page_out(page: PlacePage) -> wit::PlacePage {
    wit::PlacePage { places: page.places.into_iter().map(place_out).collect(), next: page.next }
}

fn place_out(place: Place) -> wit::Place {
    wit::Place {
        id: place.id,
        kind: match place.kind {
            PlaceKind::Hall => wit::Kind::Hall,
            PlaceKind::Terminal => wit::Kind::Terminal,
        },
        name: place.name,
        address: place.address,
        region: place.region.into(),
        point: point_out(place.point),
        phone: place.phone,
        hours: place
            .hours
            .into_iter()
            .map(|span| wit::Opening { weekday: span.weekday, opens: span.opens, closes: span.closes })
            .collect(),
        accessible: place.accessible,
        distance: place.distance,
    }
}
