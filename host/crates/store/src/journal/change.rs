//! What a step did, as it lies sealed in a frame: its writes, and whose data keys end with it (their names, never a key).

use super::{
    bytes::{Bytes, push},
    frame::{BODY_BYTES_MAX, too_large},
};
use crate::{data_keys::KeyName, error::StoreError};

const FORMAT: u8 = 1;
const SET: u8 = 1;
const REMOVED: u8 = 0;
/// More than header, counts and tag of a frame.
const FRAME_BYTES: usize = 256;

/// A key (table byte first) and its new value; none removes it.
pub(super) type Write = (Vec<u8>, Option<Vec<u8>>);

/// What a step did. Done twice, it is the same as done once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// What is written.
    pub(crate) writes: Vec<Write>,
    /// Whose data keys of before this step end.
    pub(crate) ended: Vec<KeyName>,
    /// How many audit entries there are after it.
    pub(crate) entries: u64,
    /// How many people have a data key after it.
    pub(crate) data_keys: u64,
}

impl Change {
    /// Bytes to be sealed; the two counts stand in the frame, readable without the key.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&count(self.ended.len()));
        for name in &self.ended {
            bytes.extend_from_slice(&name.0);
        }
        bytes.extend_from_slice(&count(self.writes.len()));
        for (key, value) in &self.writes {
            push(&mut bytes, key);
            match value {
                Some(value) => {
                    bytes.push(SET);
                    push(&mut bytes, value);
                }
                None => bytes.push(REMOVED),
            }
        }
        bytes
    }

    /// At least as many bytes as its frame has.
    pub(crate) fn bytes(&self) -> usize {
        let writes = self.writes.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len) + 9);
        writes.sum::<usize>() + self.ended.len() * size_of::<KeyName>() + FRAME_BYTES
    }

    /// [`StoreError::Size`] when it is too large for a frame.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match self.bytes() {
            0..=BODY_BYTES_MAX => Ok(()),
            found => Err(too_large(found)),
        }
    }

    /// Reads what [`Change::encode`] wrote; none when it is anything else.
    pub(super) fn decode(bytes: &[u8], entries: u64, data_keys: u64) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.u8()? != FORMAT {
            return None;
        }
        let mut change = Self { entries, data_keys, ..Self::default() };
        for _ in 0..bytes.u32()? {
            change.ended.push(KeyName(bytes.array()?));
        }
        for _ in 0..bytes.u32()? {
            let key = bytes.string()?.to_vec();
            let value = match bytes.u8()? {
                SET => Some(bytes.string()?.to_vec()),
                REMOVED => None,
                _ => return None,
            };
            change.writes.push((key, value));
        }
        bytes.0.is_empty().then_some(change)
    }
}

fn count(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_change_is_read_back(
            writes in proptest::collection::vec((any::<Vec<u8>>(), any::<Option<Vec<u8>>>()), 0..5),
            ended in proptest::collection::vec(any::<[u8; 16]>(), 0..3), entries in any::<u64>(), data_keys in any::<u64>(),
        ) {
            let ended = ended.into_iter().map(KeyName).collect();
            let change = Change { writes, ended, entries, data_keys };
            let bytes = change.encode();
            prop_assert_eq!(Change::decode(&bytes, entries, data_keys), Some(change));
            for length in 0..bytes.len() {
                prop_assert_eq!(Change::decode(&bytes[..length], entries, data_keys), None);
            }
        }
    }
}
