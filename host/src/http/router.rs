//! THE table: from a request's host and path to the route that answers it. Called by a core thread for each request.

use super::body::Body;
use super::locale::Preferences;
use super::problem::{Problem, ProblemView, wants_html};
use super::routes::{self, Served};
use crate::access_log::Line;
use crate::app::App;
use crate::metrics::AppMetrics;
use crate::origins::Host;
use crate::server::Core;
use crate::site::Site;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;
use tower::ServiceExt as _;
use yizhan_domain::Context;
use yizhan_sandbox::Cost;

/// Name of the header that carries the request id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One request on its way: what its routes need beside its bytes.
pub(crate) struct Visit<'a> {
    pub(crate) app: &'a Arc<App>,
    pub(crate) context: Context,
    /// Path and query when it was asked for with GET, so that an error page can offer a second try.
    pub(crate) retry: Option<Uri>,
}

/// Answers a request; never fails, because failures are answers too.
pub(crate) async fn handle(core: &Core, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let begun = Instant::now();
    let app = &core.app;
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let context = Context { id: core.ids.next(), now: app.clock.now() };
    let visit = Visit { app, context, retry: (method == Method::GET).then(|| uri.clone()) };
    let mut served = route(core, &visit, request).await;
    if let Ok(id) = HeaderValue::try_from(visit.context.id.to_string()) {
        served.response.headers_mut().insert(REQUEST_ID, id);
    }
    record(&visit, &served, &method, &uri, begun);
    Ok(served.response)
}

async fn route(core: &Core, visit: &Visit<'_>, mut request: Request<Incoming>) -> Served {
    if request.uri().path_and_query().is_none_or(|target| target.as_str().len() as u64 > visit.app.limits.url_bytes_max)
    {
        return visit.problem(Problem::UriTooLong, request.headers(), None);
    }
    if header_bytes(request.headers()) > visit.app.limits.header_bytes_max {
        return visit.problem(Problem::HeadersTooLarge, request.headers(), None);
    }
    let Some(host) = normalize_host(&mut request) else {
        return visit.problem(Problem::BadRequest, request.headers(), None);
    };
    match visit.app.origins.host(&host) {
        Host::Hub => hub(core, visit, request).await,
        Host::App(slug) => routes::app::answer(visit, &core.slice, &slug, request).await,
        Host::OnlyApp => {
            let slug = visit.app.shelf.snapshot().apps().first().map(|only| only.slug.to_string());
            routes::app::answer(visit, &core.slice, slug.as_deref().unwrap_or_default(), request).await
        }
        Host::Unknown => visit.problem(Problem::UnknownHost, request.headers(), None),
    }
}

/// Bytes of all names and values. The connection's own bound is on its buffer, which one large read can pass.
fn header_bytes(headers: &HeaderMap) -> u64 {
    headers.iter().map(|(name, value)| (name.as_str().len() + value.len()) as u64).sum()
}

/// The hub's routes are axum's, and run on the hub's runtime: a core thread runs guests only.
async fn hub(core: &Core, visit: &Visit<'_>, mut request: Request<Incoming>) -> Served {
    let for_problem = request.headers().clone();
    request.extensions_mut().insert(visit.context);
    let answering = visit.app.hub.spawn(core.hub_routes.clone().oneshot(request));
    match answering.await {
        Ok(Ok(response)) => Served { response: response.map(Body::Hub), site: None, cost: Cost::default() },
        Ok(Err(never)) => match never {},
        Err(error) => {
            tracing::error!(request = %visit.context.id, %error, "a route of the hub stopped");
            visit.problem(Problem::Internal, &for_problem, None)
        }
    }
}

/// The host name without its port, lower case; and the request as if it had come in origin form with a `Host` (RFC 9112
/// section 3.2.2: the authority of the target wins over the header).
fn normalize_host(request: &mut Request<Incoming>) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        let value = HeaderValue::from_str(authority.as_str()).ok()?;
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        request.headers_mut().insert(header::HOST, value);
        *request.uri_mut() = target.parse().ok()?;
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let host = host.to_str().ok()?;
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => host.split(':').next()?,
    };
    Some(name.to_ascii_lowercase())
}

impl Visit<'_> {
    /// An answer that says what went wrong, as a page or as problem+json.
    pub(crate) fn problem(&self, problem: Problem, headers: &HeaderMap, site: Option<&Arc<Site>>) -> Served {
        let preferences = Preferences::of(headers, self.app.cookies);
        let view = ProblemView {
            request_id: self.context.id,
            preferences: &preferences,
            html: wants_html(headers),
            portal_origin: &self.app.portal_origin,
            brand: crate::app::BRAND,
            retry_path: self.retry.as_ref().and_then(Uri::path_and_query).map(|target| target.as_str()),
        };
        if let (Problem::LimitExceeded { limit }, Some(site)) = (problem, site) {
            site.metrics.limit_exceeded(limit);
            tracing::warn!(request = %self.context.id, app = %site.manifest.app_id, limit, "limit_exceeded");
        }
        Served {
            response: problem.answer(&view, &self.app.hub_headers).map(Body::Whole),
            site: site.cloned(),
            cost: Cost::default(),
        }
    }

    /// A redirect after a form (RFC 9110 section 15.4.4): the browser asks with GET.
    pub(crate) fn see_other(&self, location: &str, site: Option<&Arc<Site>>) -> Served {
        let mut response = Response::new(Body::Whole(http_body_util::Full::default()));
        *response.status_mut() = StatusCode::SEE_OTHER;
        self.app.hub_headers.apply(response.headers_mut());
        match HeaderValue::from_str(location) {
            Ok(location) => {
                response.headers_mut().insert(header::LOCATION, location);
                Served { response, site: site.cloned(), cost: Cost::default() }
            }
            Err(_) => self.problem(Problem::Internal, &HeaderMap::new(), site),
        }
    }
}

fn record(visit: &Visit<'_>, served: &Served, method: &Method, uri: &Uri, begun: Instant) {
    let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = served.response.status().as_u16();
    let metrics: Option<&AppMetrics> = served.site.as_ref().map(|site| &*site.metrics);
    if let Some(metrics) = metrics {
        metrics.answered(status, micros, served.cost.cpu_ns);
    }
    if let Some(log) = &visit.app.access_log {
        log.write(&Line {
            context: visit.context,
            app: served.site.as_ref().map_or("-", |site| site.slug.as_str()),
            method,
            path: uri.path(),
            status,
            micros,
            cpu_micros: served.cost.cpu_ns / 1_000,
            memory_bytes: served.cost.memory_bytes,
        });
    }
}
