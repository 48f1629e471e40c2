//! Where a person goes back to on the same origin: a path that no browser reads as another host. Sign-in, preferences and
//! error pages take it from addresses that anyone may write.

use std::fmt;

/// Longest return path in bytes.
const BYTES_MAX: usize = 2_048;

/// A path with its query on the same origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnPath(String);

impl ReturnPath {
    /// Takes a path: one leading `/`, no `//` or `\` in the path, visible ASCII, no encoded variant of `/`, `\` or a control
    /// character in the path, no control character encoded in the query, not one of the host's own below `/.yizhan`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let rest = &text[path.len()..];
        let fits = path.starts_with('/')
            && !path.contains("//")
            && text.len() <= BYTES_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && escapes(path).all(|code| !matches!(code, b'/' | b'\\' | b'.') && !code.is_ascii_control())
            && escapes(rest).all(|code| !code.is_ascii_control())
            && !path[1..].split('/').next().is_some_and(|first| first.eq_ignore_ascii_case(".yizhan"))
            && !path.split('/').any(|segment| matches!(segment, "." | ".."));
        fits.then(|| Self(text.to_owned()))
    }

    /// The given path, or `/` when it is not one.
    pub(crate) fn or_home(text: Option<&str>) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self("/".to_owned()))
    }

    /// The path as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Values of percent-escapes; a broken one counts as a control character.
fn escapes(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.split('%').skip(1).map(|after| after.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_this_origin_are_taken() {
        for text in ["/", "/a/b?c=d", "/search?q=%E7%A4%BE%20x&u=https://a//b", "/a#top", "/%E7%A4%BE"] {
            assert_eq!(ReturnPath::parse(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        for text in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "/a//b",
            "https://evil.example",
            "/%2fevil",
            "/%5Cevil",
            "/a\tb",
            "/%09/evil",
            "/a%0d%0ab",
            "/a?b=%0a",
            "/%",
            "/.yizhan/logout",
            "/.YIZHAN/login",
            "/%2eyizhan/login",
            "/a/../.yizhan/login",
            "/./.yizhan/login",
            "/社保",
        ] {
            assert_eq!(ReturnPath::parse(text), None, "{text}");
        }
        assert_eq!(ReturnPath::parse(&format!("/{}", "a".repeat(BYTES_MAX))), None);
        assert_eq!(ReturnPath::or_home(Some("//evil.example")).as_str(), "/");
    }
}
