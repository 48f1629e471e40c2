//! Local sign-in on an app's origin: a seeded test person, chosen by hand, agrees or refuses. Development only.

use super::form::Fields;
use super::reserved::without_session;
use super::{Served, app};
use crate::app::{BRAND, random_token};
use crate::http::cookies::{HostCookie, session_allowed};
use crate::http::locale::Preferences;
use crate::http::pages::{self, AskingApp, ClaimAsk, Frame, Notice, NoticePage, PersonaChoice, SignInForm, SignInPage};
use crate::http::problem::Problem;
use crate::http::return_path::ReturnPath;
use crate::http::router::Visit;
use crate::site::Site;
use base64::Engine as _;
use http::{HeaderMap, HeaderValue, Request, header};
use hyper::body::Incoming;
use rand::TryRngCore as _;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use yizhan_auth::{Grant, Session};

/// How long a form may stay open, in seconds.
const FORM_SECONDS: u32 = 3_600;
/// How long a local grant lasts, in milliseconds: as long as the session.
const GRANT_MS: u64 = Session::MS;

/// The form: who, what, why, how long.
pub(crate) fn page(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let fields = Fields::of_query(request.uri().query());
    form(visit, site, request.headers(), (&Asked::of(&fields), None))
}

fn form(
    visit: &Visit<'_>,
    site: &Arc<Site>,
    headers: &HeaderMap,
    (asked, complaint): (&Asked, Option<&str>),
) -> Served {
    let wished = Preferences::of(headers, visit.app.cookies);
    let transaction = random_token();
    let csrf = form_token(visit, &transaction);
    let personas = visit.app.personas.all().iter().enumerate().map(|(index, person)| PersonaChoice {
        id: person.id.0.clone(),
        name: person.name.clone(),
        about: person.about.clone(),
        kind: person.kind,
        chosen: index == 0,
    });
    let manifest = &site.manifest;
    let icon = manifest.icons.first().and_then(|icon| icon.src.strip_prefix("public"));
    let page = SignInPage {
        frame: Frame::of(&wished, BRAND, &visit.app.portal_origin),
        app: AskingApp { name: &manifest.name, owner_unit: &manifest.gov_owner.unit, icon },
        personas: personas.collect(),
        claims: asked.only(ClaimAsk::list(manifest, asked.purpose.as_deref(), wished.locale)),
        form: SignInForm {
            csrf: &csrf,
            purpose: asked.purpose.as_deref(),
            claims: &asked.claims,
            return_path: asked.return_path.clone(),
            complaint,
        },
    };
    let mut served = Served::whole(pages::respond(&page, &visit.app.hub_headers), Some(site));
    let cookie = visit.app.cookies.set(HostCookie::SignIn, &transaction, Some(FORM_SECONDS));
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        served.response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    served
}

