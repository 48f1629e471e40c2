//! The hub's own origin: the portal's home, icons of apps, counters.

use super::regions::{choose_address, region_name};
use super::{Served, dev, identity, places, reserved, services};
use crate::app::{App, BRAND};
use crate::http::caller::Caller;
use crate::http::locale::Preferences;
use crate::http::pages::{self, AppCard, Citizen, Frame, PortalPage, Tab};
use crate::http::problem::Problem;
use crate::http::router::Visit;
use crate::http::security_headers::apply_to_icon;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::routing::{get, post};
use http::{HeaderMap, Method, Response};
use std::sync::Arc;
use yizhan_domain::Context;
use yizhan_domain::geo::Datum;
use yizhan_hub::Installed;
use yizhan_package::Manifest;
use yizhan_support::catalog::Query;
use yizhan_support::{PageRequest, SupportError};

/// Services and halls that the home shows.
const HOME_ROWS: u32 = 4;

/// The hub's routes, as a core calls them.
pub(crate) type HubRoutes = Router;

/// The hub's routes. They run on the hub's runtime; the request's [`Context`] comes as an extension.
pub(crate) fn router(app: Arc<App>) -> HubRoutes {
    let directory = Extension(services::Directory(Arc::clone(&app.apps) as _));
    let identity = app.hub_side.clone().map(identity::router).unwrap_or_default().layer(directory);
    Router::new()
        .route("/", get(home))
        .route("/metrics", get(metrics))
        .route("/icons/{slug}", get(icon))
        .route("/.yizhan/prefs", post(preferences))
        .route(dev::PATH, get(development))
        .route("/.yizhan/dev/{part}", get(development).post(development))
        .fallback(other)
        .with_state(app)
        .merge(identity)
}

type Answer = Response<Body>;

fn visit(app: &Arc<App>, context: Context) -> Visit<'_> {
    Visit { app, context, retry: None }
}

fn answer(served: Served) -> Answer {
    served.response.map(Body::new)
}

async fn metrics(State(app): State<Arc<App>>, Extension(context): Extension<Context>) -> Answer {
    answer(reserved::metrics(&visit(&app, context)))
}

async fn preferences(State(app): State<Arc<App>>, Extension(context): Extension<Context>, request: Request) -> Answer {
    answer(reserved::preferences(&visit(&app, context), None, request).await)
}

async fn development(State(app): State<Arc<App>>, Extension(context): Extension<Context>, request: Request) -> Answer {
    answer(dev::answer(&visit(&app, context), None, request).await)
}

async fn other(State(app): State<Arc<App>>, Extension(context): Extension<Context>, request: Request) -> Answer {
    let visit = visit(&app, context);
    answer(match app.host_files.answer(request.method(), request.uri(), request.headers()) {
        Some(file) => Served::whole(file, None),
        None => visit.problem(Problem::NotFound, request.headers(), None),
    })
}

async fn home(State(app): State<Arc<App>>, Extension(context): Extension<Context>, request: Request) -> Answer {
    let (parts, _) = request.into_parts();
    let headers = &parts.headers;
    let visit = visit(&app, context);
    let preferences = Preferences::of(headers, app.cookies);
    let apps = match app.apps.list() {
        Ok(apps) => apps,
        Err(error) => {
            tracing::error!(%error, "the list of apps cannot be read");
            return answer(visit.problem(Problem::Unavailable, headers, None));
        }
    };
    let caller = app.hub_side.as_ref().and_then(|hub| Caller::of(hub, &parts));
    let citizen = match caller.as_ref().map(citizen).transpose() {
        Ok(citizen) => citizen,
        Err(error) => {
            tracing::error!(%error, "the catalog does not answer");
            return answer(visit.problem(Problem::Unavailable, headers, None));
        }
    };
    let cards = apps.iter().map(|(installed, manifest)| card(&visit, &preferences, installed, manifest)).collect();
    let frame = Frame::of(&preferences, BRAND, &app.portal_origin).with_settings("/");
    let frame = frame.in_development(app.development.is_some());
    let frame = if app.hub_side.is_some() { frame.with_tab(Tab::Home) } else { frame };
    answer(Served::whole(pages::respond(&PortalPage { frame, apps: cards, citizen }, &app.hub_headers), None))
}

/// Services and halls of the visitor's region.
fn citizen(caller: &Caller) -> Result<Citizen, SupportError> {
    let preferences = caller.preferences();
    let region = preferences.region.as_ref();
    let (context, first) = (&caller.context, PageRequest::first(HOME_ROWS));
    let query = Query { region: region.map(ToString::to_string), ..Query::default() };
    let found = caller.hub.catalog.search(context, &query, &first)?;
    let near = caller.hub.places.in_region(context, preferences.region_code(), Datum::Wgs84, &first)?;
    Ok(Citizen {
        region: region_name(caller, region),
        choose: choose_address("/"),
        services: found.items.iter().map(|item| services::row(caller, item)).collect(),
        places: near.places.iter().map(|place| places::row(caller, place)).collect(),
    })
}

fn card(visit: &Visit<'_>, preferences: &Preferences, installed: &Installed, manifest: &Manifest) -> AppCard {
    let version = &installed.digest.to_string()[..8];
    AppCard {
        name: manifest.name.clone(),
        description: manifest.description.clone(),
        owner_unit: manifest.gov_owner.unit.clone(),
        icon: manifest.icons.first().map(|_| format!("/icons/{}?v={version}", installed.slug)),
        address: preferences.launch_address(&visit.app.origin_of(installed.slug.as_str())),
        access: manifest.gov_access,
    }
}

/// The icon of an app, from the hub's origin: the app's own forbids use by others.
async fn icon(
    State(app): State<Arc<App>>,
    Extension(context): Extension<Context>,
    Path(slug): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Answer {
    let visit = visit(&app, context);
    let not_found = || answer(visit.problem(Problem::NotFound, &headers, None));
    let snapshot = app.shelf.snapshot();
    let Some(installed) = snapshot.find(&slug) else { return not_found() };
    let Ok(site) = app.sites.get(&app, installed).await else { return not_found() };
    let Some(name) = site.manifest.icons.first().and_then(|icon| icon.src.strip_prefix("public/")) else {
        return not_found();
    };
    let Some(file) = site.assets.find(name) else { return not_found() };
    let mut found = file.answer(&method, &headers);
    apply_to_icon(found.headers_mut());
    answer(Served::whole(found, None))
}
