//! Refusals of the authorization in OAuth's words: status, JSON body and challenge (RFC 6749 section 5.2, RFC 6750 section 3,
//! RFC 9449 section 7.1). The one place that knows them; pages say the same in `routes/refusal.rs`.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use yizhan_auth::refusal::Refusal;

/// Which kind of endpoint refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// The client authenticates itself: token, PAR, introspection, revocation.
    BackChannel {
        /// Whether it tried with the `Authorization` header.
        basic: bool,
    },
    /// An access token is presented: UserInfo.
    Resource {
        /// Whether it came as a DPoP token.
        dpop: bool,
    },
}

/// The whole answer; never stored.
pub(crate) fn answer(refusal: Refusal, endpoint: Endpoint) -> Response<Body> {
    let (status, error) = match endpoint {
        Endpoint::BackChannel { .. } => (back_channel_status(refusal), refusal.oauth_error()),
        Endpoint::Resource { .. } => (resource_status(refusal), refusal.token_error()),
    };
    let description = description(refusal);
    let body = body(refusal, endpoint);
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    no_store(headers);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Some(challenge) = challenge(endpoint, status, error, &description) {
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// The JSON of an answer.
pub(crate) fn body(refusal: Refusal, endpoint: Endpoint) -> serde_json::Value {
    let error = match endpoint {
        Endpoint::BackChannel { .. } => refusal.oauth_error(),
        Endpoint::Resource { .. } => refusal.token_error(),
    };
    serde_json::json!({ "error": error, "error_description": description(refusal) })
}

/// The stable code stands first: several refusals share one OAuth error.
fn description(refusal: Refusal) -> String {
    format!("{}: {refusal}", refusal.code())
}

/// UserInfo without any token: the schemes that it takes, and no error (RFC 6750, section 3.1).
pub(crate) fn missing_token() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::UNAUTHORIZED;
    let headers = answer.headers_mut();
    no_store(headers);
    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"yizhan\""));
    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("DPoP algs=\"ES256\""));
    answer
}

/// Marks an answer that holds or concerns secrets (RFC 6749, section 5.1).
pub(crate) fn no_store(headers: &mut http::HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn back_channel_status(refusal: Refusal) -> StatusCode {
    match (refusal, refusal.oauth_error()) {
        (Refusal::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (_, "invalid_client") => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn resource_status(refusal: Refusal) -> StatusCode {
    match refusal.token_error() {
        "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "insufficient_scope" => StatusCode::FORBIDDEN,
        "invalid_token" | "invalid_dpop_proof" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn challenge(endpoint: Endpoint, status: StatusCode, error: &str, description: &str) -> Option<HeaderValue> {
    let text = match endpoint {
        Endpoint::BackChannel { basic: true } if status == StatusCode::UNAUTHORIZED => {
            "Basic realm=\"yizhan\"".to_owned()
        }
        Endpoint::Resource { dpop } if status.is_client_error() => {
            let description = description.replace(['"', '\\'], "'");
            let bound = dpop || error == "invalid_dpop_proof";
            let scheme = if bound { "DPoP algs=\"ES256\"" } else { "Bearer realm=\"yizhan\"" };
            format!("{scheme}, error=\"{error}\", error_description=\"{description}\"")
        }
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_an_answer_that_is_never_stored() {
        for refusal in Refusal::ALL {
            for endpoint in [Endpoint::BackChannel { basic: false }, Endpoint::Resource { dpop: true }] {
                let answer = answer(*refusal, endpoint);
                assert!(answer.status().is_client_error() || answer.status() == 503, "{refusal:?}");
                assert_eq!(answer.headers()["cache-control"], "no-store");
                assert_eq!(answer.headers()["content-type"], "application/json");
            }
        }
    }

    #[test]
    fn a_client_that_failed_with_a_header_is_challenged() {
        let refused = |basic| answer(Refusal::WrongClient, Endpoint::BackChannel { basic });
        assert_eq!(refused(true).status(), 401);
        assert_eq!(refused(true).headers()["www-authenticate"], "Basic realm=\"yizhan\"");
        assert!(!refused(false).headers().contains_key("www-authenticate"));
    }

    #[test]
    fn a_wrong_token_is_told_in_its_own_scheme() {
        let challenge = |refusal, dpop| {
            let answer = answer(refusal, Endpoint::Resource { dpop });
            (answer.status().as_u16(), answer.headers()["www-authenticate"].to_str().expect("text").to_owned())
        };
        let (status, bearer) = challenge(Refusal::RevokedToken, false);
        assert!(status == 401 && bearer.starts_with("Bearer realm=\"yizhan\", error=\"invalid_token\""), "{bearer}");
        let (status, proof) = challenge(Refusal::MissingDpop, false);
        assert!(status == 401 && proof.starts_with("DPoP algs=\"ES256\", error=\"invalid_dpop_proof\""), "{proof}");
        assert_eq!(challenge(Refusal::ClaimNotGranted, false).0, 403);
    }

    #[test]
    fn a_store_that_does_not_answer_is_503_with_a_retry() {
        let answer = answer(Refusal::Unavailable, Endpoint::BackChannel { basic: false });
        assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &HeaderValue::from_static("1")));
    }
}
