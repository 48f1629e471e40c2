//! An app's own origin: the host's reserved paths, then a file of `public/`, then the component, then the SPA fallback.

use super::{Served, reserved};
use crate::http::body::Body;
use crate::http::cookies::{
    HostCookie, filter_response_cookies, session_allowed, strip_request_cookies, strip_request_headers,
};
use crate::http::locale::Preferences;
use crate::http::problem::Problem;
use crate::http::router::{REQUEST_ID, Visit};
use crate::http::security_headers::SecurityHeaders;
use crate::site::Site;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use std::sync::Arc;
use yizhan_auth::{InvokePermit, check};
use yizhan_domain::Access;
use yizhan_sandbox::{CoreSlice, Invocation, SandboxError};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");
const RETIRING_WORKER: &[u8] = b"self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.registration.unregister()))
";

/// Answers a request to the origin of the app with this slug.
pub(crate) async fn answer(visit: &Visit<'_>, slice: &CoreSlice, slug: &str, request: Request<Incoming>) -> Served {
    let snapshot = visit.app.shelf.snapshot();
    let Some(installed) = snapshot.find(slug) else {
        return visit.problem(Problem::UnknownHost, request.headers(), None);
    };
    let site = match visit.app.sites.get(visit.app, installed).await {
        Ok(site) => site,
        Err(problem) => return visit.problem(problem, request.headers(), None),
    };
    if request.headers().get(SERVICE_WORKER).is_some_and(|asked| asked == "script") {
        return retiring_worker(visit, &site);
    }
    if request.uri().path().starts_with(reserved::PREFIX) {
        return reserved::answer(visit, &site, request).await;
    }
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if let Some(answer) = site.assets.answer(method, uri, headers) {
        return file(answer, &site);
    }
    if site.has_component() {
        return component(visit, slice, &site, request).await;
    }
    match site.assets.answer_fallback(method, uri, headers) {
        Some(answer) => file(answer, &site),
        None if *method != Method::GET && *method != Method::HEAD => {
            visit.problem(Problem::MethodNotAllowed { allow: "GET, HEAD" }, headers, Some(&site))
        }
        None => visit.problem(Problem::NotFound, headers, Some(&site)),
    }
}

/// A service worker outlives consent and suspension, so it needs a review; without one the browser gets a script that
/// takes itself off, and with it any that was there before (Service Workers, section 6.6: the `Service-Worker` header).
fn retiring_worker(visit: &Visit<'_>, site: &Arc<Site>) -> Served {
    let mut answer = Response::new(Full::new(Bytes::from_static(RETIRING_WORKER)));
    visit.app.hub_headers.apply(answer.headers_mut());
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    Served::whole(answer, Some(site))
}

fn file(mut answer: crate::http::assets::Answer, site: &Arc<Site>) -> Served {
    site.headers.apply(answer.headers_mut());
    Served::whole(answer, Some(site))
}

/// The session cookie of a request, if its app may have one and the request comes from where it may; in a local run, that
/// of the test person who is signed in for everybody.
pub(crate) fn session_token<'r>(
    visit: &Visit<'_>,
    site: &'r Site,
    method: &Method,
    headers: &'r HeaderMap,
) -> Option<&'r str> {
    if site.policy.access == Access::Open || !session_allowed(method, headers, &own_origin(visit, headers)) {
        return None;
    }
    visit.app.cookies.find(HostCookie::Session, headers).or_else(|| site.everyone.as_ref().map(|token| token.as_str()))
}

/// The permit of a request: asks the hub when somebody is signed in.
pub(crate) async fn permit(visit: &Visit<'_>, site: &Site, method: &Method, headers: &HeaderMap) -> InvokePermit {
    let token = session_token(visit, site, method, headers);
    check::invoke(&visit.context, &visit.app.runtime, &site.policy, token).await
}

/// The origin that the browser sees: a local run also answers at 127.0.0.1.
pub(crate) fn own_origin(visit: &Visit<'_>, headers: &HeaderMap) -> String {
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", visit.app.scheme)
}

