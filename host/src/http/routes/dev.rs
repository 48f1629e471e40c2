//! `/.yizhan/dev` of a development store: who one is, what time it is, and every refusal by its code. On the hub's origin and
//! on each app's; elsewhere there is no such page.

mod answer;

use super::form::Fields;
use super::{Served, app};
use crate::development::Development;
use crate::http::caller::ClientAddress;
use crate::http::cookies::{HostCookie, session_allowed};
use crate::http::locale::Preferences;
use crate::http::pages::{self, DevPage, Frame, Rehearsal, moment, rfc3339};
use crate::http::problem::{Problem, wants_html};
use crate::http::return_path::DEVELOPMENT_PAGE;
use crate::http::router::Visit;
use crate::hub_side::rng;
use crate::site::Site;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body::Body as HttpBody;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use yizhan_auth::rehearsal::{self, Part};
use yizhan_auth::sign_in::{self, Browser, SignInStep, sessions};
use yizhan_domain::{Access, PersonId};

/// The page's path on every origin.
pub(crate) const PATH: &str = DEVELOPMENT_PAGE;

/// Where a request to the page stands.
struct Desk<'a> {
    visit: &'a Visit<'a>,
    site: Option<&'a Arc<Site>>,
    development: &'a Development,
    headers: &'a HeaderMap,
}

/// Answers the page and its forms; 404 in a production store and for anybody but this machine.
pub(crate) async fn answer<B>(visit: &Visit<'_>, site: Option<&Arc<Site>>, request: Request<B>) -> Served
where
    B: HttpBody<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let (parts, body) = request.into_parts();
    let here = parts.extensions.get::<ClientAddress>().map(|address| address.0);
    let (Some(development), Some(address)) = (&visit.app.development, here.filter(IpAddr::is_loopback)) else {
        return visit.problem(Problem::NotFound, &parts.headers, site);
    };
    let desk = Desk { visit, site, development, headers: &parts.headers };
    let name = parts.uri.path().strip_prefix(PATH).unwrap_or_default();
    match (name, &parts.method) {
        ("", &Method::GET) => desk.show(None),
        ("/as", &Method::GET) if site.is_none() => desk.become_persona(parts.uri.query(), address).await,
        ("/clock" | "/rehearse" | "/persona", &Method::POST) => {
            if !session_allowed(&parts.method, &parts.headers, &desk.origin()) {
                return visit.problem(Problem::Forbidden, &parts.headers, site);
            }
            let Some(fields) = Fields::of_body(body).await else {
                return visit.problem(Problem::BodyTooLarge, &parts.headers, site);
            };
            match name {
                "/clock" => desk.advance(&fields),
                "/rehearse" => desk.rehearse(&fields).await,
                _ => desk.choose(&fields),
            }
        }
        _ => visit.problem(Problem::NotFound, &parts.headers, site),
    }
}

