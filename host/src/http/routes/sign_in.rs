//! Sign-in on an app's origin, by way of the hub: off to it, back from it, out again. Called by the reserved paths.

use super::form::Fields;
use super::{Served, app, reserved};
use crate::app::BRAND;
use crate::http::cookies::{HostCookie, session_allowed};
use crate::http::locale::Preferences;
use crate::http::pages::{self, Frame, Notice, NoticePage};
use crate::http::problem::Problem;
use crate::http::return_path::ReturnPath;
use crate::http::router::Visit;
use crate::site::Site;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use std::sync::Arc;
use yizhan_auth::runtime::callback::{CallbackCookies, CallbackQuery, Finished};
use yizhan_auth::runtime::login::{LOGIN_MS, LoginAsk};
use yizhan_auth::runtime::{LoginError, backchannel, callback, login, logout};
use yizhan_domain::Claim;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Most claims that an app may name in one address.
const CLAIMS_MAX: usize = 64;

/// Sends the person to the hub (`GET /.yizhan/login?purpose&claims&return`).
pub(crate) async fn begin(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let headers = request.headers();
    let fields = Fields::of_query(request.uri().query());
    let Some(claims) = claims(&fields) else { return visit.problem(Problem::BadRequest, headers, Some(site)) };
    let return_path = ReturnPath::or_home(fields.find("return"));
    let ask = LoginAsk {
        policy: &site.policy,
        origin: &app::own_origin(visit, headers),
        purpose: fields.find("purpose").filter(|purpose| !purpose.is_empty()),
        claims: claims.as_deref(),
        return_path: return_path.as_str(),
        locale: Preferences::of(headers, visit.app.cookies).locale.tag(),
    };
    match login::begin(&visit.context, &visit.app.runtime, ask).await {
        Ok(begun) => {
            let mut served = visit.see_other(&begun.location, Some(site));
            let seconds = u32::try_from(LOGIN_MS / 1000).unwrap_or(u32::MAX);
            set(visit, &mut served, HostCookie::SignIn, (&begun.transaction, Some(seconds)));
            served
        }
        Err(error) => failed(visit, site, headers, error),
    }
}

/// The claims that the app named; none when it named none. Nothing when one of them is no claim.
fn claims(fields: &Fields) -> Option<Option<Vec<Claim>>> {
    let Some(names) = fields.find("claims").filter(|names| !names.is_empty()) else { return Some(None) };
    let claims: Option<Vec<Claim>> = names.split(',').map(|name| name.trim().parse().ok()).collect();
    claims.filter(|claims| claims.len() <= CLAIMS_MAX).map(Some)
}

/// Takes the hub's answer (`GET /.yizhan/callback`).
pub(crate) async fn finish(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let headers = request.headers();
    let cookies = CallbackCookies {
        transaction: visit.app.cookies.find(HostCookie::SignIn, headers),
        session: visit.app.cookies.find(HostCookie::Session, headers),
    };
    let app = &site.policy.app;
    let finished = match CallbackQuery::parse(request.uri().query().unwrap_or_default()) {
        Ok(query) => callback::finish(&visit.context, &visit.app.runtime, app, query, cookies).await,
        Err(error) => Err(error),
    };
    let mut served = match finished {
        Ok(Finished::SignedIn { session, return_path }) => {
            let mut served = visit.see_other(&return_path, Some(site));
            set(visit, &mut served, HostCookie::Session, (&session, None));
            served
        }
        Ok(Finished::Refused { return_path }) => visit.see_other(&return_path, Some(site)),
        // Someone went back in the history: never a forward redirect, which would trap them here.
        Err(LoginError::AlreadyDone) => return notice(visit, site, headers, Notice::AlreadyDone),
        Err(error) => failed(visit, site, headers, error),
    };
    set(visit, &mut served, HostCookie::SignIn, ("", Some(0)));
    served
}

/// Ends the session and empties what the app kept in the browser (`POST /.yizhan/logout`).
pub(crate) async fn leave(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let headers = request.headers();
    if !session_allowed(request.method(), headers, &app::own_origin(visit, headers)) {
        return visit.problem(Problem::Forbidden, headers, Some(site));
    }
    if let Some(token) = visit.app.cookies.find(HostCookie::Session, headers)
        && let Err(error) = logout::leave(&visit.context, &visit.app.runtime, &site.policy.app, token).await
    {
        return failed(visit, site, headers, error);
    }
    let mut served = notice(visit, site, headers, Notice::SignedOut);
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    served.response.headers_mut().insert(CLEAR_SITE_DATA, clear);
    set(visit, &mut served, HostCookie::Session, ("", Some(0)));
    served
}

/// Takes the hub's notice that a person signed out there (`POST /.yizhan/backchannel-logout`).
pub(crate) async fn notified(visit: &Visit<'_>, site: &Arc<Site>, request: Request<Incoming>) -> Served {
    let (parts, body) = request.into_parts();
    let Some(fields) = Fields::of_body(body).await else {
        return visit.problem(Problem::BodyTooLarge, &parts.headers, Some(site));
    };
    let tokens = fields.all("logout_token");
    let outcome = match tokens.as_slice() {
        [token] => backchannel::logout(&visit.context, &visit.app.runtime, &site.policy.app, token).await,
        _ => Err(LoginError::Token("missing")),
    };
    match outcome {
        Ok(_) => reserved::empty(visit, site, StatusCode::OK),
        Err(LoginError::Unavailable) => visit.problem(Problem::Unavailable, &parts.headers, Some(site)),
        Err(error) => {
            tracing::warn!(request = %visit.context.id, app = %site.policy.app, %error, "a logout notice was refused");
            visit.problem(Problem::BadRequest, &parts.headers, Some(site))
        }
    }
}

fn notice(visit: &Visit<'_>, site: &Arc<Site>, headers: &HeaderMap, notice: Notice) -> Served {
    let wished = Preferences::of(headers, visit.app.cookies);
    let frame = Frame::of(&wished, BRAND, &visit.app.portal_origin);
    let page = NoticePage::of(frame, notice, &site.manifest.name, ReturnPath::or_home(None));
    Served::whole(pages::respond(&page, &visit.app.hub_headers), Some(site))
}

/// The problem that a person sees, and the line that the operator sees.
fn failed(visit: &Visit<'_>, site: &Arc<Site>, headers: &HeaderMap, error: LoginError) -> Served {
    tracing::warn!(request = %visit.context.id, app = %site.policy.app, code = error.code(), %error, "no sign-in");
    let problem = match error {
        LoginError::Unavailable => Problem::Unavailable,
        LoginError::AlreadyDone | LoginError::ForeignAnswer => Problem::BadRequest,
        LoginError::Token(_) | LoginError::Hub(_) => Problem::Forbidden,
    };
    visit.problem(problem, headers, Some(site))
}

/// Sets one of the host's cookies on this origin: value and life in seconds.
fn set(visit: &Visit<'_>, served: &mut Served, cookie: HostCookie, (value, seconds): (&str, Option<u32>)) {
    if let Ok(line) = HeaderValue::try_from(visit.app.cookies.set(cookie, value, seconds)) {
        served.response.headers_mut().append(header::SET_COOKIE, line);
    }
}
