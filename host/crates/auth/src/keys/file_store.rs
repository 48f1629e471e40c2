//! Keys in one encrypted file. The runtime keeps the apps' keys in one, the hub its own in another.

use super::held::Held;
use super::{KeyError, KeyOwner, KeyRecord, KeySlot, KeyStore, Opening, Purpose, RootKey, Sealer, private_file};
use crate::jose::{JwkSet, JwsHeader};
use rand::CryptoRng;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use yizhan_domain::Timestamp;
use yizhan_domain::authorization::Suite;

/// First bytes of the file.
const MAGIC: &[u8; 6] = b"YZKEYS";
/// Format that this release writes and reads.
const FORMAT: u16 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 2 + 8;
/// Largest file: about 100 000 keys.
const FILE_BYTES_MAX: u64 = 48 << 20;

/// A key store in one file, AES-256-GCM under a key from the root key. One process at a time has it open. Each change is
/// durable before the call returns; readers never wait for the disk.
///
/// Form: `YZKEYS` ‖ format (2, high byte first) ‖ check of the root key (8) ‖ sealed JSON.
pub struct FileKeyStore {
    path: PathBuf,
    sealer: Sealer,
    check: [u8; 8],
    held: RwLock<Arc<Held>>,
    /// Held during a change: one at a time.
    rng: Mutex<Box<dyn CryptoRng + Send>>,
    _lock: File,
}

impl FileKeyStore {
    /// Makes a new, empty store.
    ///
    /// # Errors
    /// [`KeyError::Io`], also when the file exists; [`KeyError::InUse`].
    pub fn create(path: &Path, root: &RootKey, rng: Box<dyn CryptoRng + Send>) -> Result<Self, KeyError> {
        let store = Self::over(path, root, rng, Held::default())?;
        let bytes = store.bytes(&Held::default(), &mut *store.rng.lock().unwrap_or_else(PoisonError::into_inner))?;
        private_file::create(path, &bytes)?;
        Ok(store)
    }

    /// Opens a store.
    ///
    /// # Errors
    /// [`KeyError::Permissions`] when others may read the file, [`KeyError::WrongRoot`], [`KeyError::Damaged`],
    /// [`KeyError::Format`], [`KeyError::InUse`], [`KeyError::Io`].
    pub fn open(path: &Path, root: &RootKey, rng: Box<dyn CryptoRng + Send>) -> Result<Self, KeyError> {
        let store = Self::over(path, root, rng, Held::default())?;
        let held = store.read()?;
        *store.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        Ok(store)
    }

    fn over(path: &Path, root: &RootKey, rng: Box<dyn CryptoRng + Send>, held: Held) -> Result<Self, KeyError> {
        Ok(Self {
            path: path.to_owned(),
            sealer: root.sealer(Purpose::KeyStore),
            check: root.check(),
            held: RwLock::new(Arc::new(held)),
            rng: Mutex::new(rng),
            _lock: private_file::lock(path)?,
        })
    }

    fn head(&self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..6].copy_from_slice(MAGIC);
        head[6..8].copy_from_slice(&FORMAT.to_be_bytes());
        head[8..].copy_from_slice(&self.check);
        head
    }

    fn read(&self) -> Result<Held, KeyError> {
        let bytes = private_file::read(&self.path, FILE_BYTES_MAX)?;
        let Some((head, sealed)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
            return Err(KeyError::Damaged("the key file is cut off"));
        };
        if head[..6] != MAGIC[..] {
            return Err(KeyError::Damaged("this is no key file"));
        }
        let found = u16::from_be_bytes([head[6], head[7]]);
        if found != FORMAT {
            return Err(KeyError::Format { found, known: FORMAT });
        }
        if head[8..] != self.check {
            return Err(KeyError::WrongRoot);
        }
        Held::load(&self.sealer.open(sealed, head)?)
    }

    fn bytes(&self, held: &Held, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, KeyError> {
        let head = self.head();
        let sealed = self.sealer.seal(&held.save()?, &head, rng)?;
        Ok([&head[..], &sealed].concat())
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
        let bytes = self.bytes(&held, &mut **rng)?;
        private_file::replace(&self.path, &bytes)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        Ok(answer)
    }
}

impl KeyStore for FileKeyStore {
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

impl fmt::Debug for FileKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKeyStore")
    }
}
