//! The three ZIP headers (APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16) as packages use them.

/// Method of data that stands as it is.
pub(super) const STORED: u16 = 0;
/// Method of deflated data.
pub(super) const DEFLATED: u16 = 8;
/// Flags of every entry: the name is UTF-8.
pub(super) const FLAGS: u16 = 0x0800;
/// Version that a reader needs: 2.0. The same number says that the entry was made on no particular system.
pub(super) const VERSION: u16 = 20;
/// 00:00:00.
pub(super) const TIME: u16 = 0;
/// 1980-01-01.
pub(super) const DATE: u16 = 1 << 5 | 1;

pub(super) const LOCAL_MAGIC: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL_MAGIC: [u8; 4] = *b"PK\x01\x02";
pub(super) const END_MAGIC: [u8; 4] = *b"PK\x05\x06";

/// Bytes of a local header without its name.
pub(super) const LOCAL_BYTES: usize = 4 + SHARED_BYTES;
/// Bytes of a central header without its name.
pub(super) const CENTRAL_BYTES: usize = 46;
/// Bytes of the end record.
pub(super) const END_BYTES: usize = 22;
/// Bytes that stand alike in the local and in the central header.
pub(super) const SHARED_BYTES: usize = 26;

/// An entry is refused when its data grows by more than this factor …
pub(super) const RATIO_MAX: u64 = 200;
/// … and to more than this many bytes.
pub(super) const RATIO_FREE_BYTES: u64 = 64 << 10;

/// Whether data of these sizes is more than the ratio cap allows.
pub(super) fn is_over_ratio(packed: u64, unpacked: u64) -> bool {
    unpacked > RATIO_FREE_BYTES && unpacked > packed * RATIO_MAX
}

/// What an entry's two headers say alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) unpacked: u32,
    pub(super) name_bytes: u16,
    pub(super) extra_bytes: u16,
}

impl Shared {
    pub(super) fn to_bytes(self) -> [u8; SHARED_BYTES] {
        let mut bytes = [0; SHARED_BYTES];
        bytes[..2].copy_from_slice(&VERSION.to_le_bytes());
        bytes[2..4].copy_from_slice(&self.flags.to_le_bytes());
        bytes[4..6].copy_from_slice(&self.method.to_le_bytes());
        bytes[6..8].copy_from_slice(&TIME.to_le_bytes());
        bytes[8..10].copy_from_slice(&DATE.to_le_bytes());
        bytes[10..14].copy_from_slice(&self.crc.to_le_bytes());
        bytes[14..18].copy_from_slice(&self.packed.to_le_bytes());
        bytes[18..22].copy_from_slice(&self.unpacked.to_le_bytes());
        bytes[22..24].copy_from_slice(&self.name_bytes.to_le_bytes());
        bytes[24..26].copy_from_slice(&self.extra_bytes.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; SHARED_BYTES]) -> Self {
        Self {
            flags: u16_at(bytes, 2),
            method: u16_at(bytes, 4),
            crc: u32_at(bytes, 10),
            packed: u32_at(bytes, 14),
            unpacked: u32_at(bytes, 18),
            name_bytes: u16_at(bytes, 22),
            extra_bytes: u16_at(bytes, 24),
        }
    }
}

/// A little-endian number; the caller has checked that it is there.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// A little-endian number; the caller has checked that it is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
