//! 办事指南: search government service items, read what to bring, find a hall nearby. Open to everyone.

mod item_view;
mod places;
mod view;

use view::View;
use yizhan_sdk::catalog::{Audience, Query};
use yizhan_sdk::{App, Error, Html, PageRequest, Request, Response, Result, catalog, place, serve};

/// Words are cut here, so that the catalog's limit of 200 bytes always holds.
const WORDS_CHARACTERS_MAX: usize = 50;
/// How far "nearby" reaches, in metres.
const NEARBY_METRES: u32 = 50_000;

/// The routes.
pub fn app() -> App {
    App::new()
        .get("/", search)
        .get("/items/{code}", item)
        .get("/halls", halls)
        .error_page(|_, error| Response::html(View::new().error(error)))
}
serve!(app);

/// `GET /?q=WORDS&for=person|company&after=CURSOR`
fn search(request: &Request) -> Result<Html> {
    let view = View::new();
    let fields = request.query();
    let words: String = fields.get("q").unwrap_or_default().trim().chars().take(WORDS_CHARACTERS_MAX).collect();
    let audience = match fields.get("for") {
        Some("person") => Some(Audience::NaturalPerson),
        Some("company") => Some(Audience::LegalPerson),
        _ => None,
    };
    let query = Query { text: words, region: Some(view.region().to_owned()), audience };
    let found = catalog::search(&query, &PageRequest::first(10).after(fields.get("after")))?;
    let region = catalog::find_region(view.region())?.map(|region| region.name);
    Ok(view.search(&query, region.as_deref(), &found))
}

/// `GET /items/CODE`
fn item(request: &Request) -> Result<Html> {
    let view = View::new();
    // A mistyped address is a page that does not exist, whatever is wrong with the code.
    let found = catalog::find_item(request.param("code")).map_err(|error| match error {
        Error::Invalid(_) => Error::NotFound,
        other => other,
    })?;
    let item = found.ok_or(Error::NotFound)?;
    let halls = place::for_item(&item.summary.code, place::Datum::Wgs84, &PageRequest::first(3))?;
    Ok(view.item(&item, &halls.places))
}

/// `GET /halls` by region, `GET /halls?lat=…&lon=…` by distance.
fn halls(request: &Request) -> Result<Html> {
    let view = View::new();
    let (latitude, longitude) = (request.query().number("lat")?, request.query().number("lon")?);
    let (page, here) = (PageRequest::first(50), latitude.zip(longitude));
    let found = match here {
        Some((latitude, longitude)) => place::near(place::Point::wgs84(latitude, longitude), NEARBY_METRES, &page)?,
        None => place::in_region(view.region(), place::Datum::Wgs84, &page)?,
    };
    Ok(view.halls(&found.places, here.is_some()))
}

#[cfg(test)]
mod tests;
