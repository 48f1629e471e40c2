//! A root key from a passphrase: Argon2id (RFC 9106). The parameters are no secret and are kept beside the key store.

use super::{KeyError, RootKey, private_file};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroizing;

const FORMAT: u16 = 1;
/// Memory that is asked for and least that is taken, in KiB (RFC 9106, section 4; 19 MiB is OWASP's floor).
const MEMORY_KIB: u32 = 64 * 1024;
const MEMORY_KIB_MIN: u32 = 19 * 1024;
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const ROUNDS: u32 = 3;
const ROUNDS_MIN: u32 = 2;
const ROUNDS_MAX: u32 = 16;
/// Length of a passphrase, in bytes.
const PASSPHRASE_BYTES: std::ops::RangeInclusive<usize> = 12..=256;

/// How a passphrase becomes a root key, and eight bytes that tell a wrong passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassphraseParameters {
    format: u16,
    memory_kib: u32,
    rounds: u32,
    lanes: u32,
    salt: [u8; 16],
    check: [u8; 8],
}

impl PassphraseParameters {
    /// New parameters with a fresh salt, and the root key of the passphrase (12 to 256 bytes). Takes about 0.2 seconds
    /// and 64 MiB.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] for a length out of bounds.
    pub fn create<R: CryptoRng + ?Sized>(passphrase: &str, rng: &mut R) -> Result<(Self, RootKey), KeyError> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let mut parameters =
            Self { format: FORMAT, memory_kib: MEMORY_KIB, rounds: ROUNDS, lanes: 1, salt, check: [0; 8] };
        let root = parameters.derive(passphrase)?;
        parameters.check = root.check();
        Ok((parameters, root))
    }

    /// The root key of a passphrase.
    ///
    /// # Errors
    /// [`KeyError::WrongRoot`] for another passphrase, [`KeyError::Passphrase`] for parameters that are too weak or too
    /// costly.
    pub fn root(&self, passphrase: &str) -> Result<RootKey, KeyError> {
        let root = self.derive(passphrase)?;
        if root.check() == self.check { Ok(root) } else { Err(KeyError::WrongRoot) }
    }

    /// Writes the parameters to a new file, durable.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when the file exists.
    pub fn create_file(&self, path: &Path) -> Result<(), KeyError> {
        let json = serde_json::to_vec(self).map_err(|_| KeyError::Damaged("parameters cannot be written"))?;
        private_file::create(path, &json)
    }

    /// Reads the parameters.
    ///
    /// # Errors
    /// [`KeyError::Io`], [`KeyError::Damaged`], [`KeyError::Permissions`].
    pub fn open_file(path: &Path) -> Result<Self, KeyError> {
        let json = private_file::read(path, 4096)?;
        serde_json::from_slice(&json).map_err(|_| KeyError::Damaged("these are no passphrase parameters"))
    }

    fn derive(&self, passphrase: &str) -> Result<RootKey, KeyError> {
        if !PASSPHRASE_BYTES.contains(&passphrase.len()) {
            return Err(KeyError::Passphrase("has to have 12 to 256 bytes"));
        }
        if self.format != FORMAT {
            return Err(KeyError::Format { found: self.format, known: FORMAT });
        }
        let bounded = (MEMORY_KIB_MIN..=MEMORY_KIB_MAX).contains(&self.memory_kib)
            && (ROUNDS_MIN..=ROUNDS_MAX).contains(&self.rounds)
            && (1..=4).contains(&self.lanes);
        let params = Params::new(self.memory_kib, self.rounds, self.lanes, Some(32));
        let params = params.ok().filter(|_| bounded).ok_or(KeyError::Passphrase("parameters are out of bounds"))?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut_slice())
            .map_err(|_| KeyError::Passphrase("cannot be hashed"))?;
        Ok(RootKey::of(key))
    }
}