async fn component(visit: &Visit<'_>, slice: &CoreSlice, site: &Arc<Site>, mut request: Request<Incoming>) -> Served {
    let loaded = match site.loaded(visit.app).await {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return visit.problem(Problem::NotFound, request.headers(), Some(site)),
        Err(error) => {
            tracing::error!(app = %site.manifest.app_id, error = format!("{error:#}"), "the component cannot be loaded");
            return visit.problem(Problem::Unavailable, request.headers(), Some(site));
        }
    };
    let permit = permit(visit, site, request.method(), request.headers()).await;
    let signed_in = permit.signed_in();
    let preferences = Preferences::of(request.headers(), visit.app.cookies);
    let for_problem = problem_headers(request.headers());
    prepare(visit, request.headers_mut());
    let invocation = Invocation {
        context: visit.context,
        permit,
        preferences: yizhan_sandbox::Preferences {
            locale: preferences.locale.tag().to_owned(),
            region: preferences.region_code().to_owned(),
            elder_mode: preferences.elder_mode,
        },
        slice: slice.clone(),
    };
    match visit.app.sandbox.invoke(&loaded, invocation, request).await {
        Ok(answer) => {
            let mut response = answer.response.map(Body::Guest);
            finish(visit, site, response.headers_mut(), signed_in);
            Served { response, site: Some(Arc::clone(site)), cost: answer.cost }
        }
        Err(error) => visit.problem(told(visit, site, error), &for_problem, Some(site)),
    }
}

/// What an error page needs of the request's headers, before they go to the guest.
fn problem_headers(headers: &HeaderMap) -> HeaderMap {
    let names = ["accept", "accept-language", "cookie", "sec-fetch-mode"];
    let mut kept = HeaderMap::with_capacity(names.len());
    for name in names {
        if let Some(value) = headers.get(name) {
            kept.insert(name, value.clone());
        }
    }
    kept
}

/// Takes off what is the host's, adds the request's id.
fn prepare(visit: &Visit<'_>, headers: &mut HeaderMap) {
    strip_request_headers(headers);
    strip_request_cookies(headers);
    let id = visit.context.id.to_string();
    let parent = &id[16..];
    if let Ok(trace) = HeaderValue::try_from(format!("00-{id}-{parent}-01")) {
        headers.insert(TRACEPARENT, trace);
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
}

fn finish(visit: &Visit<'_>, site: &Site, headers: &mut HeaderMap, signed_in: bool) {
    site.headers.clean_guest(headers);
    for dropped in filter_response_cookies(headers) {
        let app = &site.manifest.app_id;
        tracing::warn!(request = %visit.context.id, %app, cookie = dropped.name, reason = ?dropped.reason, "cookie dropped");
    }
    site.headers.apply(headers);
    if signed_in {
        SecurityHeaders::apply_signed_in(headers);
    }
}

/// The problem that a person sees, and the log line that the operator sees.
fn told(visit: &Visit<'_>, site: &Site, error: SandboxError) -> Problem {
    let app = &site.manifest.app_id;
    let problem = match &error {
        SandboxError::Busy { limit } => {
            site.metrics.limit_exceeded(limit);
            Problem::TooMany { retry_after_seconds: 1 }
        }
        SandboxError::BodyTooLarge { .. } => Problem::BodyTooLarge,
        SandboxError::LimitExceeded { limit } => Problem::LimitExceeded { limit },
        SandboxError::TooSlow { limit } => {
            site.metrics.limit_exceeded(limit);
            Problem::TooSlow
        }
        SandboxError::SignedOut => Problem::Forbidden,
        SandboxError::Trap(_) => Problem::Trap,
        SandboxError::NoAnswer(_) => Problem::NoAnswer,
        SandboxError::Load(_) | SandboxError::Artefact { .. } | SandboxError::Engine(_) => Problem::Unavailable,
        SandboxError::Permit { .. } => Problem::Internal,
    };
    // What a guest wrote into its own trap is escaped: it cannot forge a line of the log.
    let error = error.to_string();
    tracing::warn!(request = %visit.context.id, %app, error = %error.escape_debug(), "no answer of the app");
    problem
}
