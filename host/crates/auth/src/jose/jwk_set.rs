//! A set of public keys (RFC 7517, section 5): of a client, inline in its registration, or of the hub, published.

use super::{JoseError, Jwk, JwsAlgorithm, KEY_SET_BYTES_MAX, KEY_SET_KEYS_MAX, compact};
use serde_json::{Value, json};
use yizhan_domain::authorization::Suite;

/// Public keys, each with its own `kid` and `use`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JwkSet(Vec<Jwk>);

impl JwkSet {
    /// Reads a set from text of at most [`KEY_SET_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// As [`Self::from_value`]; also when a name stands twice.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        if text.len() > KEY_SET_BYTES_MAX {
            return Err(JoseError::TooLarge { what: "the key set", bytes_max: KEY_SET_BYTES_MAX });
        }
        Self::from_value(&Value::Object(compact::object(text.as_bytes())?))
    }

    /// Reads a set: 1 to [`KEY_SET_KEYS_MAX`] public keys with `kid` and `use`, none twice.
    ///
    /// # Errors
    /// [`JoseError::Key`] names the first key that is refused and why; also when there are none or too many.
    pub fn from_value(value: &Value) -> Result<Self, JoseError> {
        let listed = value.get("keys").and_then(Value::as_array);
        let listed = listed.ok_or(JoseError::Malformed("a key set is an object with an array `keys`"))?;
        if listed.is_empty() || listed.len() > KEY_SET_KEYS_MAX {
            return Err(JoseError::Malformed("a key set holds 1 to 8 keys"));
        }
        if value.to_string().len() > KEY_SET_BYTES_MAX {
            return Err(JoseError::TooLarge { what: "the key set", bytes_max: KEY_SET_BYTES_MAX });
        }
        let mut keys: Vec<Jwk> = Vec::with_capacity(listed.len());
        for (index, value) in listed.iter().enumerate() {
            let refused = |problem| Err(JoseError::Key { index, problem });
            let key = Jwk::parse(value, index)?;
            if key.kid().is_none() || key.key_use().is_none() {
                return refused("lacks `kid` or `use`");
            }
            if keys.iter().any(|other| other.kid() == key.kid()) {
                return refused("has the `kid` of another key");
            }
            if keys.iter().any(|other| other.material() == key.material()) {
                return refused("is another key once more; signing and encryption need keys of their own");
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// A set of keys that this process made.
    pub(crate) fn of(keys: Vec<Jwk>) -> Self {
        Self(keys)
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &Jwk> {
        self.0.iter()
    }

    /// The key with this `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.0.iter().find(|key| key.kid() == Some(kid))
    }

    /// The first key that envelopes of a suite can be sealed to.
    #[must_use]
    pub fn find_recipient(&self, suite: Suite) -> Option<&Jwk> {
        self.0.iter().find(|key| key.recipient_suite() == Some(suite))
    }

    /// The set as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ "keys": self.0.iter().map(Jwk::to_value).collect::<Vec<_>>() })
    }

    /// The key that a token names; a token without `kid` needs a set with exactly one key for its algorithm.
    pub(crate) fn select(&self, kid: Option<&str>, algorithm: JwsAlgorithm) -> Result<&Jwk, JoseError> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.signature_algorithm() == Some(algorithm) && (kid.is_none() || key.kid() == kid));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(JoseError::UnknownKey),
        }
    }
}
