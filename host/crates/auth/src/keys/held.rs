//! The keys that a store holds in memory, and the changes of them. The file store keeps and saves it.

use super::{KeyError, KeyOwner, KeyRecord, KeySlot, Opening};
use crate::jose::{DecryptionKey, Jwk, JwkSet, JwsHeader, KeyUse, SigningKey, jwe};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use yizhan_domain::Timestamp;
use yizhan_domain::authorization::Suite;
use zeroize::{Zeroize as _, Zeroizing};

/// All keys of a store.
#[derive(Clone, Default)]
pub(super) struct Held(Vec<Arc<Entry>>);

struct Entry {
    record: KeyRecord,
    secret: Zeroizing<[u8; 32]>,
    key: Key,
}

enum Key {
    Sign(SigningKey),
    Decrypt(DecryptionKey),
}

/// A key as it is written; wiped when dropped.
#[derive(Serialize, Deserialize)]
struct Saved {
    record: KeyRecord,
    secret: String,
}

impl Drop for Saved {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl Held {
    /// Keys from what [`Self::save`] wrote.
    pub(super) fn load(json: &[u8]) -> Result<Self, KeyError> {
        let damaged = || KeyError::Damaged("the key file holds no keys of this format");
        let saved: Vec<Saved> = serde_json::from_slice(json).map_err(|_| damaged())?;
        let entry = |saved: &Saved| {
            let mut secret = Zeroizing::new([0; 32]);
            let written = URL_SAFE_NO_PAD.decode_slice(saved.secret.as_bytes(), secret.as_mut_slice());
            if written != Ok(32) {
                return Err(damaged());
            }
            let record = saved.record.clone();
            let entry = Entry::of(record.owner.clone(), record.slot, secret, record.created)?;
            if entry.record.kid != record.kid {
                return Err(damaged());
            }
            Ok(Arc::new(Entry { record, ..entry }))
        };
        saved.iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// The keys as JSON.
    pub(super) fn save(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let saved: Vec<Saved> = self.0.iter().map(|entry| entry.saved()).collect();
        // Room for everything at once, so that no copy is left behind when the vector grows.
        let mut json = Zeroizing::new(Vec::with_capacity(64 + saved.len() * 512));
        serde_json::to_writer(&mut *json, &saved).map_err(|_| KeyError::Damaged("keys cannot be written"))?;
        Ok(json)
    }

    pub(super) fn records(&self) -> Vec<KeyRecord> {
        self.0.iter().map(|entry| entry.record.clone()).collect()
    }

    pub(super) fn sign(
        &self,
        owner: &KeyOwner,
        suite: Suite,
        header: &JwsHeader<'_>,
        payload: &[u8],
    ) -> Result<String, KeyError> {
        match self.current(owner, KeySlot { key_use: KeyUse::Sign, suite }).map(|entry| &entry.key) {
            Some(Key::Sign(key)) => Ok(key.sign_bytes(header, payload)?),
            _ => Err(KeyError::NoKey),
        }
    }

    pub(super) fn decrypt(&self, owner: &KeyOwner, token: &str) -> Result<Opening, KeyError> {
        let kid = jwe::named_key(token)?;
        let named = self.0.iter().find(|entry| entry.record.owner == *owner && entry.record.kid == kid);
        match named.map(|entry| (&entry.key, entry.record.slot.suite)) {
            Some((Key::Decrypt(key), suite)) => {
                let jwe::Opened { content_type, plain } = jwe::decrypt(token, key)?;
                Ok(Opening { suite, content_type, plain })
            }
            _ => Err(KeyError::NoKey),
        }
    }

    pub(super) fn public_jwks(&self, owner: &KeyOwner, now: Timestamp) -> JwkSet {
        let own = |entry: &&Arc<Entry>| entry.record.owner == *owner;
        let mut entries: Vec<_> = self.0.iter().filter(own).filter(|entry| !entry.record.has_ended(now)).collect();
        entries.sort_by_key(|entry| (entry.record.ends.is_some(), std::cmp::Reverse(entry.record.created)));
        JwkSet::of(entries.into_iter().map(|entry| entry.public().clone()).collect())
    }

    /// These keys and a new current one; the one before ends at `before_ends`.
    pub(super) fn with_new<R: CryptoRng + ?Sized>(
        &self,
        owner: &KeyOwner,
        slot: KeySlot,
        (now, before_ends): (Timestamp, Timestamp),
        rng: &mut R,
    ) -> Result<(Self, KeyRecord), KeyError> {
        let entry = Entry::generate(owner, slot, now, rng)?;
        let record = entry.record.clone();
        let mut keys: Vec<Arc<Entry>> = Vec::with_capacity(self.0.len() + 1);
        for held in self.0.iter().filter(|held| !held.record.has_ended(now)) {
            let replaced = held.record.owner == *owner && held.record.slot == slot && held.record.ends.is_none();
            keys.push(if replaced { Arc::new(held.ending(before_ends)?) } else { Arc::clone(held) });
        }
        keys.push(Arc::new(entry));
        Ok((Self(keys), record))
    }

    /// These keys without those that `gone` names, and how many those are.
    pub(super) fn without(&self, gone: impl Fn(&KeyRecord) -> bool) -> (Self, usize) {
        let kept: Vec<_> = self.0.iter().filter(|entry| !gone(&entry.record)).cloned().collect();
        let count = self.0.len() - kept.len();
        (Self(kept), count)
    }

    pub(super) fn has_current(&self, owner: &KeyOwner, slot: KeySlot) -> bool {
        self.current(owner, slot).is_some()
    }

    fn current(&self, owner: &KeyOwner, slot: KeySlot) -> Option<&Entry> {
        let found = self
            .0
            .iter()
            .find(|entry| entry.record.slot == slot && entry.record.ends.is_none() && entry.record.owner == *owner);
        found.map(Arc::as_ref)
    }
}

impl KeyRecord {
    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }
}

impl Entry {
    fn generate<R: CryptoRng + ?Sized>(
        owner: &KeyOwner,
        slot: KeySlot,
        now: Timestamp,
        rng: &mut R,
    ) -> Result<Self, KeyError> {
        // A random number fits its curve but for one in 2^32; 8 failures mean that the source of randomness is broken.
        for _ in 0..8 {
            let mut secret = Zeroizing::new([0; 32]);
            rng.fill_bytes(secret.as_mut_slice());
            if let Ok(entry) = Self::of(owner.clone(), slot, secret, now) {
                return Ok(entry);
            }
        }
        Err(KeyError::Unavailable)
    }

