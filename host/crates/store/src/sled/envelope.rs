//! The frame of every stored record: magic, schema and a CRC-32 over key and payload, so that damage is noticed and a
//! value under a wrong key too.

use crate::error::StoreError;

const MAGIC: [u8; 2] = *b"YZ";
const SCHEMA: u8 = 1;
/// Magic 2, schema 1, CRC-32 4.
const HEADER_BYTES: usize = 7;

/// Frames a payload that will be stored under `key`.
pub(super) fn seal(key: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.push(SCHEMA);
    bytes.extend_from_slice(&checksum(key, payload).to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The payload of a record that was read under `key`; anything else is [`StoreError::Damaged`].
pub(super) fn open<'a>(key: &[u8], bytes: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let Some((header, payload)) = bytes.split_at_checked(HEADER_BYTES) else {
        return Err(damaged(key, format!("{} bytes; a record has at least {HEADER_BYTES}", bytes.len())));
    };
    if header[..2] != MAGIC {
        return Err(damaged(key, "does not begin with the mark of a record".to_owned()));
    }
    if header[2] != SCHEMA {
        return Err(damaged(key, format!("schema {}; this version reads {SCHEMA}", header[2])));
    }
    if header[3..] != checksum(key, payload).to_be_bytes() {
        return Err(damaged(key, "checksum does not fit".to_owned()));
    }
    Ok(payload)
}

/// Names the record by its key as it is stored.
pub(super) fn damaged(key: &[u8], why: String) -> StoreError {
    StoreError::Damaged { what: format!("record {}: {why}", key.escape_ascii()) }
}

fn checksum(key: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes());
    hasher.update(key);
    hasher.update(payload);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_under_its_own_key_only() {
        let bytes = seal(b"key", b"payload");
        assert_eq!(open(b"key", &bytes).expect("sound"), b"payload");
        assert!(open(b"kex", &bytes).is_err());
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let bytes = seal(b"key", b"payload");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(open(b"key", &flipped), Err(StoreError::Damaged { .. })), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(open(b"key", &bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
