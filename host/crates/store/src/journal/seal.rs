//! The journal's key: what is written is sealed with AES-256-GCM under a key per segment, derived from it and the header.

use crate::{error::StoreError, keyed_hash::keyed_hash};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce, aead::AeadInOut as _};
use std::fmt;
use zeroize::Zeroizing;

const SEGMENT: &[u8] = b"yizhan-journal-segment-v1";
const CHECK: &[u8] = b"yizhan-journal-check-v1";

/// The key of the journal, 32 random bytes. Kept by the hub's or runtime's key store, never beside the journal.
#[derive(Clone)]
pub struct JournalKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for JournalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JournalKey(…)")
    }
}

impl JournalKey {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key of the segment with this header. The header has a random salt, so no two segments share one.
    pub(super) fn segment(&self, header: &[u8]) -> SegmentKey {
        let bytes = self.derive(SEGMENT, header);
        SegmentKey(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*bytes)))
    }

    /// What shows that a segment was written with this key.
    pub(super) fn check(&self, header: &[u8]) -> [u8; 16] {
        let bytes = self.derive(CHECK, header);
        std::array::from_fn(|index| bytes[index])
    }

    fn derive(&self, label: &[u8], header: &[u8]) -> Zeroizing<[u8; 32]> {
        keyed_hash(&self.0, &[label, header])
    }
}

/// The key of one segment; a nonce is the number of its frame, used once.
pub(super) struct SegmentKey(Aes256Gcm);

impl SegmentKey {
    /// Seals in place, bound to the frame's clear part.
    pub(super) fn seal(&self, sequence: u64, bound: &[u8], bytes: &mut Vec<u8>) -> Result<(), StoreError> {
        let sealed = self.0.encrypt_in_place(&nonce(sequence), bound, bytes);
        sealed.map_err(|_| StoreError::Damaged { what: format!("frame {sequence} cannot be sealed") })
    }

    /// Opens what [`SegmentKey::seal`] made; none when it is anything else.
    pub(super) fn open(&self, sequence: u64, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = sealed.to_vec();
        self.0.decrypt_in_place(&nonce(sequence), bound, &mut bytes).ok()?;
        Some(bytes)
    }
}

fn nonce(sequence: u64) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&sequence.to_be_bytes());
    bytes.into()
}