impl Desk<'_> {
    /// The origin that the browser sees.
    fn origin(&self) -> String {
        app::own_origin(self.visit, self.headers)
    }

    /// Page or JSON, with what was just rehearsed.
    fn show(&self, played: Option<Rehearsal>) -> Served {
        if !wants_html(self.headers) {
            return self.json(&match &played {
                Some(played) => played.to_json(),
                None => self.state(),
            });
        }
        let app = &self.visit.app;
        let wished = Preferences::of(self.headers, app.cookies);
        let frame = Frame::of(&wished, crate::app::BRAND, &app.portal_origin).with_settings(PATH).in_development(true);
        let signs_in = self.site.is_some_and(|site| site.policy.access == Access::IdentityRequired);
        let apps = if self.site.is_none() { app.apps.list().unwrap_or_default() } else { Vec::new() };
        let page = DevPage {
            now: moment(app.clock.now(), frame.locale),
            shift_minutes: self.development.clock.shift_ms() / 60_000,
            app_name: self.site.map(|site| site.manifest.name.as_str()),
            personas: app.hub_side.as_ref().filter(|_| signs_in).map(|hub| pages::personas_of(&hub.personas)),
            hub_page: format!("{}{PATH}", app.origins.hub),
            apps: apps
                .iter()
                .map(|(it, manifest)| (manifest.name.clone(), app.origin_of(it.slug.as_str()) + PATH))
                .collect(),
            groups: pages::refusal_groups(frame.locale),
            played,
            frame,
        };
        let mut answer = pages::answer(&page);
        // The choice of a person leads to the hub, which leads back.
        app.hub_headers.apply_with_form_target(answer.headers_mut(), &app.origins.hub);
        Served::whole(answer, self.site)
    }

    /// What an automated test reads.
    fn state(&self) -> Value {
        let app = &self.visit.app;
        let refusals: Vec<Value> =
            Part::all().iter().map(|part| json!({ "refusal": part.name(), "code": part.code() })).collect();
        let personas = app.hub_side.as_ref().map(|hub| {
            let one =
                |person: &yizhan_auth::Person| json!({ "id": person.id, "name": person.name, "about": person.about });
            hub.personas.iter().map(one).collect::<Vec<_>>()
        });
        json!({
            "now": rfc3339(app.clock.now()),
            "shift_minutes": self.development.clock.shift_ms() / 60_000,
            "personas": personas,
            "refusals": refusals,
        })
    }

    fn json(&self, value: &Value) -> Served {
        let text = bytes::Bytes::from(value.to_string());
        let mut answer = http::Response::new(http_body_util::Full::new(text));
        self.visit.app.hub_headers.apply(answer.headers_mut());
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Served::whole(answer, self.site)
    }

    fn problem(&self, problem: Problem) -> Served {
        self.visit.problem(problem, self.headers, self.site)
    }

    /// `POST clock`: `amount` of `unit` (minutes, hours, days) ahead.
    fn advance(&self, fields: &Fields) -> Served {
        let unit_ms = match fields.find("unit") {
            Some("minutes") => 60_000,
            Some("hours") => 3_600_000,
            Some("days") => 86_400_000,
            _ => return self.problem(Problem::BadRequest),
        };
        let amount: Option<u64> = fields.find("amount").and_then(|text| text.parse().ok());
        match amount.and_then(|amount| amount.checked_mul(unit_ms)) {
            Some(ms) if self.development.clock.advance_ms(ms) => {
                tracing::warn!(
                    shift_ms = self.development.clock.shift_ms(),
                    "the clock of this development run went ahead"
                );
                self.after()
            }
            _ => self.problem(Problem::BadRequest),
        }
    }

    /// Back to the page, or its state.
    fn after(&self) -> Served {
        if wants_html(self.headers) { self.visit.see_other(PATH, self.site) } else { self.show(None) }
    }

    /// `POST rehearse`: one refusal on a throw-away hub.
    async fn rehearse(&self, fields: &Fields) -> Served {
        let part = fields.find("refusal").and_then(Part::find);
        let Some(part) = part else { return self.problem(Problem::BadRequest) };
        let now = self.visit.app.clock.now();
        // Not on the core's thread: there run guests alone.
        let playing = self.visit.app.hub.spawn(async move { rehearsal::play(part, now, &mut rng()).await });
        match playing.await {
            Ok(played) => self.show(Some(answer::shown(part, &played))),
            Err(_) => self.problem(Problem::Internal),
        }
    }

    /// `POST persona` on an app's origin: the browser goes to the hub with a ticket, signs in there, and comes back by the
    /// app's own sign-in, with the hub's questions on the way.
    fn choose(&self, fields: &Fields) -> Served {
        let Some(hub) = &self.visit.app.hub_side else { return self.problem(Problem::NotFound) };
        let persona = fields.find("persona").unwrap_or_default();
        let signs_in = self.site.is_some_and(|site| site.policy.access == Access::IdentityRequired);
        if !signs_in || !hub.personas.iter().any(|person| person.id.as_str() == persona) {
            return self.problem(Problem::BadRequest);
        }
        let then = format!("{}/.yizhan/login?return=%2F", self.origin());
        let ticket = self.development.issue(self.visit.context.now, persona, then);
        self.visit.see_other(&format!("{}{PATH}/as?ticket={ticket}", self.visit.app.origins.hub), self.site)
    }

    /// `GET as` at the hub: the ticket becomes a session of the test person, as the sign-in page would make it.
    async fn become_persona(&self, query: Option<&str>, address: IpAddr) -> Served {
        let fields = Fields::of_query(query);
        let ticket = fields.find("ticket").unwrap_or_default();
        let taken = self.development.take(self.visit.context.now, ticket);
        let (Some(hub), Some(taken)) = (&self.visit.app.hub_side, taken) else {
            return self.problem(Problem::BadRequest);
        };
        let (context, transaction) = (self.visit.context, sessions::token_hash(ticket));
        let (hub, persona) = (Arc::clone(hub), PersonId(taken.persona));
        let before = self.visit.app.cookies.find(HostCookie::Session, self.headers).map(str::to_owned);
        let signing_in = async move {
            let session = match before {
                Some(token) => sessions::find(&context, &hub.sign_in, &token).await?,
                None => None,
            };
            let browser = Browser { address, transaction, device: None, session: session.as_ref() };
            sign_in::as_persona(&context, &hub.sign_in, &persona, &browser, &mut rng()).await
        };
        match self.visit.app.hub.spawn(signing_in).await {
            Ok(Ok(SignInStep::Done(signed_in))) => {
                let mut served = self.visit.see_other(&taken.then, None);
                let cookie = self.visit.app.cookies.set(HostCookie::Session, &signed_in.token, None);
                if let Ok(cookie) = HeaderValue::try_from(cookie) {
                    served.response.headers_mut().append(header::SET_COOKIE, cookie);
                }
                served
            }
            _ => self.problem(Problem::Forbidden),
        }
    }
}
