//! Keys of publishers: ES256 (ECDSA on P-256 with SHA-256, nonces by RFC 6979) and Ed25519 (RFC 8032), in PEM.

use super::SealError;
use ed25519_dalek::Signer;
use p256::{
    ecdsa::signature::Verifier,
    elliptic_curve::zeroize::Zeroizing,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};
use yizhan_domain::{VersionDigest, digest::DigestError};

/// Algorithm of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    Ed25519,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Es256 => "ES256",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// Name of a key: SHA-256 of its SubjectPublicKeyInfo in DER; 64 lower-case hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(VersionDigest);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        text.parse().map(Self)
    }
}

/// A secret key that signs packages; wiped from memory when dropped.
#[derive(Clone)]
pub struct SigningKey(Secret);

#[derive(Clone)]
enum Secret {
    Es256(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.algorithm(), self.verifying_key().key_id())
    }
}

impl SigningKey {
    /// A new key from random bytes of the operating system.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SealError> {
        let mut seed = Zeroizing::new([0; 32]);
        // One seed in 2^32 is not below the order of P-256; the next one is.
        for _ in 0..4 {
            getrandom::fill(&mut *seed).map_err(|error| SealError::NoRandomness { problem: error.to_string() })?;
            if let Ok(key) = Self::from_seed(algorithm, &seed) {
                return Ok(key);
            }
        }
        Err(SealError::NoRandomness { problem: "the same numbers again and again".to_owned() })
    }

    /// The key that 32 secret bytes stand for: the private scalar of P-256, or the seed of Ed25519 (RFC 8032 section 5.1.5).
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; 32]) -> Result<Self, SealError> {
        Ok(Self(match algorithm {
            Algorithm::Es256 => Secret::Es256(p256::ecdsa::SigningKey::from_slice(seed).map_err(bad_key)?),
            Algorithm::Ed25519 => Secret::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)),
        }))
    }

    /// Reads a key from PKCS#8 in PEM (`BEGIN PRIVATE KEY`).
    pub fn from_pem(pem: &str) -> Result<Self, SealError> {
        if let Ok(key) = ed25519_dalek::SigningKey::from_pkcs8_pem(pem) {
            return Ok(Self(Secret::Ed25519(key)));
        }
        p256::ecdsa::SigningKey::from_pkcs8_pem(pem).map(|key| Self(Secret::Es256(key))).map_err(bad_key)
    }

    /// The key as PKCS#8 in PEM; the text is wiped from memory when dropped.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, SealError> {
        match &self.0 {
            Secret::Es256(key) => key.to_pkcs8_pem(LineEnding::LF),
            // Version 1 without the public key (RFC 8410): other tools refuse version 2.
            Secret::Ed25519(key) => {
                let pair = ed25519_dalek::pkcs8::KeypairBytes { secret_key: key.to_bytes(), public_key: None };
                pair.to_pkcs8_pem(LineEnding::LF)
            }
        }
        .map_err(bad_key)
    }

    /// Algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Secret::Es256(_) => Algorithm::Es256,
            Secret::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(match &self.0 {
            Secret::Es256(key) => Public::Es256(*key.verifying_key()),
            Secret::Ed25519(key) => Public::Ed25519(key.verifying_key()),
        })
    }

    /// 64 bytes, the same for the same message.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Secret::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_vec()
            }
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

/// A public key that verifies packages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(Public);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Public {
    Es256(p256::ecdsa::VerifyingKey),
    Ed25519(ed25519_dalek::VerifyingKey),
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, {})", self.algorithm(), self.key_id())
    }
}

// SubjectPublicKeyInfo up to the key itself: RFC 5480 (P-256, uncompressed point) and RFC 8410 (Ed25519).
const ES256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

impl VerifyingKey {
    /// Reads a key from SubjectPublicKeyInfo in PEM (`BEGIN PUBLIC KEY`). Weak Ed25519 points are refused.
    pub fn from_pem(pem: &str) -> Result<Self, SealError> {
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(pem) {
            if key.is_weak() {
                return Err(SealError::BadKey { problem: "the Ed25519 point has a small order".to_owned() });
            }
            return Ok(Self(Public::Ed25519(key)));
        }
        p256::ecdsa::VerifyingKey::from_public_key_pem(pem).map(|key| Self(Public::Es256(key))).map_err(bad_key)
    }

    /// The key as SubjectPublicKeyInfo in PEM.
    pub fn to_pem(&self) -> Result<String, SealError> {
        match &self.0 {
            Public::Es256(key) => key.to_public_key_pem(LineEnding::LF),
            Public::Ed25519(key) => key.to_public_key_pem(LineEnding::LF),
        }
        .map_err(bad_key)
    }

    /// Algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Public::Es256(_) => Algorithm::Es256,
            Public::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// Name of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let der = match &self.0 {
            Public::Es256(key) => [&ES256_SPKI[..], key.to_sec1_point(false).as_bytes()].concat(),
            Public::Ed25519(key) => [&ED25519_SPKI[..], key.as_bytes()].concat(),
        };
        KeyId(VersionDigest(Sha256::digest(der).into()))
    }

    /// Whether the 64 bytes are this key's signature of the message.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Public::Es256(key) => {
                p256::ecdsa::Signature::from_slice(signature).is_ok_and(|it| key.verify(message, &it).is_ok())
            }
            Public::Ed25519(key) => {
                ed25519_dalek::Signature::from_slice(signature).is_ok_and(|it| key.verify_strict(message, &it).is_ok())
            }
        }
    }
}

fn bad_key(error: impl fmt::Display) -> SealError {
    SealError::BadKey { problem: error.to_string() }
}
