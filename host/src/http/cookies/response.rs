//! Which cookies of a guest's answer pass: all but those that could be taken for the host's or reach another app.

use super::{is_host_pair, split_pair};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

/// Why a guest's cookie was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DropReason {
    /// Its name is the host's, or would be once a browser sends it back.
    HostName,
    /// It has a `Domain` attribute: it would reach other apps.
    Domain,
    /// It holds a control character.
    ControlCharacter,
}

/// A guest's cookie that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DroppedCookie {
    /// At most 64 characters of its name, control characters replaced; never its value.
    pub(crate) name: String,
    /// Why.
    pub(crate) reason: DropReason,
}

/// Drops the guest's cookies that must not leave, and says which they were. Nothing is allocated when all pass.
pub(crate) fn filter_response_cookies(headers: &mut HeaderMap) -> Vec<DroppedCookie> {
    if !headers.get_all(SET_COOKIE).iter().any(|line| verdict(line.as_bytes()).is_some()) {
        return Vec::new();
    }
    let lines: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    let mut dropped = Vec::new();
    for line in lines {
        match verdict(line.as_bytes()) {
            None => {
                headers.append(SET_COOKIE, line);
            }
            Some(reason) => dropped.push(DroppedCookie { name: printable_name(line.as_bytes()), reason }),
        }
    }
    dropped
}

fn verdict(line: &[u8]) -> Option<DropReason> {
    let mut parts = line.split(|byte| *byte == b';');
    let pair = parts.next().unwrap_or_default();
    if line.iter().any(|byte| byte.is_ascii_control()) {
        Some(DropReason::ControlCharacter)
    } else if is_host_pair(pair) {
        Some(DropReason::HostName)
    } else if parts.any(is_domain) {
        Some(DropReason::Domain)
    } else {
        None
    }
}

/// An empty `Domain=` is dropped too: what browsers make of it differed for years.
fn is_domain(attribute: &[u8]) -> bool {
    let name = match attribute.iter().position(|byte| *byte == b'=') {
        Some(at) => &attribute[..at],
        None => attribute,
    };
    name.trim_ascii().eq_ignore_ascii_case(b"domain")
}

fn printable_name(line: &[u8]) -> String {
    let pair = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let (name, value) = split_pair(pair);
    // A pair without a name is dropped for what its value begins with; up to the next `=` that is a name.
    let shown = if name.is_empty() { value.split(|byte| *byte == b'=').next().unwrap_or_default() } else { name };
    String::from_utf8_lossy(shown).chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
