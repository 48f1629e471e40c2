//! Encryption of the content: AES-256 or SM4 in Galois/counter mode, 96-bit nonce, 128-bit tag.

use crate::jose::jwk::Material;
use crate::jose::{JoseError, Jwk, national};
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Tag};
use zeroize::Zeroizing;

/// The cipher that goes with a recipient's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes256,
    Sm4,
}

impl Cipher {
    pub(super) fn of(recipient: &Jwk) -> Self {
        match recipient.material() {
            Material::Sm2(_) => Self::Sm4,
            _ => Self::Aes256,
        }
    }

    /// `enc`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aes256 => "A256GCM",
            Self::Sm4 => national::CONTENT_ENCRYPTION,
        }
    }

    pub(super) fn key_bytes(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Sm4 => 16,
        }
    }

    /// Ciphertext and tag.
    pub(super) fn seal(
        self,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        plain: &[u8],
    ) -> Result<(Vec<u8>, [u8; 16]), JoseError> {
        match self {
            Self::Aes256 => seal_with::<Aes256Gcm>(key, nonce, associated, plain),
            Self::Sm4 => seal_with::<national::SmGcm>(key, nonce, associated, plain),
        }
    }

    /// The plain text of ciphertext and tag.
    pub(super) fn open(
        self,
        key: &[u8],
        nonce: &[u8; 12],
        associated: &[u8],
        sealed: (Vec<u8>, [u8; 16]),
    ) -> Result<Zeroizing<Vec<u8>>, JoseError> {
        match self {
            Self::Aes256 => open_with::<Aes256Gcm>(key, nonce, associated, sealed),
            Self::Sm4 => open_with::<national::SmGcm>(key, nonce, associated, sealed),
        }
    }
}

fn seal_with<A: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit>(
    key: &[u8],
    nonce: &[u8; 12],
    associated: &[u8],
    plain: &[u8],
) -> Result<(Vec<u8>, [u8; 16]), JoseError> {
    let cipher = A::new_from_slice(key).map_err(|_| JoseError::Failed("the content key has a wrong length"))?;
    let mut bytes = plain.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&(*nonce).into(), associated, bytes.as_mut_slice().into())
        .map_err(|_| JoseError::Failed("the content is too long"))?;
    Ok((bytes, tag.into()))
}

fn open_with<A: AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit>(
    key: &[u8],
    nonce: &[u8; 12],
    associated: &[u8],
    (sealed, tag): (Vec<u8>, [u8; 16]),
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let cipher = A::new_from_slice(key).map_err(|_| JoseError::Unopened)?;
    let mut bytes = Zeroizing::new(sealed);
    cipher
        .decrypt_inout_detached(&(*nonce).into(), associated, bytes.as_mut_slice().into(), &Tag::from(tag))
        .map_err(|_| JoseError::Unopened)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
