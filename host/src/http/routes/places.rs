//! Halls and terminals: the list of a region, and one of them.

use super::form::{Fields, address};
use super::regions::{choose_address, problem_of, region_name};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::{HoursRow, PlacePage, PlaceRow, PlacesPage, Tab};
use crate::http::problem::Problem;
use crate::hub_side::HubSide;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use std::sync::Arc;
use yizhan_domain::Date;
use yizhan_domain::geo::Datum;
use yizhan_support::place::{Place, PlaceKind};
use yizhan_support::{PageRequest, SupportError};

/// Places that are read for one page.
const PAGE: u32 = 100;
/// Days whose hours a place shows.
const DAYS: i64 = 7;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new().route("/places", get(list)).route("/places/{id}", get(one))
}

async fn list(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let kind = query.find("kind").filter(|kind| ["hall", "terminal"].contains(kind)).unwrap_or_default();
    let is_open_only = query.find("open") == Some("1");
    let preferences = caller.preferences();
    let request = PageRequest { cursor: query.find("cursor").map(str::to_owned), limit: PAGE };
    let places = &caller.hub.places;
    let found = match places.in_region(&caller.context, preferences.region_code(), Datum::Wgs84, &request) {
        Ok(found) => found,
        Err(error) => return caller.problem(problem_of(&caller, &error)),
    };
    let wanted = found.places.iter().filter(|place| match kind {
        "hall" => place.kind == PlaceKind::Hall,
        "terminal" => place.kind == PlaceKind::Terminal,
        _ => true,
    });
    let rows = wanted.map(|place| row(&caller, place)).filter(|row| !is_open_only || row.is_open == Some(true));
    let open = if is_open_only { "1" } else { "" };
    let more = |cursor: String| address("/places", &[("kind", kind), ("open", open), ("cursor", &cursor)]);
    let here = address("/places", &[("kind", kind), ("open", open)]);
    let page = PlacesPage {
        frame: caller.frame(&here).with_tab(Tab::Places),
        kind,
        is_open_only,
        region: region_name(&caller, preferences.region.as_ref()),
        choose: choose_address(&here),
        rows: rows.collect(),
        next: found.next.map(more),
        is_sample: places.is_sample(),
    };
    caller.page(&page)
}

/// A place as lists show it, with its state at this moment.
pub(crate) fn row(caller: &Caller, place: &Place) -> PlaceRow {
    let now = caller.context.now;
    let state = caller.hub.places.open_state(&caller.context, &place.id, now).ok();
    PlaceRow::of(place, state.as_ref(), now, caller.locale())
}

async fn one(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let (context, places) = (&caller.context, &caller.hub.places);
    let (Some(place), Some(shifted)) =
        (places.find(context, &id, Datum::Wgs84), places.find(context, &id, Datum::Gcj02))
    else {
        return caller.problem(Problem::NotFound);
    };
    let today = Date::in_china(context.now);
    let mut week = Vec::new();
    for ahead in 0..DAYS {
        let date = today.plus_days(ahead);
        let hours = match places.hours_on(context, &id, date) {
            Ok(hours) => Some(hours),
            Err(SupportError::Calendar(_)) => None,
            Err(error) => return caller.problem(problem_of(&caller, &error)),
        };
        week.push(HoursRow::of(date, hours, caller.locale()));
    }
    let position = format!("{:.6},{:.6}", shifted.point.longitude, shifted.point.latitude);
    let map =
        [("position", position.as_str()), ("name", place.name.as_str()), ("coordinate", "gaode"), ("callnative", "1")];
    let here = caller.uri.path().to_owned();
    let page = PlacePage {
        frame: caller.frame(&here).with_tab(Tab::Places),
        row: row(&caller, &place),
        phone: place.phone.clone(),
        accessible: place.accessible,
        week,
        geo: format!("geo:{:.6},{:.6}", place.point.latitude, place.point.longitude),
        map: address("https://uri.amap.com/marker", &map),
        is_sample: places.is_sample(),
    };
    caller.page(&page)
}
