//! A form that was sent from the hub's own pages, read and checked before a route sees it.

use super::{Caller, HubAnswer};
use crate::http::cookies::HostCookie;
use crate::http::problem::Problem;
use crate::http::routes::form::Fields;
use crate::hub_side::{FormBinding, HubSide};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use std::sync::Arc;

/// Most bytes of a form that the hub takes.
pub(crate) const FORM_BYTES_MAX: usize = 64 << 10;

/// Content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// One form that was sent from the hub's own pages.
pub(crate) struct Posted {
    pub(crate) caller: Caller,
    pub(crate) fields: Fields,
}

impl Posted {
    /// Value of a field, empty when it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.find(name).unwrap_or_default()
    }

    /// Handle of the request that the form is about; empty for none.
    pub(crate) fn handle(&self) -> &str {
        self.text("handle")
    }

    /// Whether the form's token is bound to this browser's session.
    pub(crate) fn is_of_session(&self) -> bool {
        let bound = self.caller.session_token().map(FormBinding::Session);
        bound.is_some_and(|bound| self.caller.hub.is_form_token(&bound, self.handle(), self.text("csrf")))
    }

    /// This browser's sign-in transaction, if the form's token is bound to it.
    pub(crate) fn transaction(&self) -> Option<&str> {
        let transaction = self.caller.cookie(HostCookie::SignIn)?;
        let bound = FormBinding::Transaction(transaction);
        self.caller.hub.is_form_token(&bound, self.handle(), self.text("csrf")).then_some(transaction)
    }
}

impl FromRequest<Arc<HubSide>> for Posted {
    type Rejection = HubAnswer;

    /// Takes a form of at most [`FORM_BYTES_MAX`] from the hub's own pages; a field that may stand once stands once.
    async fn from_request(request: Request, hub: &Arc<HubSide>) -> Result<Self, HubAnswer> {
        let (parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts.clone(), hub).await.map_err(bare)?;
        // Read before anything is refused: what is left unread ends the connection, and with it whatever comes next on it.
        let Ok(body) = Limited::new(body, FORM_BYTES_MAX).collect().await else {
            return Err(caller.problem(Problem::BodyTooLarge));
        };
        if !caller.is_own_form() {
            return Err(caller.problem(Problem::Forbidden));
        }
        if !is_form(&parts.headers) {
            return Err(caller.problem(Problem::BadRequest));
        }
        let fields = Fields::of_bytes(&body.to_bytes());
        if fields.has_duplicates("grant") {
            Err(caller.problem(Problem::BadRequest))
        } else {
            Ok(Self { caller, fields })
        }
    }
}

/// Whether the body is `application/x-www-form-urlencoded`.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(FORM))
}

fn bare(status: StatusCode) -> HubAnswer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::tests::bed::TestHub;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn a_refused_form_is_read_so_that_its_connection_goes_on() {
        let hub = TestHub::new().await;
        for (kind, origin) in [("text/plain", "http://localhost"), (FORM, "https://elsewhere.example")] {
            let was_read = Arc::new(AtomicBool::new(false));
            let reading = Arc::clone(&was_read);
            let body = http_body_util::Full::new(axum::body::Bytes::from_static(b"csrf=0")).map_frame(move |frame| {
                reading.store(true, Ordering::Relaxed);
                frame
            });
            let request = Request::post("/sign-in").header(header::CONTENT_TYPE, kind).header(header::ORIGIN, origin);
            let answer = hub.send(request.body(Body::new(body)).expect("request")).await;
            assert!([400, 403].contains(&answer.status), "{kind}: {}", answer.status);
            assert!(was_read.load(Ordering::Relaxed), "{kind} from {origin}");
        }
    }
}
