//! The host's cookies and what keeps them the host's: names, reading, and the rules for requests and guests' answers.
//! The router calls these around every request of an app.

mod request;
mod response;
#[cfg(test)]
mod tests;

pub(crate) use request::{is_hop_by_hop, session_allowed, strip_request_cookies, strip_request_headers};
pub(crate) use response::filter_response_cookies;

use http::{HeaderMap, header::COOKIE};

/// Which names the host's cookies have: a `__Host-` cookie needs https, which a loopback development origin lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostCookies {
    /// `__Host-yz-*` with `Secure`, over https.
    Secure,
    /// `yz-dev-*` without `Secure`, only over http on loopback with a development store.
    Development,
}

/// One of the host's cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostCookie {
    /// The session on this origin.
    Session,
    /// Language, region and elder mode on this origin.
    Preferences,
    /// The running sign-in transaction.
    SignIn,
    /// The authorization request that waits for the person, at the hub.
    Request,
    /// A device that signed in before, at the hub.
    Device,
    /// A sign-in whose second factor is missing, at the hub.
    Factor,
    /// What was ticked on a consent page that expired, at the hub.
    Choices,
    /// A sign-in at an upstream provider, at the hub.
    Elsewhere,
}

impl HostCookies {
    /// Name of a cookie.
    pub(crate) fn name(self, cookie: HostCookie) -> &'static str {
        match (self, cookie) {
            (Self::Secure, HostCookie::Session) => "__Host-yz-session",
            (Self::Secure, HostCookie::Preferences) => "__Host-yz-prefs",
            (Self::Secure, HostCookie::SignIn) => "__Host-yz-signin",
            (Self::Secure, HostCookie::Request) => "__Host-yz-request",
            (Self::Secure, HostCookie::Device) => "__Host-yz-device",
            (Self::Secure, HostCookie::Factor) => "__Host-yz-factor",
            (Self::Secure, HostCookie::Choices) => "__Host-yz-choices",
            (Self::Secure, HostCookie::Elsewhere) => "__Host-yz-elsewhere",
            (Self::Development, HostCookie::Elsewhere) => "yz-dev-elsewhere",
            (Self::Development, HostCookie::Request) => "yz-dev-request",
            (Self::Development, HostCookie::Device) => "yz-dev-device",
            (Self::Development, HostCookie::Factor) => "yz-dev-factor",
            (Self::Development, HostCookie::Choices) => "yz-dev-choices",
            (Self::Development, HostCookie::Session) => "yz-dev-session",
            (Self::Development, HostCookie::Preferences) => "yz-dev-prefs",
            (Self::Development, HostCookie::SignIn) => "yz-dev-signin",
        }
    }

    /// Value of a cookie of the request; none when it is missing, empty or sent more than once (RFC 6265bis orders
    /// duplicates by path and age, which a page's script can arrange).
    pub(crate) fn find(self, cookie: HostCookie, headers: &HeaderMap) -> Option<&str> {
        let name = self.name(cookie).as_bytes();
        let mut found = None;
        for pair in headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
            let (pair_name, value) = split_pair(pair);
            if pair_name == name {
                if found.is_some() {
                    return None;
                }
                found = Some(value);
            }
        }
        found.and_then(|value| std::str::from_utf8(value).ok()).filter(|value| !value.is_empty())
    }

    /// A `set-cookie` value for this origin alone: `Path=/`, `HttpOnly`, `SameSite=Lax`; a session cookie of the browser
    /// when `max_age_seconds` is `None`, gone at once when it is 0. `value` must be cookie octets.
    pub(crate) fn set(self, cookie: HostCookie, value: &str, max_age_seconds: Option<u32>) -> String {
        let mut line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", self.name(cookie));
        if self == Self::Secure {
            line.push_str("; Secure");
        }
        if let Some(seconds) = max_age_seconds {
            line.push_str("; Max-Age=");
            line.push_str(&seconds.to_string());
        }
        line
    }
}

/// Name and value of a cookie pair without the spaces around them; a pair without `=` is a value without a name.
fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (b"", pair.trim_ascii()),
    }
}

/// Whether a cookie pair is the host's, or would be read as the host's once a browser sends it back: names are compared
/// without case, and a pair without a name (`=yz-dev-session=1`) comes back as its bare value.
fn is_host_pair(pair: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 2] = [b"__host-yz-", b"yz-dev-"];
    let mut text = pair.trim_ascii();
    while let Some(rest) = text.strip_prefix(b"=") {
        text = rest.trim_ascii_start();
    }
    PREFIXES.iter().any(|prefix| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}
