//! Keys in memory alone: of local runs, which keep nothing.

use super::held::Held;
use super::{KeyError, KeyOwner, KeyRecord, KeySlot, KeyStore, Opening};
use crate::jose::{JwkSet, JwsHeader};
use rand::CryptoRng;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use yizhan_domain::Timestamp;
use yizhan_domain::authorization::Suite;

/// A key store that ends with the process.
pub struct MemoryKeyStore {
    held: RwLock<Arc<Held>>,
    /// Held during a change: one at a time.
    rng: Mutex<Box<dyn CryptoRng + Send>>,
}

impl MemoryKeyStore {
    /// An empty store.
    #[must_use]
    pub fn new(rng: Box<dyn CryptoRng + Send>) -> Self {
        Self { held: RwLock::default(), rng: Mutex::new(rng) }
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&Held, &mut dyn CryptoRng) -> Result<(Held, T), KeyError>,
    ) -> Result<T, KeyError> {
        let mut rng = self.rng.lock().map_err(|_| KeyError::Unavailable)?;
        let (held, answer) = change(&self.held(), &mut **rng)?;
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(held);
        Ok(answer)
    }
}

impl KeyStore for MemoryKeyStore {
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
        self.change(|held, _| Ok(held.without(|record| record.has_ended(now))))
    }

    fn remove(&self, owner: &KeyOwner) -> Result<usize, KeyError> {
        self.change(|held, _| Ok(held.without(|record| record.owner == *owner)))
    }

    fn list(&self) -> Result<Vec<KeyRecord>, KeyError> {
        Ok(self.held().records())
    }
}

impl fmt::Debug for MemoryKeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKeyStore")
    }
}