/// Takes the form: a session with what was agreed to, or with nothing after a refusal.
pub(crate) async fn submit(visit: &Visit<'_>, site: &Arc<Site>, request: Request<Incoming>) -> Served {
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let Some(fields) = Fields::of_body(body).await else {
        return visit.problem(Problem::BodyTooLarge, headers, Some(site));
    };
    if !from_this_form(visit, headers, &fields) {
        return visit.problem(Problem::Forbidden, headers, Some(site));
    }
    let asked = Asked::of(&fields);
    let refused = fields.find("decision") == Some("refuse");
    let person = match visit.app.personas.find_by_name(fields.find("persona").unwrap_or_default()) {
        Ok(person) => person,
        Err(error) => {
            let complaint = error.to_string();
            return form(visit, site, headers, (&asked, Some(&complaint)));
        }
    };
    let grant = (!refused).then(|| agreed(site, &asked, &fields, visit.context.now.plus_ms(GRANT_MS)));
    let session = Session::local(&site.policy, &person, grant, visit.context.now);
    let Ok(token) = visit.app.sessions.create(session, visit.context.now, &mut rand_source()) else {
        return visit.problem(Problem::Unavailable, headers, Some(site));
    };
    let mut served = visit.see_other(asked.return_path.as_str(), Some(site));
    for cookie in [
        visit.app.cookies.set(HostCookie::Session, &token, None),
        visit.app.cookies.set(HostCookie::SignIn, "", Some(0)),
    ] {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            served.response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    served
}

/// What the app asked for when it sent the person here.
struct Asked {
    /// One purpose; all that the manifest declares when none is given.
    purpose: Option<String>,
    /// Names of claims, separated by commas; all of the purpose when empty.
    claims: String,
    return_path: ReturnPath,
}

impl Asked {
    fn of(fields: &Fields) -> Self {
        Self {
            purpose: fields.find("purpose").filter(|purpose| !purpose.is_empty()).map(str::to_owned),
            claims: fields.find("claims").unwrap_or_default().to_owned(),
            return_path: ReturnPath::or_home(fields.find("return")),
        }
    }

    fn names(&self, claim: &str) -> bool {
        self.claims.is_empty() || self.claims.split(',').any(|name| name.trim() == claim)
    }

    fn only(&self, mut asks: Vec<ClaimAsk>) -> Vec<ClaimAsk> {
        asks.retain(|ask| self.names(&ask.value));
        asks
    }
}

/// The claims asked for: required ones, and those optional ones that were ticked.
fn agreed(site: &Site, asked: &Asked, fields: &Fields, expires: yizhan_domain::Timestamp) -> Grant {
    let ticked = fields.all("grant");
    let claims = site
        .policy
        .uses
        .iter()
        .filter(|data_use| asked.purpose.as_ref().is_none_or(|purpose| data_use.purpose == *purpose))
        .filter(|data_use| asked.names(&data_use.claim.to_string()))
        .filter(|data_use| !data_use.optional || ticked.contains(&data_use.claim.to_string().as_str()))
        .map(|data_use| (data_use.claim, data_use.purpose.clone()));
    Grant { claims: claims.collect(), expires }
}

/// Ends the session and empties what the app kept in the browser.
pub(crate) fn leave(visit: &Visit<'_>, site: &Arc<Site>, request: &Request<Incoming>) -> Served {
    let headers = request.headers();
    if !session_allowed(request.method(), headers, &app::own_origin(headers)) {
        return visit.problem(Problem::Forbidden, headers, Some(site));
    }
    if let Some(token) = visit.app.cookies.find(HostCookie::Session, headers) {
        visit.app.sessions.end(token);
    }
    let wished = Preferences::of(headers, visit.app.cookies);
    let frame = Frame::of(&wished, BRAND, &visit.app.portal_origin);
    let page = NoticePage::of(frame, Notice::SignedOut, &site.manifest.name, ReturnPath::or_home(None));
    let mut served = Served::whole(pages::respond(&page, &visit.app.hub_headers), Some(site));
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    served.response.headers_mut().insert("clear-site-data", clear);
    without_session(visit, &mut served);
    served
}

/// The token in the form belongs to the transaction in the cookie, and the request comes from this origin.
fn from_this_form(visit: &Visit<'_>, headers: &HeaderMap, fields: &Fields) -> bool {
    let own = app::own_origin(headers);
    // A page without referrer sends `null`; the transaction's cookie and the token still bind the form.
    let from_here = headers.get(header::ORIGIN).is_none_or(|origin| *origin == *own || origin == "null");
    let transaction = visit.app.cookies.find(HostCookie::SignIn, headers);
    let token = transaction.map(|transaction| form_token(visit, transaction));
    from_here && token.is_some_and(|token| fields.find("csrf") == Some(token.as_str()))
}

/// SHA-256 over this process's key and the transaction: nobody without the key can make it.
fn form_token(visit: &Visit<'_>, transaction: &str) -> String {
    let digest = Sha256::new().chain_update(visit.app.form_key).chain_update(transaction.as_bytes()).finalize();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}

/// Randomness of the operating system for tokens.
fn rand_source() -> impl rand::Rng {
    rand::rngs::OsRng.unwrap_err()
}
