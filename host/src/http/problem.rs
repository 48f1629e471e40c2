//! What a person or a script is told when the host cannot answer: a small page in the visitor's language, or
//! `application/problem+json` (RFC 9457). The one place that maps failures to HTTP status and stable codes.

mod answer;
pub(crate) mod booking;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use answer::{ProblemView, wants_html};
pub(crate) use text::ProblemText;

use http::StatusCode;

/// Why the host answers instead of an app or a page. What it says to people never holds details of the inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The request cannot be read: a broken form, a missing token, a wrong field.
    BadRequest,
    /// Nobody is signed in; for scripts, because people are sent to sign-in.
    SignedOut,
    /// Not for this visitor: a request from elsewhere, a wrong form token.
    Forbidden,
    /// Nothing has this address.
    NotFound,
    /// The address exists, the method does not; `allow` names those that do, as in `GET, HEAD`.
    MethodNotAllowed {
        /// Value of the `allow` header.
        allow: &'static str,
    },
    /// The request body is larger than the app takes.
    BodyTooLarge,
    /// The address is longer than the host takes.
    UriTooLong,
    /// The `Host` names no app and not the hub.
    UnknownHost,
    /// The app's queue is full; try again after so many seconds.
    TooMany {
        /// Value of `retry-after`, in seconds.
        retry_after_seconds: u32,
    },
    /// The request's headers are larger than the host takes.
    HeadersTooLarge,
    /// A broken invariant of the host.
    Internal,
    /// A capability that this platform does not offer.
    NotProvided,
    /// The app failed (trapped).
    Trap,
    /// The app ended without an answer, or with one that cannot be sent.
    NoAnswer,
    /// The app used up a limit; `limit` is its name in the table of limits.
    LimitExceeded {
        /// Name of the limit.
        limit: &'static str,
    },
    /// A part of the platform that is needed does not answer.
    Unavailable,
    /// The app did not answer in its time.
    TooSlow,
}

impl Problem {
    /// One of each; parameters have sample values.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 17] = [
        Self::BadRequest,
        Self::SignedOut,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed { allow: "GET, HEAD" },
        Self::BodyTooLarge,
        Self::UriTooLong,
        Self::UnknownHost,
        Self::TooMany { retry_after_seconds: 1 },
        Self::HeadersTooLarge,
        Self::Internal,
        Self::NotProvided,
        Self::Trap,
        Self::NoAnswer,
        Self::LimitExceeded { limit: "cpu_ms_max" },
        Self::Unavailable,
        Self::TooSlow,
    ];

    /// HTTP status.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NotProvided => StatusCode::NOT_IMPLEMENTED,
            Self::Trap | Self::NoAnswer => StatusCode::BAD_GATEWAY,
            Self::LimitExceeded { .. } | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// Stable code, documented in `docs/http-errors.md`; also in the access log.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::SignedOut => "signed-out",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed { .. } => "method-not-allowed",
            Self::BodyTooLarge => "body-too-large",
            Self::UriTooLong => "uri-too-long",
            Self::UnknownHost => "unknown-host",
            Self::TooMany { .. } => "too-many-requests",
            Self::HeadersTooLarge => "headers-too-large",
            Self::Internal => "internal",
            Self::NotProvided => "not-provided",
            Self::Trap => "app-failed",
            Self::NoAnswer => "app-no-answer",
            Self::LimitExceeded { .. } => "limit-exceeded",
            Self::Unavailable => "unavailable",
            Self::TooSlow => "app-too-slow",
        }
    }
}
