//! Choosing a region: the country, a province, a city, a county. The choice is posted to the preferences, no script needed.

use super::form::{Fields, address};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::{RegionPage, RegionRow};
use crate::http::problem::Problem;
use crate::http::return_path::ReturnPath;
use crate::hub_side::HubSide;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;
use yizhan_domain::code::RegionCode;
use yizhan_support::{Region, SupportError};

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new().route("/region", get(choose))
}

async fn choose(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let to = ReturnPath::or_home(query.find("to"));
    match page(&caller, query.find("in"), &to) {
        Ok(Some((within, rows, up))) => {
            let here = caller.uri.path_and_query().map_or("/region", |path| path.as_str());
            caller.page(&RegionPage { frame: caller.frame(here), within, rows, up, to })
        }
        Ok(None) => caller.problem(Problem::NotFound),
        Err(error) => caller.problem(problem_of(&caller, &error)),
    }
}

type Parts = (Option<Region>, Vec<RegionRow>, String);

fn page(caller: &Caller, inside: Option<&str>, to: &ReturnPath) -> Result<Option<Parts>, SupportError> {
    let (context, catalog) = (&caller.context, &caller.hub.catalog);
    let within = match inside {
        Some(code) => match catalog.find_region(context, code)? {
            Some(region) => Some(region),
            None => return Ok(None),
        },
        None => None,
    };
    let mut rows = Vec::new();
    for region in catalog.list_regions(context, within.as_ref().map(|region| region.code.as_str()))? {
        let code = region.code.to_string();
        let has_below = !catalog.list_regions(context, Some(&code))?.is_empty();
        let below = has_below.then(|| address("/region", &[("in", &code), ("to", to.as_str())]));
        rows.push(RegionRow { code, name: region.name, below });
    }
    let above = within.as_ref().and_then(|region| region.parent.as_ref()).filter(|code| code.level() > 0);
    let up = match (&within, above) {
        (None, _) => to.as_str().to_owned(),
        (_, None) => address("/region", &[("to", to.as_str())]),
        (_, Some(code)) => address("/region", &[("in", code.as_str()), ("to", to.as_str())]),
    };
    Ok(Some((within, rows, up)))
}

/// A region with those above it, as in `浙江省杭州市上城区`; the country is 全国.
pub(crate) fn region_name(caller: &Caller, code: Option<&RegionCode>) -> String {
    let mut names = Vec::new();
    let mut next = code.cloned();
    while let Some(code) = next.take().filter(|code| code.level() > 0) {
        match caller.hub.catalog.find_region(&caller.context, code.as_str()) {
            Ok(Some(region)) => {
                names.push(region.name);
                next = region.parent;
            }
            _ => next = code.parent(),
        }
    }
    if names.is_empty() {
        return caller.locale().pick("全国", "the whole country").to_owned();
    }
    names.reverse();
    names.concat()
}

/// Where the region is chosen; the choice comes back to `to`.
pub(crate) fn choose_address(to: &str) -> String {
    address("/region", &[("to", to)])
}

/// A wrong argument is the caller's mistake; the rest is the hub's.
pub(crate) fn problem_of(caller: &Caller, error: &SupportError) -> Problem {
    match error {
        SupportError::Invalid { .. } => Problem::BadRequest,
        SupportError::NotFound { .. } => Problem::NotFound,
        _ => {
            tracing::error!(request = %caller.context.id, %error, "the catalog does not answer");
            Problem::Unavailable
        }
    }
}
