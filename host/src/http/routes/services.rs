//! Services of the catalog: search, and one service with who does it where the visitor lives.

use super::form::{Fields, address};
use super::places;
use super::regions::{choose_address, problem_of, region_name};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::{HandlingApp, ServicePage, ServiceRow, ServicesPage, Tab, online_label};
use crate::http::problem::Problem;
use crate::hub_side::HubSide;
use axum::Router;
use axum::extract::{Extension, Path};
use axum::routing::get;
use std::sync::Arc;
use yizhan_domain::geo::Datum;
use yizhan_support::app::NoApps;
use yizhan_support::catalog::{Audience, Item, ItemSummary, Query};
use yizhan_support::{AppDirectory, PageRequest, SupportError};

/// Services of one page.
const PAGE: u32 = 20;
/// Halls and terminals that a service shows.
const PLACES: u32 = 6;

/// The apps of the hub; whoever runs apps gives them as an extension.
#[derive(Clone)]
pub(crate) struct Directory(pub(crate) Arc<dyn AppDirectory>);

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new().route("/services", get(list)).route("/services/{code}", get(one))
}

async fn list(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let text = query.find("q").unwrap_or_default().trim();
    let (audience, wanted) = match query.find("audience") {
        Some("natural-person") => ("natural-person", Some(Audience::NaturalPerson)),
        Some("legal-person") => ("legal-person", Some(Audience::LegalPerson)),
        _ => ("", None),
    };
    let is_wide = query.find("where") == Some("country");
    let region = caller.preferences().region.filter(|_| !is_wide);
    let asked = Query {
        text: text.to_owned(),
        region: region.as_ref().map(ToString::to_string),
        audience: wanted,
        ..Query::default()
    };
    let request = PageRequest { cursor: query.find("cursor").map(str::to_owned), limit: PAGE };
    let found = match caller.hub.catalog.search(&caller.context, &asked, &request) {
        Ok(found) => found,
        Err(error) => return caller.problem(problem_of(&caller, &error)),
    };
    let place = if is_wide { "country" } else { "" };
    let fields = [("q", text), ("audience", audience), ("where", place)];
    let here = address("/services", &fields);
    let next = found.next.map(|cursor| address("/services", &[fields[0], fields[1], fields[2], ("cursor", &cursor)]));
    let wider = address("/services", &[("q", text), ("where", "country")]);
    let page = ServicesPage {
        frame: caller.frame(&here).with_tab(Tab::Services),
        text,
        audience,
        is_wide,
        region: region_name(&caller, region.as_ref()),
        choose: choose_address(&address("/services", &fields[..2])),
        wider: (region.is_some() || wanted.is_some()).then_some(wider),
        rows: found.items.iter().map(|item| row(&caller, item)).collect(),
        total: found.total,
        next,
    };
    caller.page(&page)
}

/// A service as lists show it.
pub(crate) fn row(caller: &Caller, item: &ItemSummary) -> ServiceRow {
    ServiceRow {
        address: format!("/services/{}", item.code),
        name: item.name.clone(),
        unit: item.unit.clone(),
        region: region_name(caller, Some(&item.region)),
        online: online_label(item.online, caller.locale()),
    }
}

async fn one(caller: Caller, Path(code): Path<String>, directory: Option<Extension<Directory>>) -> HubAnswer {
    let none: Arc<dyn AppDirectory> = Arc::new(NoApps);
    let directory = directory.map_or(none, |Extension(Directory(apps))| apps);
    match page(&caller, &code, &*directory) {
        Ok(Some(page)) => caller.page(&page),
        Ok(None) => caller.problem(Problem::NotFound),
        Err(error) => caller.problem(problem_of(&caller, &error)),
    }
}

fn page<'a>(
    caller: &'a Caller,
    code: &str,
    directory: &dyn AppDirectory,
) -> Result<Option<ServicePage<'a>>, SupportError> {
    let (context, hub) = (&caller.context, &caller.hub);
    let Some(item) = hub.catalog.find_item(context, code, directory)? else { return Ok(None) };
    let here = caller.uri.path();
    let (local, nobody_in) = implementers(caller, &item)?;
    let first = PageRequest::first(PLACES);
    let found = hub.places.for_item(context, code, Datum::Wgs84, &first)?;
    let page = ServicePage {
        frame: caller.frame(here).with_tab(Tab::Services),
        region: region_name(caller, Some(&item.summary.region)),
        local,
        nobody_in,
        choose: choose_address(here),
        apps: apps(caller, &item, directory)?,
        places: found.places.iter().map(|place| places::row(caller, place)).collect(),
        is_sample: hub.catalog.is_sample(),
        item,
    };
    Ok(Some(page))
}

/// Who does the same service where the visitor lives, unless it is this unit; or that nobody does it there, in words.
fn implementers(caller: &Caller, item: &Item) -> Result<(Vec<ServiceRow>, Option<String>), SupportError> {
    let Some(region) = caller.preferences().region else { return Ok((Vec::new(), None)) };
    let basic = item.summary.basic_code.to_string();
    let found = caller.hub.catalog.list_implementers(&caller.context, &basic, region.as_str())?;
    if found.iter().any(|other| other.code == item.summary.code) {
        return Ok((Vec::new(), None));
    }
    let nobody_in = found.is_empty().then(|| region_name(caller, Some(&region)));
    Ok((found.iter().map(|other| row(caller, other)).collect(), nobody_in))
}

fn apps(caller: &Caller, item: &Item, directory: &dyn AppDirectory) -> Result<Vec<HandlingApp>, SupportError> {
    let preferences = caller.preferences();
    let listed = caller.hub.catalog.list_apps(&caller.context, directory)?;
    let handling = listed.into_iter().filter(|app| item.apps.contains(&app.id));
    Ok(handling
        .map(|app| HandlingApp { address: preferences.launch_address(app.url.trim_end_matches('/')), name: app.name })
        .collect())
}
