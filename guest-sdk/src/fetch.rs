//! Requests to other systems: only to those that the manifest's `gov_egress` lists.
//!
//! ```
//! use yizhan_sdk::{fetch, testing::FakeHost};
//!
//! let _host = FakeHost::new().answer("https://api.example.gov.cn/v1/queue?hall=1", 200, "{\"waiting\":3}").install();
//! let answer = fetch::get("https://api.example.gov.cn/v1/queue?hall=1").header("accept", "application/json").send().unwrap();
//! assert_eq!(answer.json::<serde_json::Value>().unwrap()["waiting"], 3);
//! assert!(matches!(fetch::get("https://elsewhere.example/").send(), Err(fetch::FetchError::Denied(_))));
//! ```

use crate::{Error, Method};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Bytes of an answer that are read unless told otherwise.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Why another system gave no answer. An HTTP status such as 500 is an answer, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not `http(s)://host[:port]/path`, or a header is wrong; says what was found.
    Invalid(String),
    /// The manifest's `gov_egress` does not list the system, or the host does not let anyone go there; names it.
    Denied(String),
    /// No answer in time.
    Timeout,
    /// No connection: name not found, refused, TLS failed.
    Unreachable(String),
    /// The request or the answer is larger than allowed.
    TooLarge,
    /// The other side does not speak HTTP as expected, or its body does not read.
    Protocol(String),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(why) => write!(f, "cannot be sent: {why}"),
            Self::Denied(target) => write!(f, "requests to {target} are not allowed; list it in gov_egress"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Unreachable(why) => write!(f, "no connection: {why}"),
            Self::TooLarge => f.write_str("request or answer is larger than allowed"),
            Self::Protocol(why) => write!(f, "answer does not read: {why}"),
        }
    }
}

impl std::error::Error for FetchError {}

/// With `?` in a handler: an answer that is late or missing is `Unavailable`, the rest `Failed`.
impl From<FetchError> for Error {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Timeout | FetchError::Unreachable(_) => Self::Unavailable,
            other => Self::Failed(other.to_string()),
        }
    }
}

/// A request to another system; [`send`](Fetch::send) sends it.
#[derive(Debug, Clone)]
pub struct Fetch {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout_ms: u32,
    pub(crate) answer_bytes_max: usize,
}

/// GET an address.
#[must_use]
pub fn get(url: impl Into<String>) -> Fetch {
    request(Method::Get, url)
}

/// POST to an address.
#[must_use]
pub fn post(url: impl Into<String>) -> Fetch {
    request(Method::Post, url)
}

/// Any method to an address.
#[must_use]
pub fn request(method: Method, url: impl Into<String>) -> Fetch {
    Fetch {
        method,
        url: url.into(),
        headers: Vec::new(),
        body: Vec::new(),
        timeout_ms: 10_000,
        answer_bytes_max: ANSWER_BYTES_MAX,
    }
}

impl Fetch {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets a body of any media type.
    #[must_use]
    pub fn body(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = bytes.into();
        self.header("content-type", media_type)
    }

    /// Sets a JSON body; a value that JSON cannot hold becomes `null`.
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.body("application/json", bytes)
    }

    /// Waits at most so many milliseconds for each step: connection, first byte, next byte. The default is 10 000; the
    /// host's own limits stay.
    #[must_use]
    pub fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = timeout_ms;
        self
    }

    /// Reads at most so many bytes of the answer; the default is [`ANSWER_BYTES_MAX`].
    #[must_use]
    pub fn answer_bytes_max(mut self, bytes: usize) -> Self {
        self.answer_bytes_max = bytes;
        self
    }

    /// Sends the request and reads the whole answer.
    pub fn send(self) -> Result<Answer, FetchError> {
        let target = Target::parse(&self.url).ok_or_else(|| {
            FetchError::Invalid(format!("{:?} is not http(s)://host[:port]/path without user and fragment", self.url))
        })?;
        crate::host::fetch::send(&self, &target)
    }
}

/// The parts of an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) https: bool,
    pub(crate) authority: &'a str,
    pub(crate) path_with_query: String,
}

impl<'a> Target<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let https = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '#' || c == '\\';
        if authority.is_empty() || authority.contains('@') || url.contains(odd) {
            return None;
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(Self { https, authority, path_with_query: format!("{slash}{path}") })
    }
}

/// What another system answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// First value of a header; the name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Body as text; `Protocol` when it is not UTF-8.
    pub fn text(&self) -> Result<&str, FetchError> {
        std::str::from_utf8(&self.body).map_err(|error| FetchError::Protocol(error.to_string()))
    }

    /// Body as JSON; `Protocol` when it does not read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, FetchError> {
        serde_json::from_slice(&self.body).map_err(|error| FetchError::Protocol(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let target = Target::parse("https://api.example.gov.cn:8443?q=1").expect("valid");
        assert_eq!((target.https, target.authority), (true, "api.example.gov.cn:8443"));
        assert_eq!(target.path_with_query, "/?q=1");
    }

    #[test]
    fn odd_addresses_are_refused() {
        for url in ["ftp://a/", "https://", "https://u:p@a/", "https://a/b#c", "/a", "https://a/ b", "https://a\\b/"] {
            assert_eq!(Target::parse(url), None, "{url}");
            assert!(matches!(get(url).send(), Err(FetchError::Invalid(_))), "{url}");
        }
    }
}
