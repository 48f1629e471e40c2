//! How an app may be reached and what it may ask for.

use crate::claim::{Claim, ClaimError};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Access type of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Fully open (完全开放类): no identity interface is linked.
    Open,
    /// Identity-required (需身份信息类): identity behind a permit.
    IdentityRequired,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::IdentityRequired => "identity-required",
        })
    }
}

/// Why a permission was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// Not of the form `interface:name`, or an interface without permissions.
    #[error(
        "{found:?} is not a permission of this platform; `appointment:book`, and `identity:` followed by a claim, are allowed, as in identity:name"
    )]
    Unknown {
        /// What was found.
        found: String,
    },
    /// Paying is never offered.
    #[error("paying is not provided by this platform; link to the item's own payment page instead")]
    Pay,
    /// The claim after `identity:` is unknown.
    #[error("permission {found:?} names no claim")]
    Claim {
        /// What was found.
        found: String,
        /// Why.
        source: ClaimError,
    },
}

/// Something that an app may ask for, as in `identity:name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Permission {
    /// A claim of the signed-in person.
    Identity(Claim),
    /// Acting for the signed-in person: booking slots at halls, and the bookings made with the app. `appointment:book`.
    Book,
}

/// Name of [`Permission::Book`].
const BOOK: &str = "appointment:book";

impl FromStr for Permission {
    type Err = PermissionError;

    fn from_str(text: &str) -> Result<Self, PermissionError> {
        if text == "pay" || text.starts_with("pay:") {
            return Err(PermissionError::Pay);
        }
        if text == BOOK {
            return Ok(Self::Book);
        }
        let Some(claim) = text.strip_prefix("identity:") else {
            return Err(PermissionError::Unknown { found: text.to_owned() });
        };
        claim.parse().map(Self::Identity).map_err(|source| PermissionError::Claim { found: text.to_owned(), source })
    }
}

impl TryFrom<String> for Permission {
    type Error = PermissionError;
    fn try_from(text: String) -> Result<Self, PermissionError> {
        text.parse()
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.to_string()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(claim) => write!(f, "identity:{claim}"),
            Self::Book => f.write_str(BOOK),
        }
    }
}