    fn of(owner: KeyOwner, slot: KeySlot, secret: Zeroizing<[u8; 32]>, created: Timestamp) -> Result<Self, KeyError> {
        let key = match slot.key_use {
            KeyUse::Sign => Key::Sign(SigningKey::from_secret(slot.suite, &secret)?),
            KeyUse::Decrypt => Key::Decrypt(DecryptionKey::from_secret(slot.suite, &secret)?),
        };
        let kid = match &key {
            Key::Sign(key) => key.kid().to_owned(),
            Key::Decrypt(key) => key.kid().to_owned(),
        };
        Ok(Self { record: KeyRecord { kid, owner, slot, created, ends: None }, secret, key })
    }

    fn ending(&self, ends: Timestamp) -> Result<Self, KeyError> {
        let mut entry =
            Self::of(self.record.owner.clone(), self.record.slot, self.secret.clone(), self.record.created)?;
        entry.record.ends = Some(ends);
        Ok(entry)
    }

    fn public(&self) -> &Jwk {
        match &self.key {
            Key::Sign(key) => key.public(),
            Key::Decrypt(key) => key.public(),
        }
    }

    fn saved(&self) -> Saved {
        Saved { record: self.record.clone(), secret: URL_SAFE_NO_PAD.encode(self.secret.as_slice()) }
    }
}
