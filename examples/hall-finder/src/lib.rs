//! 找大厅: the server side of a single-page app. JSON under `/api`, and the frame of the page for every other path, so that
//! the front end's routes survive a reload.

use serde::Serialize;
use yizhan_sdk::catalog::Query;
use yizhan_sdk::place::{Datum, Place, Point};
use yizhan_sdk::{
    App, Error, Html, PageRequest, Request, Response, Result, catalog, clock, html, json, place, serve, visitor,
};

/// How far a search by position reaches, in metres.
const NEARBY_METRES: u32 = 100_000;

/// The routes.
pub fn app() -> App {
    App::new()
        .get("/api/places", places)
        .get("/api/items", items)
        .get("/api/regions", regions)
        .get("/api/{*rest}", |_: &Request| -> Result { Err(Error::NotFound) })
        .get("/{*page}", frame)
}
serve!(app);

/// A place, and whether it is open now; none when that is not known.
#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    place: Place,
    open: Option<bool>,
}

/// `GET /api/places?lat=&lon=` by distance, `?item=CODE` by item, else `?region=CODE` (the visitor's own by default).
fn places(request: &Request) -> Result<Response> {
    let fields = request.query();
    let page = PageRequest::first(100).after(fields.get("after"));
    let here = fields.number("lat")?.zip(fields.number("lon")?);
    let found = match (fields.get("item"), here) {
        (Some(code), _) => place::for_item(code, Datum::Wgs84, &page)?,
        (None, Some((latitude, longitude))) => place::near(Point::wgs84(latitude, longitude), NEARBY_METRES, &page)?,
        (None, None) => {
            let own = visitor::preferences().region;
            place::in_region(fields.get("region").unwrap_or(&own), Datum::Wgs84, &page)?
        }
    };
    let now = clock::now_ms();
    let open = |place: Place| Found { open: place::open_at(&place.id, now).ok(), place };
    let places: Vec<Found> = found.places.into_iter().map(open).collect();
    Response::json(&json!({ "places": places, "next": found.next, "today": clock::Local::at(now).weekday }))
}

/// `GET /api/items?q=WORDS`: items of the visitor's region, to find where one is handled.
fn items(request: &Request) -> Result<Response> {
    let words: String = request.query().required("q")?.chars().take(50).collect();
    let query = Query::text(words).region(visitor::preferences().region);
    Response::json(&catalog::search(&query, &PageRequest::first(10))?)
}

/// `GET /api/regions`: the visitor's region and those directly below it.
fn regions(_: &Request) -> Result<Response> {
    let own = visitor::preferences().region;
    Response::json(&json!({ "own": catalog::find_region(&own)?, "below": catalog::regions(Some(&own))? }))
}

/// Any other path: the frame, already in the visitor's language and size, that the front end fills.
fn frame(_: &Request) -> Html {
    let wishes = visitor::preferences();
    let english = wishes.english();
    let pair = |chinese: &'static str, own: &'static str| if english { own } else { chinese };
    html!(
        include_str!("templates/frame.html"),
        lang = pair("zh-CN", "en"),
        class = if wishes.elder_mode { "elder" } else { "" },
        title = pair("找大厅", "Find a hall"),
        visitor = json!(wishes).to_string(),
        noscript = pair(
            "本页需要启用 JavaScript。也可拨打 12345 查询附近的大厅。",
            "This page needs JavaScript. You can also call 12345 to find a hall."
        ),
    )
}

#[cfg(test)]
mod tests;
