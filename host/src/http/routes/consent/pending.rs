//! What this browser remembers of a request under way: its handle, where the person came from, and what was ticked when it
//! expired. In cookies that no script reads.

use crate::http::caller::{Caller, HubAnswer};
use crate::http::cookies::HostCookie;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The cookie outlives the request, so that going back later tells that it has ended.
const PENDING_SECONDS: u32 = 3_600;
/// How long choices are kept for a second try.
const CHOICES_SECONDS: u32 = 900;
/// Longest cookie that is written, bytes.
const COOKIE_BYTES_MAX: usize = 3_000;

/// A request that waits for the person.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    /// Its handle: a secret of this browser.
    pub(crate) handle: String,
    /// Origin that the person came from and goes back to.
    pub(crate) origin: String,
}

impl Pending {
    /// The request of this browser.
    pub(crate) fn of(caller: &Caller) -> Option<Self> {
        let (handle, origin) = caller.cookie(HostCookie::Request)?.split_once('.')?;
        Some(Self { handle: handle.to_owned(), origin: opened(origin).filter(|origin| is_origin(origin))? })
    }

    /// Remembers the request.
    pub(crate) fn keep(&self, caller: &Caller, answer: &mut HubAnswer) {
        let value = format!("{}.{}", self.handle, URL_SAFE_NO_PAD.encode(&self.origin));
        caller.set_cookie(answer, HostCookie::Request, &value, Some(PENDING_SECONDS));
    }
}

/// What was ticked on a consent page that expired; for the same origin only.
#[derive(Default)]
pub(super) struct Choices(Vec<String>);

impl Choices {
    pub(super) fn of(caller: &Caller, origin: &str) -> Self {
        let kept = caller.cookie(HostCookie::Choices).and_then(opened).unwrap_or_default();
        let mut lines = kept.lines();
        if lines.next() == Some(origin) { Self(lines.map(str::to_owned).collect()) } else { Self::default() }
    }

    pub(super) fn has(&self, value: &str) -> bool {
        self.0.iter().any(|ticked| ticked == value)
    }

    /// Remembers what was ticked; too much is not remembered.
    pub(super) fn keep(caller: &Caller, answer: &mut HubAnswer, origin: &str, ticked: &[&str]) {
        let text = [&[origin], ticked].concat().join("\n");
        let value = URL_SAFE_NO_PAD.encode(text);
        if value.len() <= COOKIE_BYTES_MAX {
            caller.set_cookie(answer, HostCookie::Choices, &value, Some(CHOICES_SECONDS));
        }
    }
}

fn opened(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// The cookie is this browser's to change: what is no web origin is no link.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#\"'<>".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_web_origin_becomes_a_link() {
        assert!(
            is_origin("https://app.example") && is_origin("http://a.localhost:8080") && is_origin("http://[::1]:9")
        );
        for text in ["javascript:alert(1)", "https://", "https://a/b", "https://a\"b", "//a", ""] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
