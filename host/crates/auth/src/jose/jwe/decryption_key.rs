//! Private keys that open tokens: P-256, X25519 or SM2. Made and kept by the key store.

use super::agreement;
use crate::jose::jwk::{KEY_AGREEMENT, Material, is_kid};
use crate::jose::signing::point;
use crate::jose::{JoseError, Jwk, KeyUse, compact, national};
use rand::CryptoRng;
use serde_json::{Map, Value};
use std::fmt;
use x25519_dalek::StaticSecret;
use yizhan_domain::authorization::Suite;
use zeroize::Zeroizing;

/// A private key that opens tokens. `Debug` prints its `kid`; wiped when dropped.
pub struct DecryptionKey {
    public: Jwk,
    secret: Secret,
}

enum Secret {
    P256(p256::SecretKey),
    X25519(StaticSecret),
    Sm2(sm2::SecretKey),
}

impl DecryptionKey {
    /// A new key of a suite, P-256 or SM2; its `kid` is its thumbprint.
    pub fn generate<R: CryptoRng + ?Sized>(suite: Suite, rng: &mut R) -> Self {
        loop {
            let mut secret = Zeroizing::new([0; 32]);
            rng.fill_bytes(secret.as_mut_slice());
            if let Ok(key) = Self::from_secret(suite, &secret) {
                return key;
            }
        }
    }

    /// The key with this private number, 32 bytes, the highest first.
    ///
    /// # Errors
    /// [`JoseError::Failed`] when the number is 0 or not below the order of the curve.
    pub fn from_secret(suite: Suite, secret: &[u8; 32]) -> Result<Self, JoseError> {
        let refused = || JoseError::Failed("the private number does not fit its curve");
        let (public, secret) = match suite {
            Suite::International => {
                let key = p256::SecretKey::from_slice(secret).map_err(|_| refused())?;
                (Material::P256(point(&key.public_key().to_sec1_bytes())?), Secret::P256(key))
            }
            Suite::National => {
                let key = sm2::SecretKey::from_slice(secret).map_err(|_| refused())?;
                (Material::Sm2(point(&key.public_key().to_sec1_bytes())?), Secret::Sm2(key))
            }
        };
        Ok(Self { public: Jwk::of(public, KeyUse::Decrypt), secret })
    }

    /// The X25519 key with these private bytes (RFC 7748, section 5).
    #[must_use]
    pub fn x25519(secret: &[u8; 32]) -> Self {
        let secret = StaticSecret::from(*secret);
        let public = Material::X25519(x25519_dalek::PublicKey::from(&secret).to_bytes());
        Self { public: Jwk::of(public, KeyUse::Decrypt), secret: Secret::X25519(secret) }
    }

    /// The same key under another `kid`: 1 to 128 printable ASCII characters.
    ///
    /// # Errors
    /// [`JoseError::Malformed`] when it is not.
    pub fn with_kid(self, kid: &str) -> Result<Self, JoseError> {
        if !is_kid(kid) {
            return Err(JoseError::Malformed("`kid` is not 1 to 128 printable ASCII characters"));
        }
        Ok(Self { public: self.public.with_kid(kid), ..self })
    }

    /// Its `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.public.kid().unwrap_or_default()
    }

    /// The public half, to seal to.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// `alg` of the tokens that it opens.
    pub(super) fn algorithm(&self) -> &'static str {
        match self.secret {
            Secret::Sm2(_) => national::KEY_ENCRYPTION,
            Secret::P256(_) | Secret::X25519(_) => KEY_AGREEMENT,
        }
    }

    /// The content key of a token.
    pub(super) fn content_key(
        &self,
        header: &Map<String, Value>,
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        let shared = match &self.secret {
            Secret::Sm2(secret) => return national::decrypt_key(secret, encrypted),
            Secret::P256(secret) => match sender(header)?.material() {
                Material::P256(from) => agreement::p256_secret(secret, from)?,
                _ => return Err(JoseError::Header("epk")),
            },
            Secret::X25519(secret) => match sender(header)?.material() {
                Material::X25519(from) => agreement::x25519_secret(secret, from)?,
                _ => return Err(JoseError::Header("epk")),
            },
        };
        let (party_u, party_v) = (party(header, "apu")?, party(header, "apv")?);
        agreement::unwrap(&agreement::derive(&shared, &party_u, &party_v), encrypted)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({})", self.kid())
    }
}

/// The sender's ephemeral public key (RFC 7518, section 4.6.1.1); its point is checked.
fn sender(header: &Map<String, Value>) -> Result<Jwk, JoseError> {
    let value = header.get("epk").ok_or(JoseError::Header("epk"))?;
    Jwk::parse(value, 0).map_err(|_| JoseError::Header("epk"))
}

/// Agreement information of a party (RFC 7518, sections 4.6.1.2 and 4.6.1.3); empty when absent.
fn party(header: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JoseError> {
    compact::text_member(header, name)?.map_or(Ok(Vec::new()), compact::decode)
}
