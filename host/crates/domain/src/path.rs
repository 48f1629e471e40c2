//! Paths on an app's own origin: where a sign-in may return to, and percent-encoding of query values (RFC 3986).

/// The path if it may be returned to: one leading `/`, at most 2 048 bytes, no `//`, `\`, control character or encoded form
/// of these that a browser might decode into another origin.
#[must_use]
pub fn return_path(path: &str) -> Option<&str> {
    let lower = path.to_ascii_lowercase();
    let encoded = ["%2f", "%5c", "%00", "%0a", "%0d", "%09"];
    let allowed = path.len() <= 2048
        && path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| (0x21..0x7f).contains(&byte))
        && !encoded.iter().any(|code| lower.contains(code))
        && !lower.starts_with("/.yizhan");
    allowed.then_some(path)
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
    fn only_paths_of_the_same_origin_may_be_returned_to() {
        for path in ["/", "/records?year=2026&page=2", "/a/b#c"] {
            assert_eq!(return_path(path), Some(path));
        }
        for path in [
            "",
            "records",
            "//evil.example",
            "/\\evil",
            "/a//b",
            "/%2Fevil",
            "/a%5cb",
            "/a\nb",
            "/a b",
            "/.yizhan/login",
            "https://x",
        ] {
            assert_eq!(return_path(path), None, "{path}");
        }
    }

    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(encode("a b&c=值"), "a%20b%26c%3D%E5%80%BC");
    }
}
