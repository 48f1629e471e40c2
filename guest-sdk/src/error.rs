//! The one error type: what handlers return with `?`, and what the host's calls answer.

use std::fmt;

/// What handlers return: a [`Response`](crate::Response) unless another type is named.
pub type Result<T = crate::Response, E = Error> = std::result::Result<T, E>;

/// Why a request or a call to the host was not carried out.
///
/// A handler that returns an error is answered with [`status`](Error::status) and a page or `application/problem+json`,
/// whichever the client prefers; the words of variants that only operators should see stay in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The app, or the person, has not granted what the call needs; names the missing permission, as in `identity:mobile`.
    Denied(String),
    /// An argument or field is wrong; says which one, what was found and what is allowed.
    Invalid(String),
    /// Nothing has this name or code.
    NotFound,
    /// The state does not allow it now; says why.
    Conflict(String),
    /// A limit or quota is used up; names it.
    Exhausted(String),
    /// The host cannot answer now; the same call may succeed later.
    Unavailable,
    /// The platform does not offer this by design; says where to go instead.
    NotProvided(String),
    /// The body has more bytes than allowed.
    TooLarge {
        /// The most allowed, in bytes.
        limit_bytes: usize,
    },
    /// The body is of another media type than the handler reads.
    UnsupportedType {
        /// What the handler reads.
        expected: &'static str,
    },
    /// The path exists, but not for this method; lists the methods that do.
    MethodNotAllowed {
        /// As in the `Allow` header.
        allow: String,
    },
    /// Something else failed; the words are for the log, not for people.
    Failed(String),
}

impl Error {
    /// HTTP status that answers the error.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.parts().0
    }

    /// Stable code of the error in problem documents, as in `not-found`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.parts().1
    }

    fn parts(&self) -> (u16, &'static str) {
        match self {
            Self::Denied(_) => (403, "denied"),
            Self::Invalid(_) => (400, "invalid"),
            Self::NotFound => (404, "not-found"),
            Self::Conflict(_) => (409, "conflict"),
            Self::Exhausted(_) => (429, "exhausted"),
            Self::Unavailable => (503, "unavailable"),
            Self::NotProvided(_) => (501, "not-provided"),
            Self::TooLarge { .. } => (413, "too-large"),
            Self::UnsupportedType { .. } => (415, "unsupported-type"),
            Self::MethodNotAllowed { .. } => (405, "method-not-allowed"),
            Self::Failed(_) => (500, "failed"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(permission) => write!(f, "denied: {permission} is not granted"),
            Self::Invalid(why) | Self::Conflict(why) | Self::NotProvided(why) | Self::Failed(why) => f.write_str(why),
            Self::NotFound => f.write_str("nothing has this name or code"),
            Self::Exhausted(limit) => write!(f, "used up: {limit}"),
            Self::Unavailable => f.write_str("the platform cannot answer now; try again later"),
            Self::TooLarge { limit_bytes } => write!(f, "the body is larger than {limit_bytes} bytes"),
            Self::UnsupportedType { expected } => write!(f, "the body is not {expected}"),
            Self::MethodNotAllowed { allow } => write!(f, "only {allow} is allowed here"),
        }
    }
}

impl std::error::Error for Error {}
