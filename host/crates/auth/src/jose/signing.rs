//! Keys that sign, and the signature itself (RFC 7515): ES256 by `jsonwebtoken`, SM2 by [`national`].

use super::jwk::{Material, is_kid};
use super::{JoseError, Jwk, JwsAlgorithm, KeyUse, compact, national};
use jsonwebtoken::{Algorithm, EncodingKey};
use p256::pkcs8::EncodePrivateKey as _;
use rand::CryptoRng;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;
use yizhan_domain::authorization::Suite;
use zeroize::Zeroizing;

/// What a signer says in the header besides `alg` and `kid`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JwsHeader<'a> {
    /// Type of the token, without `application/`.
    pub typ: Option<&'a str>,
    /// Type of the content.
    pub cty: Option<&'a str>,
    /// Whether the public key goes along as `jwk`: in DPoP proofs alone (RFC 9449, section 4.2).
    pub with_key: bool,
}

/// A private signing key: P-256 or SM2. `Debug` prints its `kid`; wiped when dropped.
pub struct SigningKey {
    public: Jwk,
    secret: Secret,
}

enum Secret {
    /// PKCS #8, as the library reads it.
    Es256(EncodingKey),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl SigningKey {
    /// A new key of a suite; its `kid` is its thumbprint.
    pub fn generate<R: CryptoRng + ?Sized>(suite: Suite, rng: &mut R) -> Self {
        loop {
            let mut secret = Zeroizing::new([0; 32]);
            rng.fill_bytes(secret.as_mut_slice());
            // Fails for 0 and numbers above the order: one in 2^32 tries.
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
        match suite {
            Suite::International => {
                let key = p256::SecretKey::from_slice(secret).map_err(|_| refused())?;
                let pkcs8 = key.to_pkcs8_der().map_err(|_| refused())?;
                let public = Material::P256(point(&key.public_key().to_sec1_bytes())?);
                let secret = Secret::Es256(EncodingKey::from_ec_der(pkcs8.as_bytes()));
                Ok(Self { public: Jwk::of(public, KeyUse::Sign), secret })
            }
            Suite::National => {
                let key = sm2::SecretKey::from_slice(secret).map_err(|_| refused())?;
                let public = Material::Sm2(point(&key.public_key().to_sec1_bytes())?);
                Ok(Self {
                    public: Jwk::of(public, KeyUse::Sign),
                    secret: Secret::Sm2(Box::new(national::signing_key(&key)?)),
                })
            }
        }
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

    /// What it signs with.
    #[must_use]
    pub fn algorithm(&self) -> JwsAlgorithm {
        match self.secret {
            Secret::Es256(_) => JwsAlgorithm::Es256,
            Secret::Sm2(_) => JwsAlgorithm::SgdSm3Sm2,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims: the compact form with `alg`, `kid` and what the header says.
    ///
    /// # Errors
    /// [`JoseError::Failed`] when the claims cannot be written as JSON.
    pub fn sign(&self, header: &JwsHeader<'_>, claims: &impl Serialize) -> Result<String, JoseError> {
        let json = serde_json::to_vec(claims).map(Zeroizing::new);
        self.sign_bytes(header, &json.map_err(|_| JoseError::Failed("the claims cannot be written as JSON"))?)
    }

    /// Signs bytes as they are.
    ///
    /// # Errors
    /// [`JoseError::Failed`] when the library refuses.
    pub fn sign_bytes(&self, header: &JwsHeader<'_>, payload: &[u8]) -> Result<String, JoseError> {
        let mut members = Map::new();
        members.insert("alg".into(), self.algorithm().name().into());
        members.insert("kid".into(), self.kid().into());
        for (name, value) in [("typ", header.typ), ("cty", header.cty)] {
            if let Some(value) = value {
                members.insert(name.into(), value.into());
            }
        }
        if header.with_key {
            members.insert("jwk".into(), self.public.to_value());
        }
        let header = compact::encode(Value::Object(members).to_string().as_bytes());
        // Room for all of it at once: the payload may be personal, and a text that grows leaves copies behind.
        let mut token = String::with_capacity(header.len() + payload.len() / 3 * 4 + 128);
        token.push_str(&header);
        token.push('.');
        compact::encode_to(payload, &mut token);
        let signature = match &self.secret {
            Secret::Es256(key) => jsonwebtoken::crypto::sign(token.as_bytes(), key, Algorithm::ES256)
                .map_err(|_| JoseError::Failed("the library refuses to sign"))?,
            Secret::Sm2(key) => compact::encode(&national::sign(key, token.as_bytes())?),
        };
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

/// An uncompressed point as an array.
pub(crate) fn point(sec1: &[u8]) -> Result<[u8; 65], JoseError> {
    sec1.try_into().map_err(|_| JoseError::Failed("a public key is not an uncompressed point"))
}
