//! How data keys lie in their file: a header sector, then sectors of 512 bytes with five slots of 96 each, so that no slot
//! crosses a sector and a power cut tears none.
//!
//! A slot: `name 16 · sequence 8 · length 1 · zero 7 · key 60 · CRC-32 4`; all zeros when it is free.

use super::KeyName;
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

pub(super) const SECTOR_BYTES: usize = 512;
pub(super) const SECTOR_SLOTS: u64 = 5;
pub(super) const SLOT_BYTES: usize = 96;
pub(super) const KEY_BYTES_MAX: usize = 60;
const KEY_BEGINS: usize = 32;
const CHECKSUM_BEGINS: usize = 92;
const MARK: [u8; 5] = *b"YZDK\x01";

/// A slot in use.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) name: KeyName,
    pub(super) sequence: u64,
    pub(super) key: Vec<u8>,
}

/// What a slot holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Content {
    Free,
    Key(Slot),
    Damaged,
}

impl Content {
    pub(super) fn as_key(&self) -> Option<&Slot> {
        match self {
            Self::Key(slot) => Some(slot),
            Self::Free | Self::Damaged => None,
        }
    }
}

/// All slots of a file.
pub(super) struct Read {
    /// The file is missing or was not finished when it was created.
    pub(super) is_new: bool,
    pub(super) slots: Vec<Content>,
}

/// The first sector of the file.
pub(super) fn header() -> [u8; SECTOR_BYTES] {
    let mut bytes = [0; SECTOR_BYTES];
    bytes[..MARK.len()].copy_from_slice(&MARK);
    bytes
}

/// Where a slot begins.
pub(super) fn offset(number: u64) -> u64 {
    SECTOR_BYTES as u64 * (1 + number / SECTOR_SLOTS) + SLOT_BYTES as u64 * (number % SECTOR_SLOTS)
}

/// Bytes of a file with so many slots, a multiple of [`SECTOR_SLOTS`].
pub(super) fn length(slots: u64) -> u64 {
    SECTOR_BYTES as u64 * (1 + slots / SECTOR_SLOTS)
}

impl Slot {
    /// The slot as it lies in the file. A longer key than [`KEY_BYTES_MAX`] never comes here: the step is refused before.
    pub(super) fn bytes(&self) -> [u8; SLOT_BYTES] {
        let mut bytes = [0; SLOT_BYTES];
        let count = self.key.len().min(KEY_BYTES_MAX);
        bytes[..16].copy_from_slice(&self.name.0);
        bytes[16..24].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[24] = u8::try_from(count).unwrap_or(u8::MAX);
        bytes[KEY_BEGINS..KEY_BEGINS + count].copy_from_slice(&self.key[..count]);
        let checksum = crc32fast::hash(&bytes[..CHECKSUM_BEGINS]);
        bytes[CHECKSUM_BEGINS..].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }
}

/// Reads a slot.
pub(super) fn read(bytes: &[u8; SLOT_BYTES]) -> Content {
    if bytes.iter().all(|byte| *byte == 0) {
        return Content::Free;
    }
    let (name, sequence) = (std::array::from_fn(|index| bytes[index]), std::array::from_fn(|index| bytes[16 + index]));
    let key = bytes.get(KEY_BEGINS..KEY_BEGINS + usize::from(bytes[24].min(KEY_BYTES_MAX as u8)));
    match key {
        Some(key) if crc32fast::hash(&bytes[..CHECKSUM_BEGINS]).to_be_bytes() == bytes[CHECKSUM_BEGINS..] => {
            Content::Key(Slot { name: KeyName(name), sequence: u64::from_be_bytes(sequence), key: key.to_vec() })
        }
        _ => Content::Damaged,
    }
}

/// Zeros the slots of whole sectors that hold a key of a frame after `head`.
pub(super) fn zero_newer(sectors: &mut [u8], head: u64) {
    let slots = sectors.chunks_mut(SECTOR_BYTES).flat_map(|sector| sector.chunks_exact_mut(SLOT_BYTES));
    for slot in slots {
        let content = slot.first_chunk().map_or(Content::Free, read);
        if content.as_key().is_some_and(|key| key.sequence > head) {
            slot.fill(0);
        }
    }
}

/// Reads one slot of a file.
pub(super) fn read_one(path: &Path, number: u64) -> io::Result<[u8; SLOT_BYTES]> {
    let mut bytes = [0; SLOT_BYTES];
    File::open(path)?.read_exact_at(&mut bytes, offset(number))?;
    Ok(bytes)
}

/// Reads all slots; else why the file is none of data keys. Slots that a cut took away count as damaged when a part is left.
pub(super) fn read_all(bytes: &[u8]) -> Result<Read, &'static str> {
    let Some(header_bytes) = bytes.first_chunk::<SECTOR_BYTES>().filter(|_| bytes.iter().any(|byte| *byte != 0)) else {
        // Whether keys are missing shows when they are counted.
        return match bytes.iter().all(|byte| *byte == 0) {
            true => Ok(Read { is_new: true, slots: Vec::new() }),
            false => Err("it is cut inside its header"),
        };
    };
    if *header_bytes != header() {
        return Err("its header is damaged, or it is no file of data keys");
    }
    let sectors = bytes[SECTOR_BYTES..].chunks(SECTOR_BYTES);
    let slots = sectors.flat_map(|sector| {
        sector.chunks(SLOT_BYTES).take(SECTOR_SLOTS as usize).map(|bytes| match bytes.first_chunk() {
            Some(bytes) => read(bytes),
            None => Content::Damaged,
        })
    });
    Ok(Read { is_new: false, slots: slots.collect() })
}
