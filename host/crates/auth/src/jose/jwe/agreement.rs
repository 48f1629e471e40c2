//! ECDH-ES with A256KW (RFC 7518, section 4.6): key agreement, Concat KDF, key wrap.

use crate::jose::jwk::{KEY_AGREEMENT, Material};
use crate::jose::signing::point;
use crate::jose::{JoseError, Jwk, KeyUse};
use aes_kw::{KeyInit as _, KwAes256};
use rand::CryptoRng;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A secret of 32 bytes.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// A fresh key pair on the recipient's curve: the public half as JSON (`epk`) and the shared secret.
pub(super) fn send<R: CryptoRng + ?Sized>(recipient: &Material, rng: &mut R) -> Result<(Value, Secret), JoseError> {
    let (ephemeral, shared) = match recipient {
        Material::P256(to) => {
            let secret = random_p256(rng);
            let shared = p256_secret(&secret, to)?;
            (Material::P256(point(&secret.public_key().to_sec1_bytes())?), shared)
        }
        Material::X25519(to) => {
            let mut bytes = Zeroizing::new([0; 32]);
            rng.fill_bytes(bytes.as_mut_slice());
            let secret = x25519_dalek::StaticSecret::from(*bytes);
            let shared = x25519_secret(&secret, to)?;
            (Material::X25519(x25519_dalek::PublicKey::from(&secret).to_bytes()), shared)
        }
        Material::Sm2(_) | Material::Ed25519(_) | Material::Rsa { .. } => return Err(JoseError::UnknownKey),
    };
    Ok((Jwk::of(ephemeral, KeyUse::Decrypt).numbers(), shared))
}

/// A random private key of P-256.
pub(super) fn random_p256<R: CryptoRng + ?Sized>(rng: &mut R) -> p256::SecretKey {
    loop {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        // Fails for 0 and numbers above the order: one in 2^32 tries.
        if let Ok(secret) = p256::SecretKey::from_slice(bytes.as_slice()) {
            return secret;
        }
    }
}

/// The shared secret of P-256: the x coordinate (NIST SP 800-56A, section 5.7.1.2). The point is checked again here.
pub(super) fn p256_secret(secret: &p256::SecretKey, to: &[u8; 65]) -> Result<Secret, JoseError> {
    let to = p256::PublicKey::from_sec1_bytes(to).map_err(|_| JoseError::Unopened)?;
    let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), to.as_affine());
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(shared.raw_secret_bytes());
    Ok(bytes)
}

/// The shared secret of X25519; a point of small order is refused (RFC 7748, section 6.1).
pub(super) fn x25519_secret(secret: &x25519_dalek::StaticSecret, to: &[u8; 32]) -> Result<Secret, JoseError> {
    let shared = secret.diffie_hellman(&x25519_dalek::PublicKey::from(*to));
    if !shared.was_contributory() {
        return Err(JoseError::Unopened);
    }
    Ok(Zeroizing::new(shared.to_bytes()))
}

/// The wrapping key of A256KW: Concat KDF of one round (RFC 7518, section 4.6.2), 256 bits.
pub(super) fn derive(shared: &Secret, party_u: &[u8], party_v: &[u8]) -> Secret {
    concat_kdf(shared.as_slice(), KEY_AGREEMENT.as_bytes(), [party_u, party_v], 256)
}

/// Concat KDF with SHA-256 (NIST SP 800-56A, section 5.8.1) for at most 256 bits: 32 bytes, of which the caller takes
/// the first `bits / 8`.
pub(super) fn concat_kdf(shared: &[u8], algorithm: &[u8], parties: [&[u8]; 2], bits: u32) -> Secret {
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(shared);
    for part in [algorithm, parties[0], parties[1]] {
        hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.update(bits.to_be_bytes());
    Zeroizing::new(hash.finalize().into())
}

/// Wraps a content key of 32 bytes (RFC 3394).
pub(super) fn wrap(wrapping: &Secret, content_key: &[u8]) -> Result<Vec<u8>, JoseError> {
    let mut wrapped = vec![0; content_key.len() + aes_kw::IV_LEN];
    KwAes256::new(&(**wrapping).into())
        .wrap_key(content_key, &mut wrapped)
        .map_err(|_| JoseError::Failed("the content key has a wrong length"))?;
    Ok(wrapped)
}

/// Unwraps a content key of exactly 32 bytes.
pub(super) fn unwrap(wrapping: &Secret, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let mut content_key = Zeroizing::new(vec![0; 32]);
    if wrapped.len() != content_key.len() + aes_kw::IV_LEN {
        return Err(JoseError::Unopened);
    }
    KwAes256::new(&(**wrapping).into()).unwrap_key(wrapped, &mut content_key).map_err(|_| JoseError::Unopened)?;
    Ok(content_key)
}

#[cfg(test)]
mod tests;
