//! Who is calling the hub: one request with its session, wishes and address, and the ways to answer it. Every route of
//! sign-in, consent and account takes a [`Caller`] or a [`Posted`] form.

mod posted;

pub(crate) use posted::{FORM_BYTES_MAX, Posted, is_form};

use super::cookies::{HostCookie, session_allowed};
use super::locale::{Locale, Preferences};
use super::pages::{self, Frame};
use super::problem::{Problem, ProblemView, wants_html};
use crate::hub_side::{FormBinding, HubSide};
use askama::Template;
use axum::body::Body;
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use yizhan_auth::sign_in::{Browser, SignInError, sessions};
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::SessionRecord;

/// An answer of the hub.
pub(crate) type HubAnswer = Response<Body>;

/// Address of the client; the connection puts it into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// One request.
pub(crate) struct Caller {
    pub(crate) hub: Arc<HubSide>,
    pub(crate) context: Context,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    address: IpAddr,
    /// Language that the request under way wishes for.
    wished: OnceLock<Locale>,
}

impl Caller {
    /// The caller of a request.
    pub(crate) fn of(hub: &Arc<HubSide>, parts: &Parts) -> Option<Self> {
        Some(Self {
            hub: Arc::clone(hub),
            context: *parts.extensions.get::<Context>()?,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            address: client_address(parts),
            wished: OnceLock::new(),
        })
    }

    /// How the visitor wants pages.
    pub(crate) fn preferences(&self) -> Preferences {
        Preferences::with_wish(&self.headers, self.hub.cookies, self.wished.get().copied())
    }

    /// Takes the `ui_locales` of the request under way: the pages of its sign-in and consent are in the first language of them
    /// that we have, unless the person chose one.
    pub(crate) fn wish_locales(&self, ui_locales: Option<&str>) {
        if let Some(locale) = ui_locales.and_then(Locale::first_of) {
            // One request of a browser is about one transaction: the first wish stays.
            let _first = self.wished.get_or_init(|| locale);
        }
    }

    /// Language of the pages.
    pub(crate) fn locale(&self) -> Locale {
        self.preferences().locale
    }

    /// A frame whose settings strip comes back to `path`.
    pub(crate) fn frame(&self, path: &str) -> Frame<'_> {
        Frame::of(&self.preferences(), self.hub.brand, self.hub.origin())
            .with_settings(path)
            .in_development(self.hub.provider.is_development())
    }

    /// Value of one of the host's cookies.
    pub(crate) fn cookie(&self, cookie: HostCookie) -> Option<&str> {
        self.hub.cookies.find(cookie, &self.headers)
    }

    /// The session's cookie, where the request may carry one.
    pub(crate) fn session_token(&self) -> Option<&str> {
        let allowed = session_allowed(&self.method, &self.headers, self.hub.origin()) || self.is_own_form();
        self.cookie(HostCookie::Session).filter(|_| allowed)
    }

    /// The live session of this browser.
    pub(crate) async fn session(&self) -> Result<Option<SessionRecord>, SignInError> {
        match self.session_token() {
            Some(token) => sessions::find(&self.context, &self.hub.sign_in, token).await,
            None => Ok(None),
        }
    }

    /// This browser as sign-in knows it, in its transaction.
    pub(crate) fn browser<'a>(&'a self, transaction: &str, session: Option<&'a SessionRecord>) -> Browser<'a> {
        Browser {
            address: self.address,
            transaction: transaction_hash(transaction),
            device: self.cookie(HostCookie::Device),
            session,
        }
    }

    /// Form token bound to the session; empty without one.
    pub(crate) fn session_form_token(&self, handle: &str) -> String {
        self.session_token().map_or_else(String::new, |token| self.hub.form_token(&FormBinding::Session(token), handle))
    }

    /// Whether the request came from a page of the hub: `Sec-Fetch-Site`, or in browsers without it `Origin`, which pages
    /// without referrer send as `null`. The form's token decides beside it.
    fn is_own_form(&self) -> bool {
        match self.headers.get("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => {
                let origin = self.headers.get(header::ORIGIN);
                origin.is_none_or(|origin| *origin == *self.hub.origin() || origin == "null")
            }
        }
    }

    /// Whether `flow.js` sent the form: it wants to be told where to go on, and then replaces the page.
    fn wants_location(&self) -> bool {
        self.headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept.as_bytes().starts_with(b"application/json, text/html"))
    }

    /// A page with the hub's security headers.
    pub(crate) fn page(&self, page: &impl Template) -> HubAnswer {
        pages::respond(page, &self.hub.headers).map(Body::new)
    }

    /// A page whose form may end at another origin, to which the person is sent back.
    pub(crate) fn page_towards(&self, page: &impl Template, origin: &str) -> HubAnswer {
        let mut answer = pages::answer(page).map(Body::new);
        self.hub.headers.apply_with_form_target(answer.headers_mut(), origin);
        answer
    }

    /// Sends the browser on with GET (RFC 9110, section 15.4.4); `flow.js` is told the address instead.
    pub(crate) fn see_other(&self, address: &str) -> HubAnswer {
        let mut answer = if self.wants_location() {
            let mut answer = Response::new(Body::from(serde_json::json!({ "location": address }).to_string()));
            answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            answer
        } else {
            let Ok(location) = HeaderValue::from_str(address) else { return self.problem(Problem::Internal) };
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::SEE_OTHER;
            answer.headers_mut().insert(header::LOCATION, location);
            answer
        };
        self.hub.headers.apply(answer.headers_mut());
        answer
    }

    /// Says what went wrong, as a page or as problem+json.
    pub(crate) fn problem(&self, problem: Problem) -> HubAnswer {
        let preferences = self.preferences();
        let retry =
            (self.method == Method::GET).then(|| self.uri.path_and_query().map(|target| target.as_str())).flatten();
        let view = ProblemView {
            request_id: self.context.id,
            preferences: &preferences,
            html: wants_html(&self.headers) || self.wants_location(),
            portal_origin: self.hub.origin(),
            brand: self.hub.brand,
            retry_path: retry,
        };
        problem.answer(&view, &self.hub.headers).map(Body::new)
    }

    /// Sets or ends one of the host's cookies on an answer.
    pub(crate) fn set_cookie(&self, answer: &mut HubAnswer, cookie: HostCookie, value: &str, seconds: Option<u32>) {
        if let Ok(line) = HeaderValue::try_from(self.hub.cookies.set(cookie, value, seconds)) {
            answer.headers_mut().append(header::SET_COOKIE, line);
        }
    }
}

impl FromRequestParts<Arc<HubSide>> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, hub: &Arc<HubSide>) -> Result<Self, StatusCode> {
        Self::of(hub, parts).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The client's address: that of the connection. Trusted proxies come with TLS, here.
fn client_address(parts: &Parts) -> IpAddr {
    parts.extensions.get::<ClientAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

fn transaction_hash(transaction: &str) -> SecretHash {
    sessions::token_hash(transaction)
}
