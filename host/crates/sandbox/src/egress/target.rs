//! A destination, `scheme://host:port`, in one spelling only: entries of allow-lists and requests are compared as this type.

use super::error::EgressError;
use http::Uri;
use http::uri::PathAndQuery;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A text that is not `http(s)://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not http(s)://host[:port]: {reason}")]
pub struct TargetError {
    /// What was found.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// How a destination is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// HTTP in the clear.
    Http,
    /// HTTP over TLS.
    Https,
}

/// A destination. Case, IDNA (UTS 46), default ports and IPv6 spellings are normalised, so equality is exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    scheme: Scheme,
    host: Host,
    port: u16,
}

/// Name or address of a destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Host {
    /// ASCII, lower case, no trailing dot.
    Name(String),
    /// A literal address.
    Address(IpAddr),
}

impl Target {
    /// Scheme of the destination.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Port, 1 to 65535; 80 or 443 when none was written.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Value of the `Host` field (RFC 9110, 7.2): the default port is left out.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Destination and path of a request. The URI is written out and parsed again: parts that a guest set one by one
    /// (a path such as `@elsewhere.example/` or `http://elsewhere.example/`) must still mean the same as a whole.
    pub(crate) fn of_request(uri: &Uri) -> Result<(Self, PathAndQuery), EgressError> {
        let whole: Uri =
            uri.to_string().parse().map_err(|_| EgressError::denied("the URI is not valid when written out"))?;
        let same = whole.scheme() == uri.scheme()
            && whole.authority() == uri.authority()
            && whole.path() == uri.path()
            && whole.query() == uri.query();
        let (Some(scheme), Some(authority), true) = (whole.scheme_str(), whole.authority(), same) else {
            return Err(EgressError::denied("the URI is not one absolute URI"));
        };
        let target: Self = format!("{scheme}://{authority}")
            .parse()
            .map_err(|error: TargetError| EgressError::denied(error.to_string()))?;
        let path = whole.query().map_or_else(|| whole.path().to_owned(), |query| format!("{}?{query}", whole.path()));
        match PathAndQuery::try_from(path) {
            Ok(path) if path.as_str().starts_with('/') => Ok((target, path)),
            _ => Err(EgressError::denied("the path does not begin with '/'")),
        }
    }
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

impl FromStr for Target {
    type Err = TargetError;

    /// Takes `http(s)://host[:port]`, with or without one `/` at the end; no user, path, query or fragment.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let fail = |reason| TargetError { text: text.to_owned(), reason };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| fail("it has no scheme"))?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(fail("the scheme is neither http nor https")),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains('@') {
            return Err(fail("it names a user"));
        }
        let (host, port) = split_port(authority).map_err(fail)?;
        Ok(Self { scheme, host: parse_host(host).map_err(fail)?, port: port.unwrap_or(scheme.default_port()) })
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), &'static str> {
    let host_end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').ok_or("a bracket is not closed")? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(host_end);
    if rest.is_empty() {
        return Ok((host, None));
    }
    let digits = rest.strip_prefix(':').ok_or("something follows the bracket")?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if plain => Ok((host, Some(port))),
        _ => Err("the port is not a number from 1 to 65535"),
    }
}

fn parse_host(host: &str) -> Result<Host, &'static str> {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().map_err(|_| "the bracket holds no IPv6 address")?;
        return Ok(Host::Address(IpAddr::V6(address)));
    }
    let name =
        idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::URL).map_err(|_| "the host is no name")?;
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if !name.bytes().all(allowed) || name.len() > 253 {
        return Err("the host has characters or a length that names cannot have");
    }
    if name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err("a label of the host is empty or too long, or a dot ends it");
    }
    // "127.1", "0x7f000001" and "2130706433" are addresses for a resolver, so they are never taken as names (WHATWG URL, 3.5).
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") {
        let address: Ipv4Addr = name.parse().map_err(|_| "the host is an address in an odd spelling")?;
        return Ok(Host::Address(IpAddr::V4(address)));
    }
    Ok(Host::Name(name.into_owned()))
}

#[cfg(test)]
mod tests;
