//! The root key of an installation, and the keys that are derived from it, one per purpose (HKDF-SHA-256, RFC 5869).

use super::{KeyError, Sealer, private_file};
use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::Sha256;
use std::fmt;
use std::path::Path;
use zeroize::Zeroizing;

/// What a derived key is for. Each has its own label: no key serves two purposes. THE table of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Sealing of the store's journal.
    Journal,
    /// Pairwise subjects, by version: never rotated silently.
    PairwiseSubject(u32),
    /// Keyed hashes of handles (identity numbers, phone numbers) for look-up.
    HandleHash,
    /// Keyed hashes of one-time and recovery codes.
    CodeHash,
    /// Encryption of the keys of persons in the directory.
    Directory,
    /// Sealing of second factors and passkeys.
    SignInSecrets,
    /// Sealing of tokens that the runtime keeps.
    RuntimeTokens,
    /// Successors of rotated refresh tokens.
    TokenSuccessor,
    /// Tokens of the forms on the hub's pages.
    FormTokens,
    /// Sealing of the data of apps.
    AppData,
    /// Sealing of the file of private keys.
    KeyStore,
    /// Tells whether a root key is the right one; seals nothing.
    Check,
}

impl Purpose {
    fn label(self) -> String {
        let name = match self {
            Self::Journal => "journal",
            Self::PairwiseSubject(version) => return format!("yizhan/1/pairwise-subject/{version}"),
            Self::HandleHash => "handle-hash",
            Self::CodeHash => "code-hash",
            Self::Directory => "directory",
            Self::SignInSecrets => "sign-in-secrets",
            Self::RuntimeTokens => "runtime-tokens",
            Self::TokenSuccessor => "token-successor",
            Self::FormTokens => "form-tokens",
            Self::AppData => "app-data",
            Self::KeyStore => "key-store",
            Self::Check => "check",
        };
        format!("yizhan/1/{name}")
    }
}

/// 32 secret bytes from which everything else is derived. Never printed; wiped when dropped.
pub struct RootKey(Zeroizing<[u8; 32]>);

impl RootKey {
    /// The root key of these bytes; they have to be random.
    #[must_use]
    pub fn of(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Makes a new root key and a file of it, mode 600, durable.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when the file exists.
    pub fn create_file<R: CryptoRng + ?Sized>(path: &Path, rng: &mut R) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        private_file::create(path, bytes.as_slice())?;
        Ok(Self(bytes))
    }

    /// Reads a root key: a file of exactly 32 bytes that only its owner may read.
    ///
    /// # Errors
    /// [`KeyError::Permissions`], [`KeyError::Io`], [`KeyError::Damaged`] for another length.
    pub fn open_file(path: &Path) -> Result<Self, KeyError> {
        let read = private_file::read(path, 33)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if read.len() != bytes.len() {
            return Err(KeyError::Damaged("a root key is exactly 32 bytes"));
        }
        bytes.copy_from_slice(&read);
        Ok(Self(bytes))
    }

    /// The key for a purpose.
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        expand(&self.0, purpose.label().as_bytes())
    }

    /// Seals and opens data for a purpose.
    #[must_use]
    pub fn sealer(&self, purpose: Purpose) -> Sealer {
        Sealer::new(self.derive(purpose))
    }

    /// Eight bytes that show whether another root key is the same; they tell nothing else of it.
    pub(super) fn check(&self) -> [u8; 8] {
        let mut check = [0; 8];
        check.copy_from_slice(&self.derive(Purpose::Check)[..8]);
        check
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey")
    }
}

/// HKDF-SHA-256 without salt: one block.
pub(super) fn expand(key: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    let filled = Hkdf::<Sha256>::new(None, key).expand(label, derived.as_mut_slice());
    debug_assert!(filled.is_ok(), "32 bytes are within HKDF's bound of 8160");
    derived
}
