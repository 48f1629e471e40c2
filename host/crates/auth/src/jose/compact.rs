//! The compact form, read strictly: base64url without padding, JSON objects in which no name stands twice.

use super::{JoseError, TOKEN_BYTES_MAX};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// base64url without padding (RFC 7515, section 2).
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// As [`encode`], at the end of a text: a text with room enough leaves no copy behind.
pub(crate) fn encode_to(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// Bytes of base64url; padding, line ends and stray last bits are refused.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, JoseError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Malformed("not base64url without padding"))
}

/// Exactly so many bytes of base64url.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], JoseError> {
    decode(text)?.try_into().map_err(|_| JoseError::Malformed("a part has another length than its algorithm asks for"))
}

/// The parts between the dots; at most [`TOKEN_BYTES_MAX`] bytes in all.
pub(crate) fn segments<const N: usize>(token: &str) -> Result<[&str; N], JoseError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(JoseError::TooLarge { what: "the token", bytes_max: TOKEN_BYTES_MAX });
    }
    let mut parts = token.split('.');
    let mut found = [""; N];
    for place in &mut found {
        *place = parts.next().ok_or(JoseError::Malformed("too few parts between dots"))?;
    }
    if parts.next().is_some() {
        return Err(JoseError::Malformed("too many parts between dots"));
    }
    Ok(found)
}

/// A JSON object; a name that stands twice is refused at every depth (RFC 7515, section 4; RFC 7519, section 4).
pub(crate) fn object(json: &[u8]) -> Result<Map<String, Value>, JoseError> {
    match serde_json::from_slice::<Unique>(json) {
        Ok(Unique(Value::Object(object))) => Ok(object),
        Ok(_) => Err(JoseError::Malformed("not a JSON object")),
        Err(_) => Err(JoseError::Malformed("not JSON, or a name stands twice")),
    }
}

/// A text member of a header; another type is refused.
pub(crate) fn text_member<'a>(
    object: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, JoseError> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::Header(name)),
    }
}

/// Refuses header parameters that change how a token is read, or bring a key from outside.
pub(crate) fn refuse_members(header: &Map<String, Value>, names: &[&'static str]) -> Result<(), JoseError> {
    match names.iter().find(|name| header.contains_key(**name)) {
        Some(name) => Err(JoseError::Header(name)),
        None => Ok(()),
    }
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(Unique(entry)) = access.next_element()? {
            entries.push(entry);
        }
        Ok(Value::Array(entries))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let Unique(value) = access.next_value()?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_at_every_depth() {
        assert!(object(br#"{"a":1,"b":{"a":1}}"#).is_ok());
        assert!(object(br#"{"a":1,"a":1}"#).is_err());
        assert!(object(br#"{"b":[{"a":1,"a":2}]}"#).is_err());
        assert!(object(br#"{"a":1,"\u0061":1}"#).is_err());
        assert!(object(b"[]").is_err());
        assert!(object(br#"{"a":1} x"#).is_err());
    }

    #[test]
    fn base64url_has_one_spelling() {
        assert_eq!(decode("AQ").unwrap(), [1]);
        for wrong in ["AQ==", "AR", "A", "+/8", "AQ\n", " AQ"] {
            assert!(decode(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_are_counted_exactly() {
        assert_eq!(segments::<3>("a.b.c").unwrap(), ["a", "b", "c"]);
        assert!(segments::<3>("a.b").is_err());
        assert!(segments::<3>("a.b.c.").is_err());
        assert!(matches!(segments::<3>(&"a".repeat(TOKEN_BYTES_MAX + 1)), Err(JoseError::TooLarge { .. })));
    }
}
