//! `/.yizhan/*` on every origin: the host's own files, the visitor's wishes, sign-in, page timings.

use super::form::Fields;
use super::{Served, app, dev, sign_in};
use crate::http::locale::{PreferenceChange, Preferences, change_allowed};
use crate::http::problem::Problem;
use crate::http::router::Visit;
use crate::serve_options::ServeMode;
use crate::site::Site;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body as HttpBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use std::sync::Arc;
use yizhan_domain::Access;

/// Where the host's own paths begin.
pub(crate) const PREFIX: &str = "/.yizhan/";
/// Most bytes of a page timing.
const BEACON_BYTES_MAX: usize = 1 << 10;

/// Answers a reserved path on an app's origin.
pub(crate) async fn answer(visit: &Visit<'_>, site: &Arc<Site>, request: Request<Incoming>) -> Served {
    let name = request.uri().path().strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let signs_in = site.policy.access == Access::IdentityRequired;
    match (name.as_str(), request.method()) {
        ("visitor", &Method::GET) => visitor(visit, site, &request).await,
        ("prefs", &Method::GET | &Method::POST) => preferences(visit, Some(site), request).await,
        ("beacon", &Method::POST) => beacon(visit, site, request).await,
        ("login", &Method::GET) if signs_in => sign_in::begin(visit, site, &request).await,
        ("callback", &Method::GET) if signs_in => sign_in::finish(visit, site, &request).await,
        ("logout", &Method::POST) if signs_in => sign_in::leave(visit, site, &request).await,
        ("backchannel-logout", &Method::POST) if signs_in => sign_in::notified(visit, site, request).await,
        _ if name == "dev" || name.starts_with("dev/") => dev::answer(visit, Some(site), request).await,
        ("metrics", &Method::GET) if matches!(visit.app.mode, ServeMode::Run | ServeMode::Dev) => metrics(visit),
        _ => match visit.app.host_files.answer(request.method(), request.uri(), request.headers()) {
            Some(answer) => Served::whole(answer, Some(site)),
            None => visit.problem(Problem::NotFound, request.headers(), Some(site)),
        },
    }
}

/// The counters, for Prometheus.
pub(crate) fn metrics(visit: &Visit<'_>) -> Served {
    let text = visit.app.metrics.text(visit.app.sandbox.gauges());
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    visit.app.hub_headers.apply(answer.headers_mut());
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    Served::whole(answer, None)
}

/// What `bridge.js` asks for.
async fn visitor(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let signed_in = app::permit(visit, site, request.method(), request.headers()).await.signed_in();
    let wished = Preferences::of(request.headers(), visit.app.cookies);
    let text = wished.visitor_json(signed_in, &visit.app.portal_origin).to_string();
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    visit.app.hub_headers.apply(answer.headers_mut());
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Served::whole(answer, Some(site))
}

/// Takes over wishes from a form of this origin or a launch by the portal, then goes on to where they lead.
pub(crate) async fn preferences<B>(visit: &Visit<'_>, site: Option<&Arc<Site>>, request: Request<B>) -> Served
where
    B: HttpBody<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let (parts, body) = request.into_parts();
    let allowed = change_allowed(&parts.headers, &app::own_origin(visit, &parts.headers), &visit.app.portal_origin);
    let fields = if parts.method == Method::POST {
        match Fields::of_body(body).await {
            Some(fields) => fields,
            None => return visit.problem(Problem::BodyTooLarge, &parts.headers, site),
        }
    } else {
        Fields::of_query(parts.uri.query())
    };
    let change = PreferenceChange::of(fields.iter());
    let mut served = visit.see_other(change.return_path.as_str(), site);
    if !allowed {
        // A launch from elsewhere still opens the app, with the wishes that it had before.
        return served;
    }
    let wished = change.over(Preferences::of(&parts.headers, visit.app.cookies));
    if let Ok(cookie) = HeaderValue::try_from(wished.set_cookie(visit.app.cookies)) {
        served.response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    served
}

/// A page's timing: counted, nothing of it is kept.
async fn beacon(visit: &Visit<'_>, site: &Arc<Site>, request: Request<Incoming>) -> Served {
    let own = app::own_origin(visit, request.headers());
    if request.headers().get(header::ORIGIN).is_some_and(|origin| *origin != *own) {
        return visit.problem(Problem::Forbidden, request.headers(), Some(site));
    }
    let (parts, body) = request.into_parts();
    if Limited::new(body, BEACON_BYTES_MAX).collect().await.is_err() {
        return visit.problem(Problem::BodyTooLarge, &parts.headers, Some(site));
    }
    site.metrics.beacon();
    empty(visit, site, StatusCode::NO_CONTENT)
}

/// An answer of the host's without a body.
pub(crate) fn empty(visit: &Visit<'_>, site: &Arc<Site>, status: StatusCode) -> Served {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    visit.app.hub_headers.apply(response.headers_mut());
    Served::whole(response, Some(site))
}
