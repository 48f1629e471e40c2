//! Keys of the hub and of apps: who holds them, what they may do, how they change. Private keys never leave a store.
//! [`SoftwareKeyStore`] is one such store; a hardware module would be another.

mod held;
mod key_file;
mod passphrase;
mod private_file;
mod root;
mod sealer;
mod software;

pub use passphrase::PassphraseParameters;
pub use root::{Purpose, RootKey};
pub use sealer::Sealer;
pub use software::SoftwareKeyStore;

use crate::jose::{JoseError, JwkSet, JwsHeader, KeyUse};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use yizhan_domain::authorization::Suite;
use yizhan_domain::{ClientId, Timestamp};
use zeroize::Zeroizing;

/// Whose keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyOwner {
    /// The hub: signs tokens, envelopes and release statements.
    Hub,
    /// A client whose keys the runtime holds.
    Client(ClientId),
}

/// Which of an owner's keys: there is at most one current key of each slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeySlot {
    /// What for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// In which suite.
    pub suite: Suite,
}

/// What a key store tells of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Its `kid`: the thumbprint (RFC 7638).
    pub kid: String,
    /// Whose.
    pub owner: KeyOwner,
    /// Which.
    pub slot: KeySlot,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends; none for the current key of its slot. Until then it is published and opens, but signs no more.
    pub ends: Option<Timestamp>,
}

/// What holds private keys. Calls may block (a file is written, a module asked): not for a core thread.
pub trait KeyStore: Send + Sync {
    /// Signs a payload (JSON bytes) with the owner's current signing key of a suite: a compact JWS.
    ///
    /// # Errors
    /// [`KeyError::NoKey`] when the owner has none.
    fn sign(&self, owner: &KeyOwner, suite: Suite, header: &JwsHeader<'_>, payload: &[u8]) -> Result<String, KeyError>;

    /// Opens a compact JWE with the owner's key that it names. A key of another owner is never tried. A key that has
    /// ended opens until it is destroyed: see [`Self::sweep`].
    ///
    /// # Errors
    /// [`KeyError::NoKey`] when the owner has no such key, [`KeyError::Jose`] when it cannot be opened.
    fn decrypt(&self, owner: &KeyOwner, token: &str) -> Result<Opening, KeyError>;

    /// The public keys of an owner, current ones first, then those that have not ended. Empty when it has none.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`].
    fn public_jwks(&self, owner: &KeyOwner, now: Timestamp) -> Result<JwkSet, KeyError>;

    /// Makes the first key of a slot and returns its record, durable.
    ///
    /// # Errors
    /// [`KeyError::Exists`] when the slot has a current key: then it is to be rotated.
    fn create(&self, owner: &KeyOwner, slot: KeySlot, now: Timestamp) -> Result<KeyRecord, KeyError>;

    /// Makes a new current key; the one before ends `overlap_ms` from now. Keys that have ended are destroyed.
    ///
    /// # Errors
    /// [`KeyError::NoKey`] when the slot has no current key.
    fn rotate(&self, owner: &KeyOwner, slot: KeySlot, now: Timestamp, overlap_ms: u64) -> Result<KeyRecord, KeyError>;

    /// Destroys one key at once (it was compromised); false when the owner has none with this `kid`.
    ///
    /// # Errors
    /// [`KeyError::Io`] when that cannot be made durable.
    fn retire(&self, owner: &KeyOwner, kid: &str) -> Result<bool, KeyError>;

    /// Destroys the keys that have ended and returns how many.
    ///
    /// # Errors
    /// [`KeyError::Io`] when that cannot be made durable.
    fn sweep(&self, now: Timestamp) -> Result<usize, KeyError>;

    /// Destroys every key of an owner and returns how many.
    ///
    /// # Errors
    /// [`KeyError::Io`] when that cannot be made durable.
    fn remove(&self, owner: &KeyOwner) -> Result<usize, KeyError>;

    /// What is held, without any key: for the console.
    ///
    /// # Errors
    /// [`KeyError::Unavailable`].
    fn list(&self) -> Result<Vec<KeyRecord>, KeyError>;
}

/// What came out of an opened token.
pub struct Opening {
    /// Suite of the key.
    pub suite: Suite,
    /// `cty`, lower case, without `application/`.
    pub content_type: String,
    /// The content: an inner token, for [`crate::jose::verify_inner`].
    pub plain: Zeroizing<Vec<u8>>,
}

/// Why a key cannot be used or kept. Names no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("cannot {what} {path:?}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Others than the owner may read or write a file of keys.
    #[error("{path:?} has mode {mode:03o}: others may read it; type: chmod 600 {path:?}")]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The root key is not the one that the data was sealed with.
    #[error("the root key or passphrase is not the one that this was sealed with")]
    WrongRoot,
    /// Sealed data was altered, cut or is for something else.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// Written by another release.
    #[error("has format {found}, this release reads {known}; use the release that wrote it")]
    Format {
        /// Format found.
        found: u16,
        /// Format read.
        known: u16,
    },
    /// Another process has the file open.
    #[error("{0:?} is in use by another process")]
    InUse(PathBuf),
    /// A passphrase or its parameters are refused.
    #[error("passphrase: {0}")]
    Passphrase(&'static str),
    /// The owner has no such key.
    #[error("there is no such key")]
    NoKey,
    /// The slot has a current key.
    #[error("there is a current key already; rotate it")]
    Exists,
    /// A token was refused.
    #[error("the token is refused")]
    Jose(#[from] JoseError),
    /// The store stopped after a fault.
    #[error("the key store is not available")]
    Unavailable,
}
