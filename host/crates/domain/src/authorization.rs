//! Words of the access authorization: who asks, who is asked, what was agreed to. Used by store, auth and the front door.

use crate::claim::Claim;
use crate::code::CreditCode;
use crate::person::CapacityKind;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! random_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// An id of 128 random bits, 32 hexadecimal digits.
            #[must_use]
            pub fn of_random(bits: u128) -> Self {
                Self(format!("{bits:032x}"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
pub(crate) use random_ids;

random_ids! {
    /// Internal name of a person; never leaves the hub. Of a seeded persona its short name, else 128 random bits.
    PersonId,
    /// A grant: what one person lets one client have.
    GrantId,
    /// A consent record (ISO/IEC TS 27560).
    ConsentId,
    /// A browser session at the hub: the `sid` of ID tokens.
    SessionId,
}

/// A client of the hub (RFC 6749): `{app_id}` for the runtime's client of an app, `{app_id}:backend` for the owner's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub String);

impl ClientId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 of a token, code, request address or session cookie: all that is kept of it. `Debug` prints the first four bytes.
/// As text: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash(pub [u8; 32]);

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "SecretHash({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

impl From<SecretHash> for String {
    fn from(hash: SecretHash) -> Self {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl TryFrom<String> for SecretHash {
    type Error = HashError;

    fn try_from(text: String) -> Result<Self, HashError> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(HashError);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| HashError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| HashError)?;
        }
        Ok(Self(bytes))
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct HashError;

/// One thing that a person agreed to: a claim for a purpose, kept by the recipient for so many days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GrantedUse {
    /// The claim.
    pub claim: Claim,
    /// Purpose of the manifest's `gov_data_use`.
    pub purpose: String,
    /// Days that the recipient may keep it; 0 means for the request only.
    pub retention_days: u32,
}

/// For whom a person acts: a legal person, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// The legal person's unified social credit code.
    pub uscc: CreditCode,
    /// `legal-representative` or `agent`.
    pub role: String,
}

/// Role of whoever represents a legal person by law; every other role is an agent's.
pub const LEGAL_REPRESENTATIVE: &str = "legal-representative";

impl CapacityKind {
    /// What somebody acts as who acts for this legal person; none for oneself.
    #[must_use]
    pub fn of(acting_for: Option<&Capacity>) -> Self {
        match acting_for {
            None => Self::NaturalPerson,
            Some(capacity) if capacity.role == LEGAL_REPRESENTATIVE => Self::LegalPerson,
            Some(_) => Self::Agent,
        }
    }
}

/// Security profile of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Code, PKCE and `private_key_jwt` (OpenID Connect Core 1.0).
    Baseline,
    /// FAPI 2.0 security profile: pushed requests, DPoP, issuer-only audience.
    High,
}

/// Crypto suite of the envelopes of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// ES256 inside ECDH-ES+A256KW with A256GCM.
    International,
    /// SM3 with SM2 inside SM2 with SM4-GCM (GM/T 0125).
    National,
}

/// Who holds the keys of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Custody {
    /// The runtime, on behalf of the app's guest.
    Runtime,
    /// The owner unit's back end.
    Backend,
    /// A developer at this machine; development stores only.
    Development,
}

/// What a member of an owner unit may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Names members and their roles.
    OwnerAdmin,
    /// Submits versions.
    Author,
    /// Approves or returns versions of others.
    Reviewer,
    /// Releases approved versions.
    ReleaseOperator,
    /// Runs the hub: suspends, sets limits.
    Operator,
    /// Reads the audit, changes nothing.
    Auditor,
    /// Works at a service desk of a hall.
    DeskStaff,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_never_printed_whole() {
        assert_eq!(format!("{:?}", SecretHash([0xab; 32])), "SecretHash(abababab…)");
    }

    #[test]
    fn an_id_is_128_bits_in_hexadecimal() {
        assert_eq!(GrantId::of_random(1).as_str(), "00000000000000000000000000000001");
    }
}
