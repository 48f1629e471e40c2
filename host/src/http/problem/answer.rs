//! A problem as an HTTP answer: problem+json for scripts, a page for people.

use super::Problem;
use crate::http::{
    assets::Answer,
    locale::Preferences,
    pages::{self, ErrorPage, Frame},
    security_headers::HubHeaders,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::Full;
use yizhan_domain::RequestId;

/// What an answer about a problem depends on beside the problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProblemView<'a> {
    /// Id of the request, shown to people.
    pub(crate) request_id: RequestId,
    /// How the visitor wants pages.
    pub(crate) preferences: &'a Preferences,
    /// Whether a page is wanted (see [`wants_html`]).
    pub(crate) html: bool,
    /// The portal's origin: the way back.
    pub(crate) portal_origin: &'a str,
    /// Brand of the portal.
    pub(crate) brand: &'a str,
    /// Path and query of the request when it was a GET, so that it can be tried again.
    pub(crate) retry_path: Option<&'a str>,
}

/// Whether the request is for a page that a person will look at: a navigation by `Sec-Fetch-Mode`, or, in browsers without
/// it, `Accept` naming `text/html`. A `fetch` gets problem+json.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    if let Some(mode) = headers.get("sec-fetch-mode") {
        return mode == "navigate";
    }
    headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|line| line.as_bytes().windows(9).any(|nine| nine.eq_ignore_ascii_case(b"text/html")))
}

impl Problem {
    /// The whole answer, with the security headers of the host's pages and `no-store`.
    pub(crate) fn answer(self, view: &ProblemView<'_>, hub_headers: &HubHeaders) -> Answer {
        let mut answer = if view.html { self.page(view) } else { self.json(view) };
        *answer.status_mut() = self.status();
        let headers = answer.headers_mut();
        hub_headers.apply(headers);
        match self {
            Self::TooMany { retry_after_seconds } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
            }
            Self::SignedOut => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"yizhan\""));
            }
            Self::MethodNotAllowed { allow } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            _ => {}
        }
        answer
    }

    fn page(self, view: &ProblemView<'_>) -> Answer {
        let frame = Frame::of(view.preferences, view.brand, view.portal_origin);
        pages::answer(&ErrorPage::of(frame, self, view.request_id, view.retry_path))
    }

    fn json(self, view: &ProblemView<'_>) -> Answer {
        let text = self.text(view.preferences.locale);
        let mut body = serde_json::json!({
            "type": format!("urn:yizhan:problem:{}", self.code()),
            "title": text.title,
            "status": self.status().as_u16(),
            "code": self.code(),
            "detail": text.detail,
            "request_id": view.request_id.to_string(),
        });
        if let Self::LimitExceeded { limit } = self {
            body["limit"] = limit.into();
        }
        let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(view.preferences.locale.tag()));
        answer
    }
}
