//! What a request asks for beside the path: encoding, validators, a range (RFC 9110 sections 12.5.3, 13 and 14).

use http::{HeaderMap, HeaderValue, header};
use std::ops::RangeInclusive;

/// Whether `Accept-Encoding` takes gzip: named, or `*`, with a weight above zero.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    for line in headers.get_all(header::ACCEPT_ENCODING) {
        for item in line.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default();
            let wanted = parts.filter_map(weight).next_back().unwrap_or(1.0) > 0.0;
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return wanted;
            }
            any |= coding == "*" && wanted;
        }
    }
    any
}

fn weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
}

/// Whether `If-None-Match` names one of these (weak comparison) or is `*`.
pub(crate) fn matches_any(headers: &HeaderMap, etags: &[&HeaderValue]) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|line| {
        line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).any(|tag| {
            tag == b"*" || etags.iter().any(|etag| tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
        })
    })
}

/// What a `Range` header comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// No range, several, one that cannot be read, or a stale `If-Range`: the whole file.
    Whole,
    /// First and last byte.
    Part(RangeInclusive<usize>),
    /// Beyond the end.
    Unsatisfiable,
}

/// Reads a single byte range of a file of `length` bytes; a server may ignore any other form.
pub(crate) fn requested_range(headers: &HeaderMap, etag: &HeaderValue, length: usize) -> Range {
    let Some(Ok(asked)) = headers.get(header::RANGE).map(HeaderValue::to_str) else { return Range::Whole };
    if headers.get(header::IF_RANGE).is_some_and(|condition| condition != etag) {
        return Range::Whole;
    }
    let Some((unit, spec)) = asked.split_once('=') else { return Range::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Range::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Range::Whole;
    }
    match (position(first), position(last)) {
        (Some(Some(first)), Some(last)) => part(first, last, length),
        (Some(None), Some(Some(suffix))) if suffix == 0 || length == 0 => Range::Unsatisfiable,
        (Some(None), Some(Some(suffix))) => Range::Part(length.saturating_sub(suffix)..=length - 1),
        _ => Range::Whole,
    }
}

fn part(first: usize, last: Option<usize>, length: usize) -> Range {
    match last {
        Some(last) if last < first => Range::Whole,
        _ if first >= length => Range::Unsatisfiable,
        last => Range::Part(first..=last.unwrap_or(length - 1).min(length - 1)),
    }
}

/// `None` when it is no number, `Some(None)` when nothing stands there. A number too large to hold is the largest.
fn position(text: &str) -> Option<Option<usize>> {
    match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(usize::MAX))),
        _ => None,
    }
}
