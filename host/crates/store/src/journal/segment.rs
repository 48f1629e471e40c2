//! One file of the journal: its name and its header.
//!
//! `mark 4 · format 1 · mode 1 · zero 2 · number 8 · first sequence 8 · previous hash 32 · salt 32 · key check 16 ·
//! zero 20 · CRC-32 4`. The mode stands in every header, so a store never changes what it was created for.

use super::{
    Head,
    bytes::Bytes,
    seal::{JournalKey, SegmentKey},
};
use crate::{error::StoreError, records::StoreMode};
use std::{
    fs,
    path::{Path, PathBuf},
};

const MARK: [u8; 4] = *b"YZJS";
const FORMAT: u8 = 1;
/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 128;
/// What the key check and the derived key cover.
const COVERED_BYTES: usize = 88;
/// A segment with so many bytes takes no further frame.
pub(crate) const SEGMENT_BYTES_MAX: u64 = 64 << 20;

/// The header of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// What the store was created for.
    pub(crate) mode: StoreMode,
    /// Number of the segment, from 1.
    pub(crate) number: u64,
    /// Number of its first frame.
    pub(super) first: u64,
    /// Hash of the frame before.
    pub(super) previous: [u8; 32],
    bytes: [u8; HEADER_BYTES],
}

impl Header {
    /// The header of the segment that goes on after `head`.
    pub(super) fn new(mode: StoreMode, number: u64, head: &Head, salt: [u8; 32], key: &JournalKey) -> Self {
        let mut covered = Vec::with_capacity(HEADER_BYTES);
        covered.extend_from_slice(&MARK);
        covered.extend_from_slice(&[FORMAT, number_of(mode), 0, 0]);
        covered.extend_from_slice(&number.to_be_bytes());
        covered.extend_from_slice(&(head.sequence + 1).to_be_bytes());
        covered.extend_from_slice(&head.hash);
        covered.extend_from_slice(&salt);
        let check = key.check(&covered);
        let mut bytes = [0; HEADER_BYTES];
        bytes[..COVERED_BYTES].copy_from_slice(&covered);
        bytes[COVERED_BYTES..COVERED_BYTES + 16].copy_from_slice(&check);
        let checksum = crc32fast::hash(&bytes[..HEADER_BYTES - 4]);
        bytes[HEADER_BYTES - 4..].copy_from_slice(&checksum.to_be_bytes());
        Self { mode, number, first: head.sequence + 1, previous: head.hash, bytes }
    }

    /// Reads the header at the beginning of a file; else why there is none.
    pub(super) fn read(file: &[u8]) -> Result<Self, &'static str> {
        let Some(bytes) = file.first_chunk::<HEADER_BYTES>() else { return Err("the file ends inside its header") };
        let checksum = crc32fast::hash(&bytes[..HEADER_BYTES - 4]).to_be_bytes();
        if bytes[HEADER_BYTES - 4..] != checksum {
            return Err("the checksum of the file's header does not fit");
        }
        Self::parts(bytes).ok_or("the file's header is of no format that this version reads")
    }

    fn parts(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let mut parts = Bytes(bytes);
        if parts.array()? != MARK || parts.u8()? != FORMAT {
            return None;
        }
        let modes = [StoreMode::Development, StoreMode::Production];
        let mode = parts.u8()?;
        let mode = modes.into_iter().find(|known| number_of(*known) == mode)?;
        parts.take(2)?;
        Some(Self { mode, number: parts.u64()?, first: parts.u64()?, previous: parts.array()?, bytes: *bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it was written with this journal key.
    pub(crate) fn is_of(&self, key: &JournalKey) -> bool {
        self.bytes[COVERED_BYTES..COVERED_BYTES + 16] == key.check(&self.bytes[..COVERED_BYTES])
    }

    /// The key of the segment; none when it was written with another journal key.
    pub(super) fn key(&self, key: &JournalKey) -> Option<SegmentKey> {
        self.is_of(key).then(|| key.segment(&self.bytes[..COVERED_BYTES]))
    }
}

/// How a mode is written: never changes.
fn number_of(mode: StoreMode) -> u8 {
    match mode {
        StoreMode::Development => 1,
        StoreMode::Production => 2,
    }
}

/// Path of a segment.
pub(crate) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.log"))
}

/// The segments of a folder in order of their numbers; none when there is no folder.
pub(super) fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let fail = |source| StoreError::File { what: "list the journal", source };
    if !folder.try_exists().map_err(fail)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let is_log = path.extension().is_some_and(|extension| extension == "log");
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let Some(number) = number.filter(|_| is_log) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}
