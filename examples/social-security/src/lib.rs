//! 社保查询: shows a signed-in person the state of their social insurance. All records are invented.

mod records;
mod view;

use records::{Insurance, Kind};
use view::View;
use yizhan_sdk::identity::Authorization;
use yizhan_sdk::{App, Error, Html, Request, Response, Result, clock, identity, serve};

/// The purpose that `manifest.json` declares for every claim.
const PURPOSE: &str = "query-insurance";
/// Claims without which the app cannot answer.
const REQUIRED: [&str; 2] = ["name", "id-number-masked"];
/// A claim that the person may refuse.
const OPTIONAL: &str = "mobile-masked";

/// The routes.
pub fn app() -> App {
    App::new()
        .get("/", overview)
        .get("/records/{kind}", insurance)
        .error_page(|_, error| Response::html(View::new().error(error)))
}
serve!(app);

/// The person as far as they granted it.
struct Person {
    name: String,
    id_number: String,
    mobile: Option<String>,
}

/// `GET /`: what will be asked, or the insurances of the person.
fn overview(_: &Request) -> Result<Html> {
    let view = View::new();
    let Some(authorization) = granted()? else {
        return Ok(view.welcome(&ask("/")?));
    };
    let person = open(&authorization)?;
    let insurances: Vec<Insurance> =
        Kind::ALL.into_iter().map(|kind| Insurance::of(&authorization.subject(), kind, clock::now_ms())).collect();
    let until = clock::Local::at(authorization.expires_ms());
    // Refusing the optional claim takes nothing away; the person may still change their mind.
    let ask_again = if person.mobile.is_none() { Some(ask("/")?) } else { None };
    Ok(view.overview(&person, &insurances, until, ask_again.as_deref()))
}

/// `GET /records/KIND`: payments of the last twelve months.
fn insurance(request: &Request) -> Result<Response> {
    let kind = Kind::from_key(request.param("kind")).ok_or(Error::NotFound)?;
    let Some(authorization) = granted()? else {
        return Response::redirect("/");
    };
    let insurance = Insurance::of(&authorization.subject(), kind, clock::now_ms());
    Ok(Response::html(View::new().insurance(&insurance)))
}

/// The authorization, if it holds everything that is required.
fn granted() -> Result<Option<Authorization>> {
    let complete = |authorization: &Authorization| REQUIRED.iter().all(|claim| authorization.grants(PURPOSE, claim));
    Ok(identity::current()?.filter(complete))
}

/// Where the person signs in and grants, and comes back to a page of ours.
fn ask(return_path: &str) -> Result<String> {
    let [name, id_number] = REQUIRED;
    identity::request_url(PURPOSE, &[name, id_number, OPTIONAL], return_path)
}

/// Opens what was granted, in one call: each call is one line of the person's access log.
fn open(authorization: &Authorization) -> Result<Person> {
    let mut wanted = REQUIRED.to_vec();
    if authorization.grants(PURPOSE, OPTIONAL) {
        wanted.push(OPTIONAL);
    }
    let claims = authorization.open(PURPOSE, &wanted)?;
    let value = |claim: &str| claims.get(claim).unwrap_or_default().to_owned();
    Ok(Person {
        name: value("name"),
        id_number: value("id-number-masked"),
        mobile: claims.get(OPTIONAL).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests;
