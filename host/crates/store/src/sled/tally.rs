//! Up to which frame the database has come, and a sum over all its records: whatever silently lost or kept an old record
//! shows when the sum is taken again.

use super::{
    database, envelope,
    record::{Raw, RawWrite},
};
use crate::{error::StoreError, journal::Position};
use ::sled::{IVec, Tree};
use sha2::{Digest, Sha256};

/// The tree of the records.
pub(super) const TREE: &str = "records";
/// Where the position lies; the first byte of records' keys is 1 or 2.
pub(super) const POSITION_KEY: &[u8] = &[3];
const PAYLOAD_BYTES: usize = 56;

/// Number of raw records, and the sum of their hashes; the order does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    count: u64,
    sum: u64,
}

impl Tally {
    /// With one more record.
    pub(super) fn add(&mut self, key: &[u8], bytes: &[u8]) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(hash(key, bytes));
    }

    /// Without a record.
    fn remove(&mut self, key: &[u8], bytes: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(hash(key, bytes));
    }

    /// After a write.
    pub(super) fn replace(&mut self, raw: Raw, (key, new): &RawWrite) -> Result<(), StoreError> {
        if let Some(old) = raw(key)? {
            self.remove(key, &old);
        }
        if let Some(new) = new {
            self.add(key, new);
        }
        Ok(())
    }
}

fn hash(key: &[u8], bytes: &[u8]) -> u64 {
    let hash = Sha256::new().chain_update((key.len() as u64).to_be_bytes()).chain_update(key).chain_update(bytes);
    let hash = hash.finalize();
    u64::from_be_bytes(std::array::from_fn(|index| hash[index]))
}

/// How far the database has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) position: Position,
    pub(super) tally: Tally,
}

impl Applied {
    /// Of an empty database.
    pub(super) const NOTHING: Self =
        Self { position: Position { sequence: 0, hash: [0; 32] }, tally: Tally { count: 0, sum: 0 } };

    /// What a tree says.
    pub(super) fn read(tree: &Tree) -> Result<Self, StoreError> {
        let Some(bytes) = tree.get(POSITION_KEY).map_err(database)? else { return Ok(Self::NOTHING) };
        let payload = envelope::open(POSITION_KEY, &bytes)?;
        let payload: &[u8; PAYLOAD_BYTES] =
            payload.try_into().map_err(|_| envelope::damaged(POSITION_KEY, "is no position".to_owned()))?;
        let number = |begin: usize| u64::from_be_bytes(std::array::from_fn(|index| payload[begin + index]));
        let hash = std::array::from_fn(|index| payload[8 + index]);
        let position = Position { sequence: number(0), hash };
        Ok(Self { position, tally: Tally { count: number(40), sum: number(48) } })
    }

    /// The record to be written with the records that it speaks of.
    pub(super) fn record(&self) -> RawWrite {
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
        payload.extend_from_slice(&self.position.sequence.to_be_bytes());
        payload.extend_from_slice(&self.position.hash);
        payload.extend_from_slice(&self.tally.count.to_be_bytes());
        payload.extend_from_slice(&self.tally.sum.to_be_bytes());
        (POSITION_KEY.to_vec(), Some(IVec::from(envelope::seal(POSITION_KEY, &payload))))
    }
}
