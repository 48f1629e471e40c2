//! Targets of outgoing requests: `scheme://host[:port]`, nothing more. The manifest, `--egress` and the sandbox use them.

use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Scheme of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Without TLS, port 80 unless stated.
    Http,
    /// With TLS, port 443 unless stated.
    Https,
}

impl Scheme {
    /// Name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Port when none is stated.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// One target: scheme, host in lower case (IPv6 without brackets) and port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EgressTarget {
    scheme: Scheme,
    host: String,
    port: u16,
}

/// Why a target was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// Neither `https://` nor `http://`.
    #[error("{found:?} does not begin with https:// or http://")]
    Scheme {
        /// What was found.
        found: String,
    },
    /// A path, query, fragment or user info.
    #[error("{found:?} has {part}; only scheme, host and port are allowed")]
    Part {
        /// What was found.
        found: String,
        /// Which part is too much.
        part: &'static str,
    },
    /// A wildcard.
    #[error("{found:?} has a wildcard; each host is named on its own")]
    Wildcard {
        /// What was found.
        found: String,
    },
    /// Not a host name or an address.
    #[error("{host:?} is not a host name of letters, digits, '-' and '.', nor an IP address")]
    Host {
        /// The host found.
        host: String,
    },
    /// Not a port.
    #[error("{port:?} is not a port from 1 to 65535")]
    Port {
        /// The port found.
        port: String,
    },
}

impl EgressTarget {
    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in lower case, an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, stated or of the scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the host says by its name alone that it is this machine or a private network: `localhost`, a name under it,
    /// or an address that is not public. A manifest must not name such a host; an operator may allow it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => !is_public_address(address),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

impl FromStr for EgressTarget {
    type Err = EgressError;

    fn from_str(text: &str) -> Result<Self, EgressError> {
        let found = || text.chars().take(200).collect::<String>();
        let (scheme, rest) = split_scheme(text).ok_or_else(|| EgressError::Scheme { found: found() })?;
        if rest.contains('*') {
            return Err(EgressError::Wildcard { found: found() });
        }
        let part = rest.chars().find_map(|character| match character {
            '/' | '\\' => Some("a path"),
            '?' => Some("a query"),
            '#' => Some("a fragment"),
            '@' => Some("user information"),
            _ => None,
        });
        if let Some(part) = part {
            return Err(EgressError::Part { found: found(), part });
        }
        let (host, port) = split_port(rest)?;
        let port = match port {
            None => scheme.default_port(),
            Some(digits) => parse_port(digits)?,
        };
        Ok(Self { scheme, host: parse_host(host)?, port })
    }
}

fn split_scheme(text: &str) -> Option<(Scheme, &str)> {
    let https = text.strip_prefix("https://").map(|rest| (Scheme::Https, rest));
    https.or_else(|| text.strip_prefix("http://").map(|rest| (Scheme::Http, rest)))
}

fn split_port(rest: &str) -> Result<(&str, Option<&str>), EgressError> {
    if !rest.starts_with('[') {
        return Ok(rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))));
    }
    let error = || EgressError::Host { host: rest.chars().take(200).collect() };
    let end = rest.find(']').ok_or_else(error)?;
    match &rest[end + 1..] {
        "" => Ok((&rest[..=end], None)),
        after => after.strip_prefix(':').map(|port| (&rest[..=end], Some(port))).ok_or_else(error),
    }
}

fn parse_port(digits: &str) -> Result<u16, EgressError> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let port = digits.parse().ok().filter(|_| plain);
    port.ok_or_else(|| EgressError::Port { port: digits.chars().take(20).collect() })
}

fn parse_host(host: &str) -> Result<String, EgressError> {
    let error = || EgressError::Host { host: host.chars().take(200).collect() };
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().map(|address| address.to_string()).map_err(|_| error());
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(address.to_string());
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A last label that begins like a number is read as an address by browsers and by some resolvers.
    let numeric = host.rsplit('.').next().is_some_and(|last| last.starts_with(|first: char| first.is_ascii_digit()));
    if host.len() > 253 || numeric || !host.split('.').all(label) {
        return Err(error());
    }
    Ok(host.to_ascii_lowercase())
}

impl fmt::Display for EgressTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{}{close}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl TryFrom<String> for EgressTarget {
    type Error = EgressError;
    fn try_from(text: String) -> Result<Self, EgressError> {
        text.parse()
    }
}

impl From<EgressTarget> for String {
    fn from(target: EgressTarget) -> Self {
        target.to_string()
    }
}

/// Whether an address is a globally routable unicast one: not of this machine, a private or shared network, a link, a
/// multicast group, documentation, benchmarking, or a translation of IPv4 (NAT64, 6to4, Teredo, mapped).
#[must_use]
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_own = matches!(a, 0 | 10 | 127 | 224..=255);
    let is_private = matches!((a, b), (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19));
    let is_reserved = matches!((a, b, c), (192, 0, 0 | 2) | (192, 88, 99) | (198, 51, 100) | (203, 0, 113));
    !(is_own || is_private || is_reserved)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Global unicast is 2000::/3; inside it Teredo and others 2001::/23, documentation 2001:db8::/32 and 3fff::/20, 6to4 2002::/16.
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_written_in_one_form() {
        for (text, form) in [
            ("https://API.example.gov.cn", "https://api.example.gov.cn"),
            ("https://a.example:443", "https://a.example"),
            ("http://a.example:8080", "http://a.example:8080"),
            ("https://[2001:DB8::0:1]:8443", "https://[2001:db8::1]:8443"),
            ("http://192.0.2.1", "http://192.0.2.1"),
        ] {
            assert_eq!(text.parse::<EgressTarget>().expect(text).to_string(), form);
        }
    }

    #[test]
    fn each_wrong_target_is_refused_for_its_reason() {
        let error = |text: &str| text.parse::<EgressTarget>().expect_err(text);
        for text in ["ftp://a.example", "a.example", "HTTPS://a.example", ""] {
            assert!(matches!(error(text), EgressError::Scheme { .. }), "{text}");
        }
        for text in ["https://a.example/", "https://a.example?q", "https://a.example#f", "https://u@a.example"] {
            assert!(matches!(error(text), EgressError::Part { .. }), "{text}");
        }
        assert!(matches!(error("https://*.example"), EgressError::Wildcard { .. }));
        for host in [
            "",
            "a..b",
            "-a.example",
            "a_b.example",
            "a.example.",
            "例.example",
            "127.1",
            "0x7f.1",
            "1.2.3.4.5",
            "[::1",
            "[a]",
        ] {
            assert!(matches!(error(&format!("https://{host}")), EgressError::Host { .. }), "{host}");
        }
        for port in ["", "0", "65536", "080", "+80", "8a"] {
            assert!(matches!(error(&format!("https://a.example:{port}")), EgressError::Port { .. }), "{port}");
        }
    }

    #[test]
    fn local_names_and_addresses_are_told_from_public_ones() {
        let local = [
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
        ];
        for host in local {
            assert!(format!("http://{host}").parse::<EgressTarget>().expect(host).is_local(), "{host}");
        }
        for host in ["example.gov.cn", "1.1.1.1", "172.32.0.1", "100.128.0.1", "[2606:4700::1111]", "[2400:3200::1]"] {
            assert!(!format!("http://{host}").parse::<EgressTarget>().expect(host).is_local(), "{host}");
        }
    }
}
