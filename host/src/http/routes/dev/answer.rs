//! What was met in a rehearsal, exactly as browser, client or guest get it.

use crate::http::oauth_error::{self, Endpoint};
use crate::http::pages::Rehearsal;
use http::{HeaderMap, StatusCode};
use yizhan_auth::refusal::Refusal;
use yizhan_auth::rehearsal::{Met, Part, Rehearsed};

/// A rehearsal in the words of the page.
pub(super) fn shown(part: Part, played: &Rehearsed) -> Rehearsal {
    let (door, lines) = match &played.met {
        Met::Page(refusal) => ("page", page(*refusal)),
        Met::Redirect { location, .. } => ("redirect", vec!["HTTP 303".to_owned(), format!("Location: {location}")]),
        Met::BackChannel(refusal) => ("back-channel", oauth(*refusal, Endpoint::BackChannel { basic: false })),
        Met::Resource(refusal) => ("userinfo", oauth(*refusal, Endpoint::Resource { dpop: false })),
        Met::Registration(refusal) => ("registration", vec![refusal.to_string()]),
        Met::Guest(error) => ("guest", vec![yizhan_sandbox::guest_error(error), error.to_string()]),
        Met::Broken(what) => ("broken", vec![(*what).to_owned()]),
    };
    let audit = played.audit.as_ref().map(|record| {
        let details = record.details.iter().map(|(name, value)| format!(" {name}={value}")).collect::<String>();
        format!("{} {} {}{details}", record.actor, record.action, record.outcome)
    });
    Rehearsal { name: part.name(), code: played.met.code().unwrap_or("broken"), door, answer: lines, audit }
}

/// A page of the hub: its status, and what it says is in the words of `pages/refusal.rs`.
fn page(refusal: Refusal) -> Vec<String> {
    let status = match refusal {
        Refusal::ExpiredRequest => StatusCode::OK,
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    vec![format!("HTTP {}", status.as_u16()), "Content-Type: text/html; charset=utf-8".to_owned(), refusal.to_string()]
}

/// Status, the headers that matter and the JSON.
fn oauth(refusal: Refusal, endpoint: Endpoint) -> Vec<String> {
    let answer = oauth_error::answer(refusal, endpoint);
    let mut lines = vec![format!("HTTP {}", answer.status().as_u16())];
    let header = |headers: &HeaderMap, name: &str| Some(format!("{name}: {}", headers.get(name)?.to_str().ok()?));
    lines.extend(
        ["content-type", "www-authenticate", "retry-after"].iter().filter_map(|name| header(answer.headers(), name)),
    );
    lines.push(oauth_error::body(refusal, endpoint).to_string());
    lines
}
