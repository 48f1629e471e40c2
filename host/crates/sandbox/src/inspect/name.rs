//! Names of imports and exports taken apart: `wasi:http/types@0.2.3` is an interface and a version.

use std::fmt;

/// A semantic version without build metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// First number.
    pub major: u64,
    /// Second number.
    pub minor: u64,
    /// Third number.
    pub patch: u64,
    /// What follows the hyphen, or empty.
    pub pre: String,
}

impl Version {
    /// Reads `1.2.3` or `1.2.3-draft`; none when it is not of this form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (numbers, pre) = text.split_once('-').unwrap_or((text, ""));
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let version = Self { major: parts.next()??, minor: parts.next()??, patch: parts.next()??, pre: pre.to_owned() };
        parts.next().is_none().then_some(version)
    }

    /// Whether this is a release of the same minor version as `own`; the linker takes these for each other.
    #[must_use]
    pub fn is_release_like(&self, own: &Self) -> bool {
        self.pre.is_empty() && (self.major, self.minor) == (own.major, own.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if self.pre.is_empty() { Ok(()) } else { write!(f, "-{}", self.pre) }
    }
}

/// A name as it stands in a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportName {
    /// The name without version, as in `wasi:http/types`, or a plain name.
    pub interface: String,
    /// The version, when it has a well-formed one.
    pub version: Option<Version>,
}

impl ImportName {
    /// Takes a name apart; any text is a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (interface, version) = text.split_once('@').unwrap_or((text, ""));
        Self { interface: interface.to_owned(), version: Version::parse(version) }
    }

    /// Whether it is one of WASI 0.3, release or candidate.
    #[must_use]
    pub fn is_wasi_p3(&self) -> bool {
        self.interface.starts_with("wasi:")
            && self.version.as_ref().is_some_and(|version| (version.major, version.minor) == (0, 3))
    }

    /// Whether its package or interface is about paying, whoever its namespace is.
    #[must_use]
    pub fn is_pay(&self) -> bool {
        let is_pay_word = |word: &str| {
            ["pay", "payment", "payments"].contains(&word)
                || word.starts_with("pay-")
                || word.starts_with("payment-")
                || word.starts_with("payments-")
        };
        let path = self.interface.split_once(':').map_or(self.interface.as_str(), |(_, path)| path);
        path.split('/').any(is_pay_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart() {
        let name = ImportName::parse("wasi:keyvalue/store@0.2.0-draft2");
        assert_eq!(name.interface, "wasi:keyvalue/store");
        assert_eq!(name.version.expect("version").to_string(), "0.2.0-draft2");
        assert_eq!(ImportName::parse("plain").version, None);
        assert_eq!(Version::parse("0.2"), None);
        assert_eq!(Version::parse("0.2.0.1"), None);
    }

    #[test]
    fn paying_is_found_in_any_namespace_and_other_words_are_not() {
        for text in ["yizhan:app/pay@0.1.0", "acme:payments/checkout@1.0.0", "a:b/pay-order", "x:pay/order"] {
            assert!(ImportName::parse(text).is_pay(), "{text}");
        }
        for text in ["acme:repay/loan", "acme:app/payload@1.0.0", "pay:app/types"] {
            assert!(!ImportName::parse(text).is_pay(), "{text}");
        }
    }
}
