//! Sealing of data at rest: AES-256-GCM under a key of its own for each datum. Directory, runtime and key store use it.

use super::{KeyError, root};
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use std::fmt;
use zeroize::Zeroizing;

/// First byte of sealed data.
const VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Bytes that sealing adds.
pub(super) const OVERHEAD_BYTES: usize = 1 + SALT_BYTES + NONCE_BYTES + TAG_BYTES;

/// Seals data so that only the same key with the same associated data opens it. Each datum has a fresh key
/// (HKDF over 128 random bits) and nonce, so there is no bound on how many one key seals. Never printed.
///
/// Form: version (1) ‖ salt (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
pub struct Sealer(Zeroizing<[u8; 32]>);

impl Sealer {
    /// Seals under this key.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// Seals data. `associated` says what it is and whose (for example `totp:` and the person): it is not kept.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] when the data is longer than the cipher takes (64 GiB).
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        plain: &[u8],
        associated: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, KeyError> {
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD_BYTES);
        sealed.push(VERSION);
        sealed.resize(1 + SALT_BYTES + NONCE_BYTES, 0);
        rng.fill_bytes(&mut sealed[1..]);
        let (cipher, nonce) = self.parts(&sealed);
        let start = sealed.len();
        sealed.extend_from_slice(plain);
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), associated, (&mut sealed[start..]).into())
            .map_err(|_| KeyError::Damaged("too long to be sealed"))?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens sealed data.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] when it was altered or cut, or key or associated data are others.
    pub fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let altered = KeyError::Damaged("sealed data does not open: altered, or sealed for something else");
        if sealed.len() < OVERHEAD_BYTES {
            return Err(KeyError::Damaged("sealed data is cut off"));
        }
        if sealed[0] != VERSION {
            return Err(KeyError::Format { found: sealed[0].into(), known: VERSION.into() });
        }
        let (head, rest) = sealed.split_at(1 + SALT_BYTES + NONCE_BYTES);
        let (body, tag) = rest.split_at(rest.len() - TAG_BYTES);
        let (cipher, nonce) = self.parts(head);
        let mut plain = Zeroizing::new(body.to_vec());
        let tag: [u8; TAG_BYTES] = tag.try_into().map_err(|_| KeyError::Damaged("sealed data is cut off"))?;
        match cipher.decrypt_inout_detached(&nonce.into(), associated, plain.as_mut_slice().into(), &Tag::from(tag)) {
            Ok(()) => Ok(plain),
            Err(_) => Err(altered),
        }
    }

    /// As [`Self::seal`], as base64url text.
    ///
    /// # Errors
    /// As [`Self::seal`].
    pub fn seal_text<R: CryptoRng + ?Sized>(
        &self,
        plain: &[u8],
        associated: &[u8],
        rng: &mut R,
    ) -> Result<String, KeyError> {
        self.seal(plain, associated, rng).map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
    }

    /// As [`Self::open`], from base64url text.
    ///
    /// # Errors
    /// As [`Self::open`]; [`KeyError::Damaged`] when it is not base64url.
    pub fn open_text(&self, sealed: &str, associated: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| KeyError::Damaged("sealed text is not base64url"))?;
        self.open(&sealed, associated)
    }

    /// The cipher and nonce of a datum from its first 29 bytes.
    fn parts(&self, head: &[u8]) -> (Aes256Gcm, [u8; NONCE_BYTES]) {
        let mut label = *b"yizhan/1/datum/................";
        label[15..].copy_from_slice(&head[1..=SALT_BYTES]);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&head[1 + SALT_BYTES..1 + SALT_BYTES + NONCE_BYTES]);
        (Aes256Gcm::new(&(*root::expand(&self.0, &label)).into()), nonce)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}
