//! What is taken off a request before a guest sees it, and whether the session may be attached at all.

use super::is_host_pair;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONNECTION, COOKIE, HOST, ORIGIN},
};

/// Removes the host's cookies from the request. Costs one scan when no cookie mentions `yz-`.
pub(crate) fn strip_request_cookies(headers: &mut HeaderMap) {
    let mentions = |line: &HeaderValue| line.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"yz-"));
    if !headers.get_all(COOKIE).iter().any(mentions) {
        return;
    }
    let kept: Vec<HeaderValue> = headers.get_all(COOKIE).iter().filter_map(without_host_pairs).collect();
    headers.remove(COOKIE);
    for line in kept {
        headers.append(COOKIE, line);
    }
}

fn without_host_pairs(line: &HeaderValue) -> Option<HeaderValue> {
    let mut kept = Vec::with_capacity(line.len());
    for pair in line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
        if pair.is_empty() || is_host_pair(pair) {
            continue;
        }
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair);
    }
    if kept.is_empty() { None } else { HeaderValue::from_bytes(&kept).ok() }
}

/// Removes what a guest must not read as truth: hop-by-hop headers (RFC 9110 section 7.6.1) with those that `connection`
/// names (never `host`, which is no client's to drop), everything that claims to know the client's address, and the host's own `x-yizhan-*`.
pub(crate) fn strip_request_headers(headers: &mut HeaderMap) {
    let mut doomed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
        .filter(|name| *name != HOST)
        .collect();
    doomed.extend(headers.keys().filter(|name| is_stripped(name.as_str())).cloned());
    for name in doomed {
        headers.remove(name);
    }
}

fn is_stripped(name: &str) -> bool {
    is_hop_by_hop(name)
        || matches!(
            name,
            "forwarded"
                | "x-real-ip"
                | "x-client-ip"
                | "x-cluster-client-ip"
                | "true-client-ip"
                | "cf-connecting-ip"
                | "via"
                | "proxy"
                | "x-original-url"
                | "x-rewrite-url"
        )
        || name.starts_with("x-forwarded-")
        || name.starts_with("x-yizhan-")
}

/// Headers that end at the next hop (RFC 9110 section 7.6.1 and the older ones that clients still send).
pub(crate) fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
    )
}

/// Whether the session may be attached on an app's origin: the request came from this very origin or from the person
/// (`Sec-Fetch-Site: same-origin` or `none`), or it is a top-level GET navigation. Without that header `Origin` decides:
/// it must be `own_origin`, and may be missing only for methods that change nothing.
pub(crate) fn session_allowed(method: &Method, headers: &HeaderMap, own_origin: &str) -> bool {
    match single(headers, "sec-fetch-site") {
        Sent::Once(b"same-origin" | b"none") => true,
        Sent::Once(_) => {
            *method == Method::GET
                && single(headers, "sec-fetch-mode") == Sent::Once(b"navigate")
                && single(headers, "sec-fetch-dest") == Sent::Once(b"document")
        }
        Sent::Often => false,
        Sent::Never => match single(headers, ORIGIN.as_str()) {
            Sent::Once(origin) => origin == own_origin.as_bytes(),
            Sent::Often => false,
            Sent::Never => method.is_safe(),
        },
    }
}

#[derive(PartialEq, Eq)]
enum Sent<'h> {
    Never,
    Once(&'h [u8]),
    Often,
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Sent<'h> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sent::Never,
        (Some(value), None) => Sent::Once(value.as_bytes()),
        (Some(_), Some(_)) => Sent::Often,
    }
}
