//! Parameters of a request as they came: bounded in number and length, each at most once. Every endpoint of the hub reads
//! its form or query through them.

use crate::refusal::Refusal;
use zeroize::Zeroize;

/// Most parameters of one request.
const PARAMETERS_MAX: usize = 40;

/// Longest value of a parameter, bytes, unless [`BOUNDS`] says otherwise.
const VALUE_BYTES_MAX: usize = 4096;

/// Longest values, bytes.
const BOUNDS: [(&str, usize); 7] = [
    ("client_id", 160),
    ("state", 512),
    ("nonce", 512),
    ("scope", 2048),
    ("redirect_uri", 2048),
    ("code", 512),
    ("refresh_token", 512),
];

/// Names and values, decoded, in the order they came. `Debug` prints names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestParameters(pub Vec<(String, String)>);

impl RequestParameters {
    /// Of names and values.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Refuses too many, too long and repeated parameters (RFC 6749, section 3.1).
    ///
    /// # Errors
    /// [`Refusal::TooLarge`], [`Refusal::DuplicateParameter`].
    pub fn bounded(&self) -> Result<(), Refusal> {
        if self.0.len() > PARAMETERS_MAX {
            return Err(Refusal::TooLarge);
        }
        for (index, (name, value)) in self.0.iter().enumerate() {
            let bound = BOUNDS.iter().find(|(bounded, _)| bounded == name).map_or(VALUE_BYTES_MAX, |(_, bytes)| *bytes);
            if value.len() > bound {
                return Err(Refusal::TooLarge);
            }
            if self.0.iter().skip(index + 1).any(|(other, _)| other == name) {
                return Err(Refusal::DuplicateParameter);
            }
        }
        Ok(())
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749, section 3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::BadParameter)
    }
}

impl std::fmt::Debug for RequestParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

impl Drop for RequestParameters {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}
