//! Names and values of a query string or form (`application/x-www-form-urlencoded`), decoded.

use crate::Error;
use std::str::FromStr;

/// Decoded names and values in the order in which they came; a name may come more than once.
///
/// ```
/// use yizhan_sdk::Fields;
///
/// let fields = Fields::parse("q=%E7%A4%BE%E4%BF%9D+card&page=2");
/// assert_eq!(fields.get("q"), Some("社保 card"));
/// assert_eq!(fields.number::<u32>("page"), Ok(Some(2)));
/// assert!(fields.required("region").is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Decodes `a=1&b=2`; text that is not UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn parse(encoded: &str) -> Self {
        let pair = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode_plus(name), decode_plus(value))
        };
        Self(encoded.split('&').filter(|part| !part.is_empty()).map(pair).collect())
    }

    /// First value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// First value of a name without white space at its ends; `Invalid` when it is missing or empty.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        let value = self.get(name).map(str::trim).filter(|value| !value.is_empty());
        value.ok_or_else(|| Error::Invalid(format!("field {name:?} is missing or empty")))
    }

    /// First value of a name as a number or another type that reads itself from text; none when missing or empty,
    /// `Invalid` when it does not read.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        let Some(value) = self.get(name).map(str::trim).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        value.parse().map(Some).map_err(|_| Error::Invalid(format!("field {name:?} has the wrong form: {value:?}")))
    }

    /// All names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Encodes names and values as a query string without the `?`.
    ///
    /// ```
    /// assert_eq!(yizhan_sdk::Fields::encode(&[("q", "a&b"), ("page", "2")]), "q=a%26b&page=2");
    /// ```
    #[must_use]
    pub fn encode(pairs: &[(&str, &str)]) -> String {
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
        pairs.join("&")
    }
}

/// Encodes text for a path segment or a query value: letters, digits and `-._~` stay (RFC 3986, unreserved).
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(DIGITS[usize::from(byte >> 4)]));
            encoded.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Decodes `%XX`; none when the result is not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    String::from_utf8(decode_bytes(text, false)).ok()
}

fn decode_plus(text: &str) -> String {
    String::from_utf8_lossy(&decode_bytes(text, true)).into_owned()
}

fn decode_bytes(text: &str, plus_is_space: bool) -> Vec<u8> {
    let nibble = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = nibble(bytes.get(at + 1)).zip(nibble(bytes.get(at + 2)));
        match (byte, pair) {
            (b'%', Some((high, low))) => {
                decoded.push((high << 4 | low) as u8);
                at += 2;
            }
            (b'+', _) if plus_is_space => decoded.push(b' '),
            _ => decoded.push(*byte),
        }
        at += 1;
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_percent_signs_stay_as_they_are() {
        assert_eq!(Fields::parse("a=100%&b=%zz&=x").get("a"), Some("100%"));
        assert_eq!(Fields::parse("b=%zz").get("b"), Some("%zz"));
        assert_eq!(percent_decode("%ff"), None);
    }

    #[test]
    fn encoding_reads_back() {
        let text = "杭州 100% + a/b?c=d&e";
        assert_eq!(percent_decode(&percent_encode(text)).as_deref(), Some(text));
        assert_eq!(Fields::parse(&Fields::encode(&[("q", text)])).get("q"), Some(text));
    }

    #[test]
    fn a_number_that_is_none_says_which_field() {
        let error = Fields::parse("page=two").number::<u32>("page").expect_err("not a number");
        assert_eq!(error.to_string(), "field \"page\" has the wrong form: \"two\"");
    }
}
