//! One frame: a step, sealed, with a header that is readable without the key. Written by `writer`, read by `scan`.
//!
//! `mark 4 · length 4 · sequence 8 · previous hash 32 · hash 32 · CRC-32 of the header 4`, then the body of that length:
//! `audit entries 8 · durable 8 · data keys 8 · sealed change`. The hash covers previous hash, sequence and body.

use super::{Head, bytes::Bytes, change::Change, seal::SegmentKey};
use crate::{chain::chain, error::StoreError, records::AuditHead};

const MARK: [u8; 4] = *b"YZJF";
const HEADER_BYTES: usize = 84;
const COUNTS_BYTES: usize = 24;
/// Largest body: a step that is larger is refused before anything is written.
pub(super) const BODY_BYTES_MAX: usize = 16 << 20;

/// A frame that was read; its hash fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) sequence: u64,
    pub(super) previous: [u8; 32],
    pub(super) hash: [u8; 32],
    /// Audit entries up to it.
    entries: u64,
    /// The newest frame that was durable when it was written: whatever stands before is no torn tail.
    pub(super) durable: u64,
    data_keys: u64,
    body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the frame at the beginning; else why there is none.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let Some(header) = bytes.get(..HEADER_BYTES) else { return Err("the file ends inside a frame's header") };
        let header = Header::read(header).ok_or("it does not begin with a frame's mark")??;
        let Header { length, sequence, previous, hash } = header;
        let body = bytes.get(HEADER_BYTES..HEADER_BYTES + length).ok_or("the file ends inside a frame")?;
        if chain(&previous, sequence, body) != hash {
            return Err("the frame's hash does not fit its bytes");
        }
        let mut counts = Bytes(body);
        let (Some(entries), Some(durable), Some(data_keys)) = (counts.u64(), counts.u64(), counts.u64()) else {
            return Err("the frame is too short");
        };
        Ok(Self { sequence, previous, hash, entries, durable, data_keys, body })
    }

    /// Where the next frame begins, from the beginning of this one.
    pub(super) fn length(&self) -> usize {
        HEADER_BYTES + self.body.len()
    }

    /// The head once this frame follows `before`; else why it does not follow.
    pub(super) fn follow(&self, before: &Head) -> Result<Head, &'static str> {
        if self.sequence != before.sequence + 1 {
            return Err("the frame has another number than the next");
        }
        if self.previous != before.hash {
            return Err("the frame names another hash than that of the frame before");
        }
        if self.entries < before.audit.sequence {
            return Err("the frame counts fewer audit entries than the frame before");
        }
        let audit = match self.entries > before.audit.sequence {
            true => AuditHead { sequence: self.entries, hash: self.hash },
            false => before.audit.clone(),
        };
        Ok(Head { sequence: self.sequence, hash: self.hash, audit, data_keys: self.data_keys })
    }

    /// What the step did; none when the key is another or the bytes are.
    pub(super) fn open(&self, key: &SegmentKey) -> Option<Change> {
        let (counts, sealed) = self.body.split_at_checked(COUNTS_BYTES)?;
        let bytes = key.open(self.sequence, &bound(&self.previous, counts), sealed)?;
        Change::decode(&bytes, self.entries, self.data_keys)
    }
}

/// What stands before a body.
struct Header {
    length: usize,
    sequence: u64,
    previous: [u8; 32],
    hash: [u8; 32],
}

impl Header {
    /// Reads [`HEADER_BYTES`]; none without the mark.
    fn read(header: &[u8]) -> Option<Result<Self, &'static str>> {
        let mut bytes = Bytes(header);
        if bytes.array()? != MARK {
            return None;
        }
        let (length, sequence) = (bytes.u32()? as usize, bytes.u64()?);
        let header_read = Self { length, sequence, previous: bytes.array()?, hash: bytes.array()? };
        let is_sound = bytes.u32()? == crc32fast::hash(&header[..HEADER_BYTES - 4]);
        Some(if is_sound { Ok(header_read) } else { Err("the checksum of the frame's header does not fit") })
    }
}

/// Whether a sound frame at or behind the beginning of `bytes` says that frame `sequence` was durable before it.
pub(super) fn proves_durable(bytes: &[u8], sequence: u64) -> bool {
    let marks = bytes.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    marks.filter_map(|(offset, _)| Frame::read(&bytes[offset..]).ok()).any(|frame| frame.durable >= sequence)
}

/// Adds the frame of a change that follows `head`, and moves `head`. [`StoreError::Size`] for too large a change.
pub(super) fn write(
    bytes: &mut Vec<u8>,
    head: &mut Head,
    change: &Change,
    durable: u64,
    key: &SegmentKey,
) -> Result<(), StoreError> {
    let sequence = head.sequence + 1;
    let counts = [change.entries, durable, change.data_keys].map(u64::to_be_bytes).concat();
    let mut sealed = change.encode();
    key.seal(sequence, &bound(&head.hash, &counts), &mut sealed)?;
    let body = [counts, sealed].concat();
    let length = match u32::try_from(body.len()) {
        Ok(length) if body.len() <= BODY_BYTES_MAX => length,
        _ => return Err(too_large(body.len())),
    };
    let hash = chain(&head.hash, sequence, &body);
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(&MARK);
    header.extend_from_slice(&length.to_be_bytes());
    header.extend_from_slice(&sequence.to_be_bytes());
    header.extend_from_slice(&head.hash);
    header.extend_from_slice(&hash);
    header.extend_from_slice(&crc32fast::hash(&header).to_be_bytes());
    bytes.extend_from_slice(&header);
    bytes.extend_from_slice(&body);
    let audit = match change.entries > head.audit.sequence {
        true => AuditHead { sequence: change.entries, hash },
        false => head.audit.clone(),
    };
    *head = Head { sequence, hash, audit, data_keys: change.data_keys };
    Ok(())
}

/// Refuses a step beyond [`BODY_BYTES_MAX`].
pub(super) fn too_large(found: usize) -> StoreError {
    StoreError::Size { what: "step in bytes", found, min: 0, max: BODY_BYTES_MAX }
}

fn bound(previous: &[u8; 32], counts: &[u8]) -> Vec<u8> {
    [previous.as_slice(), counts].concat()
}
