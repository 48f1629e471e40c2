//! The key store in software: keys in the memory of the process, and in one encrypted file unless they end with it. The
//! runtime keeps the apps' keys in one, the hub its own in another; local runs keep nothing.

use super::held::Held;
use super::key_file::KeyFile;
use super::{KeyError, KeyOwner, KeyRecord, KeySlot, KeyStore, Opening, RootKey};
use crate::jose::{JwkSet, JwsHeader};
use rand::CryptoRng;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use yizhan_domain::Timestamp;
use yizhan_domain::authorization::Suite;

/// Keys in memory, and in a file if there is one: then each change is durable before the call returns. Readers never wait
/// for the disk.
pub struct SoftwareKeyStore {
    file: Option<KeyFile>,
    held: RwLock<Arc<Held>>,
    /// Held during a change: one at a time.
    rng: Mutex<Box<dyn CryptoRng + Send>>,
}

impl SoftwareKeyStore {
    /// An empty store that ends with the process.
    #[must_use]
    pub fn in_memory(rng: Box<dyn CryptoRng + Send>) -> Self {
        Self::of(None, Held::default(), rng)
    }

    /// Makes a new, empty store in a file.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when the file exists; [`KeyError::InUse`].
    pub fn create(path: &Path, root: &RootKey, mut rng: Box<dyn CryptoRng + Send>) -> Result<Self, KeyError> {
        let file = KeyFile::create(path, root, &mut *rng)?;
        Ok(Self::of(Some(file), Held::default(), rng))
    }

    /// Opens the store in a file.
    ///
    /// # Errors
    /// [`KeyError::Permissions`] when others may read the file, [`KeyError::WrongRoot`], [`KeyError::Damaged`],
    /// [`KeyError::Format`], [`KeyError::InUse`], [`KeyError::Io`].
    pub fn open(path: &Path, root: &RootKey, rng: Box<dyn CryptoRng + Send>) -> Result<Self, KeyError> {
        let (file, held) = KeyFile::open(path, root)?;
        Ok(Self::of(Some(file), held, rng))
    }

    fn of(file: Option<KeyFile>, held: Held, rng: Box<dyn CryptoRng + Send>) -> Self {
        Self { file, held: RwLock::new(Arc::new(held)), rng: Mutex::new(rng) }
    }

    fn held(&self) -> Arc<Held> {
        // A poisoned lock still holds a whole value: it is only ever replaced.
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a change, durable before anybody sees it. A failed one changes nothing.
    fn change<T>(
        &self,
        change: impl FnOnce(&Held, &mut dyn CryptoRng) -> Result<(Held, T), KeyError>,
    ) -> Result<T, KeyError> {
        let mut rng = self.rng.lock().map_err(|_| KeyError::Unavailable)?;
        let (held, answer) = change(&self.held(), &mut **rng)?;
        if let Some(file) = &self.file {
            file.replace(&held, &mut **rng)?;
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        Ok(answer)
    }
}

impl KeyStore for SoftwareKeyStore {
    fn sign(&self, owner: &KeyOwner, suite: Suite, header: &JwsHeader<'_>, payload: &[u8]) -> Result<String, KeyError> {
        self.held().sign(owner, suite, header, payload)
    }

    fn decrypt(&self, owner: &KeyOwner, token: &str) -> Result<Opening, KeyError> {
        self.held().decrypt(owner, token)
    }

    fn public_jwks(&self, owner: &KeyOwner, now: Timestamp) -> Result<JwkSet, KeyError> {
        Ok(self.held().public_jwks(owner, now))
    }

    fn create(&self, owner: &KeyOwner, slot: KeySlot, now: Timestamp) -> Result<KeyRecord, KeyError> {
        self.change(|held, rng| match held.has_current(owner, slot) {
            true => Err(KeyError::Exists),
            false => held.with_new(owner, slot, (now, now), rng),
        })
    }

    fn rotate(&self, owner: &KeyOwner, slot: KeySlot, now: Timestamp, overlap_ms: u64) -> Result<KeyRecord, KeyError> {
        self.change(|held, rng| match held.has_current(owner, slot) {
            true => held.with_new(owner, slot, (now, now.plus_ms(overlap_ms)), rng),
            false => Err(KeyError::NoKey),
        })
    }

    fn retire(&self, owner: &KeyOwner, kid: &str) -> Result<bool, KeyError> {
        self.change(|held, _| {
            let (kept, gone) = held.without(|record| record.owner == *owner && record.kid == kid);
            Ok((kept, gone > 0))
        })
    }

    fn sweep(&self, now: Timestamp) -> Result<usize, KeyError> {
        if !self.held().records().iter().any(|record| record.has_ended(now)) {
            return Ok(0);
        }
        self.change(|held, _| Ok(held.without(|record| record.has_ended(now))))
    }

    fn remove(&self, owner: &KeyOwner) -> Result<usize, KeyError> {
        self.change(|held, _| Ok(held.without(|record| record.owner == *owner)))
    }

    fn list(&self) -> Result<Vec<KeyRecord>, KeyError> {
        Ok(self.held().records())
    }
}

impl fmt::Debug for SoftwareKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoftwareKeyStore")
    }
}
