//! Paths on an app's own origin: where a person may be sent back to, and percent-encoding of query values (RFC 3986).

/// Longest return path in bytes.
const BYTES_MAX: usize = 2_048;

/// The path with its query, if no browser reads it as another host: one leading `/`, no `//` or `\` in the path, visible ASCII,
/// no encoded variant of `/`, `\` or a control character in the path, no control character encoded in the query, not one of
/// the host's own below `/.yizhan`; at most 2 048 bytes.
#[must_use]
pub fn return_path(text: &str) -> Option<&str> {
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
    fits.then_some(text)
}

/// Values of percent-escapes; a broken one counts as a control character.
fn escapes(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.split('%').skip(1).map(|after| after.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or(0))
}

/// Everything but unreserved characters as `%XX`.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()),
            );
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_this_origin_are_taken() {
        for text in ["/", "/a/b?c=d", "/search?q=%E7%A4%BE%20x&u=https://a//b", "/a#top", "/%E7%A4%BE"] {
            assert_eq!(return_path(text), Some(text));
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
            assert_eq!(return_path(text), None, "{text}");
        }
        assert_eq!(return_path(&format!("/{}", "a".repeat(BYTES_MAX))), None);
    }

    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(encode("a b&c=值"), "a%20b%26c%3D%E5%80%BC");
    }
}
