//! Claims of a verified token. They may be personal: never printed, wiped when dropped.

use super::{JoseError, compact};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::fmt;
use zeroize::Zeroize;

/// The claims of a verified token. `Debug` prints their number only; texts are wiped from memory when dropped.
#[derive(Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Claims from JSON bytes (RFC 7519, section 7.2).
    ///
    /// # Errors
    /// [`JoseError::Malformed`] when they are not a JSON object, or a name stands twice.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, JoseError> {
        compact::object(json).map(Self)
    }

    /// The claim with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The claim with this name, when it is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A `NumericDate` (RFC 7519, section 2) in whole seconds, rounded down; none when it is no such number.
    #[must_use]
    pub fn seconds(&self, name: &str) -> Option<u64> {
        let value = self.0.get(name)?;
        value.as_u64().or_else(|| {
            let seconds = value.as_f64().filter(|seconds| (0.0..9e15).contains(seconds))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked on the line above")]
            Some(seconds as u64)
        })
    }

    /// All claims.
    #[must_use]
    pub fn object(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The claims as a type of the caller.
    ///
    /// # Errors
    /// [`JoseError::Malformed`] when they do not fit it.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, JoseError> {
        T::deserialize(&self.0)
            .map_err(|_| JoseError::Malformed("the claims lack a member or have one of another type"))
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims({})", self.0.len())
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(entries) => entries.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_claims_shows_no_value() {
        let claims = Claims::parse(br#"{"name":"secret"}"#).unwrap();
        assert_eq!(format!("{claims:?}"), "Claims(1)");
    }

    #[test]
    fn a_numeric_date_may_have_a_fraction_but_no_sign() {
        let claims = Claims::parse(br#"{"a":10,"b":10.9,"c":-1,"d":"10","e":1e300}"#).unwrap();
        assert_eq!(claims.seconds("a"), Some(10));
        assert_eq!(claims.seconds("b"), Some(10));
        for name in ["c", "d", "e", "f"] {
            assert_eq!(claims.seconds(name), None, "{name}");
        }
    }
}
