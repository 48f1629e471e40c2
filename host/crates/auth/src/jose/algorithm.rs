//! Names of the algorithms and what a key is for.

use super::national;
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::Suite;

/// Algorithm of a signature (RFC 7518, section 3.1; RFC 8037; GM/T 0125).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JwsAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PSS with SHA-256; verified only.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256; verified only, and of upstream providers only: OpenID Connect's default.
    Rs256,
    /// Ed25519; verified only.
    EdDsa,
    /// SM2 with SM3.
    SgdSm3Sm2,
}

impl JwsAlgorithm {
    /// What FAPI 2.0 (section 5.4.1) lets clients sign with.
    pub const CLIENT: &[Self] = &[Self::Es256, Self::Ps256, Self::EdDsa];

    /// What ID tokens of upstream providers may be signed with.
    pub const UPSTREAM: &[Self] = &[Self::Es256, Self::Ps256, Self::EdDsa, Self::Rs256];

    /// The name in `alg`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::SgdSm3Sm2 => national::SIGNATURE,
        }
    }

    /// The algorithm with this exact name; Ed25519 has two (RFC 8037 and RFC 9864).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "PS256" => Some(Self::Ps256),
            "RS256" => Some(Self::Rs256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            national::SIGNATURE => Some(Self::SgdSm3Sm2),
            _ => None,
        }
    }

    /// What the hub signs with in a suite.
    #[must_use]
    pub fn of_suite(suite: Suite) -> Self {
        match suite {
            Suite::International => Self::Es256,
            Suite::National => Self::SgdSm3Sm2,
        }
    }
}

/// What a key is for: `use` of RFC 7517, section 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyUse {
    /// Signatures.
    #[serde(rename = "sig")]
    Sign,
    /// Encryption of content keys.
    #[serde(rename = "enc")]
    Decrypt,
}

impl KeyUse {
    /// The value of `use`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sig",
            Self::Decrypt => "enc",
        }
    }
}
