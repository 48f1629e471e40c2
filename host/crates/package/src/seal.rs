//! Signatures of packages: DSSE envelopes over the canonical listing, by ES256 or Ed25519 keys. `Package` signs and
//! verifies with them; the hub keeps publishers' keys.

mod envelope;
mod key;
#[cfg(test)]
mod tests;

pub use envelope::{Envelope, LISTING_PAYLOAD_TYPE, SIGNATURES_MAX, Signature};
pub use key::{Algorithm, KeyId, SigningKey, VerifyingKey};

/// Why a signature, or a key, was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No signature.
    #[error("the package is not signed")]
    Unsigned,
    /// Signed, but by none of the keys that may sign.
    #[error("the package is signed by {} only, which no known key has", .key_ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    UnknownKey {
        /// Keys that it says it is signed by.
        key_ids: Vec<KeyId>,
    },
    /// It names a known key, but that key did not make the signature.
    #[error("the signature that names key {key_id} was not made by that key over this listing")]
    WrongKey {
        /// The key that it names.
        key_id: KeyId,
    },
    /// The signature is over other contents.
    #[error("the signature is over the listing of another package")]
    OtherListing,
    /// More signatures than packages may have.
    #[error("the package has {found} signatures; at most {SIGNATURES_MAX} are allowed")]
    TooManySignatures {
        /// How many were found.
        found: usize,
    },
    /// `META/signature.json` is not an envelope as `sign` writes it.
    #[error("the signature is not a DSSE envelope of a listing as this platform writes it: {problem}")]
    BadEnvelope {
        /// What is wrong.
        problem: String,
    },
    /// Not a key that can be used.
    #[error("not a usable key: {problem}")]
    BadKey {
        /// What is wrong.
        problem: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes for a key: {problem}")]
    NoRandomness {
        /// What it said.
        problem: String,
    },
}

impl SealError {
    /// Stable code, as in `package.signature-wrong-key`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "package.unsigned",
            Self::UnknownKey { .. } => "package.signature-unknown-key",
            Self::WrongKey { .. } => "package.signature-wrong-key",
            Self::OtherListing => "package.signature-other-listing",
            Self::TooManySignatures { .. } => "package.signature-too-many",
            Self::BadEnvelope { .. } => "package.signature-not-an-envelope",
            Self::BadKey { .. } => "package.key",
            Self::NoRandomness { .. } => "package.no-randomness",
        }
    }

    pub(crate) fn fix(&self) -> &'static str {
        match self {
            Self::Unsigned => "sign it with `yizhan sign`",
            Self::UnknownKey { .. } => "sign it with a registered key, or register the public key of this one",
            Self::TooManySignatures { .. } => "take signatures away and sign again with the keys that are needed",
            Self::WrongKey { .. } | Self::OtherListing | Self::BadEnvelope { .. } => {
                "the package was changed after it was signed: fetch it again, or pack and sign it again"
            }
            Self::BadKey { .. } => {
                "use a PEM file with an Ed25519 or P-256 key: PKCS#8 for signing, SPKI for verifying"
            }
            Self::NoRandomness { .. } => "try again when the system's random generator is ready",
        }
    }
}
