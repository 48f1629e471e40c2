//! The directory's keys: one wraps the data keys of people, one hashes what people are found by, one hashes codes, one
//! seals what a browser keeps for the hub.

use super::PeopleError;
use crate::keys::{Purpose, RootKey, Sealer};
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac as _};
use rand::CryptoRng;
use sha2::Sha256;
use yizhan_domain::{PersonId, SecretHash};
use zeroize::Zeroizing;

const NONCE: usize = 12;

/// A key of 256 bits, wiped when dropped.
type Key = Zeroizing<[u8; 32]>;

/// The directory's keys. Without them no datum can be read and nobody be found.
pub struct PeopleKeys {
    wrap: Key,
    handles: Key,
    codes: Key,
    tokens: Sealer,
}

impl PeopleKeys {
    /// The keys that come of a node's root key.
    #[must_use]
    pub fn of(root: &RootKey) -> Self {
        Self {
            wrap: root.derive(Purpose::Directory),
            handles: root.derive(Purpose::HandleHash),
            codes: root.derive(Purpose::CodeHash),
            tokens: root.sealer(Purpose::SignInSecrets),
        }
    }

    /// Keyed hash of what a person is found or counted by.
    pub(crate) fn handle_hash(&self, kind: &str, text: &[u8]) -> SecretHash {
        keyed_hash(&self.handles, kind, text)
    }

    /// Keyed hash of a one-time code, a recovery code or a device.
    pub(crate) fn code_hash(&self, kind: &str, text: &[u8]) -> SecretHash {
        keyed_hash(&self.codes, kind, text)
    }

    /// A new data key of a person and its wrapped form, AES-256-GCM: nonce 12, key 32, tag 16 bytes. One key is wrapped
    /// for each person, far fewer than the 2^32 that random nonces allow.
    pub(super) fn new_data_key(
        &self,
        person: &PersonId,
        rng: &mut impl CryptoRng,
    ) -> Result<(Sealer, Vec<u8>), PeopleError> {
        let mut key = Key::default();
        rng.fill_bytes(&mut *key);
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let payload = Payload { msg: &*key, aad: &label("data-key", person) };
        let wrapped = self.wrapping().encrypt(&Nonce::from(nonce), payload).map_err(|_| PeopleError::Sealed)?;
        Ok((Sealer::new(key), [nonce.as_slice(), &wrapped].concat()))
    }

    /// The data key in this wrapped form, as what seals the person's data.
    pub(super) fn unwrap(&self, person: &PersonId, wrapped: &[u8]) -> Result<Sealer, PeopleError> {
        let (nonce, wrapped) = wrapped.split_first_chunk::<NONCE>().ok_or(PeopleError::Sealed)?;
        let payload = Payload { msg: wrapped, aad: &label("data-key", person) };
        let plain = self.wrapping().decrypt(&Nonce::from(*nonce), payload).map_err(|_| PeopleError::Sealed)?;
        let plain = Zeroizing::new(plain);
        let mut key = Key::default();
        if plain.len() != key.len() {
            return Err(PeopleError::Sealed);
        }
        key.copy_from_slice(&plain);
        Ok(Sealer::new(key))
    }

    /// Seals what a browser keeps for the hub.
    pub(crate) fn tokens(&self) -> &Sealer {
        &self.tokens
    }

    fn wrapping(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.wrap).into())
    }
}

/// Associated data of what is sealed for a person.
pub(super) fn label(what: &str, person: &PersonId) -> Vec<u8> {
    [what.as_bytes(), &[0], person.as_str().as_bytes()].concat()
}

/// HMAC-SHA-256(key, kind ‖ 0x00 ‖ text): 256 bits.
fn keyed_hash(key: &Key, kind: &str, text: &[u8]) -> SecretHash {
    // RFC 2104: a key shorter than the block is padded with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(&**key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    mac.update(kind.as_bytes());
    mac.update(&[0]);
    mac.update(text);
    SecretHash(mac.finalize().into_bytes().into())
}
