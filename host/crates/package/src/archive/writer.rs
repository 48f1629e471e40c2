//! Writes the archive of a package: the same bytes for the same files, on every machine and at every time.

use super::layout::{
    CENTRAL_BYTES, CENTRAL_MAGIC, DEFLATED, END_MAGIC, FLAGS, LOCAL_BYTES, LOCAL_MAGIC, STORED, Shared, VERSION,
    is_over_ratio,
};
use crate::{PACKED_BYTES_MAX, PackageError};
use bytes::Bytes;
use std::{borrow::Cow, collections::BTreeMap};

/// Level of deflate; part of the format, since it decides the bytes.
const LEVEL: u8 = 6;

/// Files in, `.ma` bytes out. The caller has checked paths, number and sizes of the files.
pub(crate) fn write(files: &BTreeMap<String, Bytes>) -> Result<Vec<u8>, PackageError> {
    let mut archive = Vec::new();
    let mut central = Vec::with_capacity(files.len() * (CENTRAL_BYTES + 32));
    for (path, content) in files {
        let offset = number(archive.len())?;
        let (method, data) = pack(content);
        let shared = Shared {
            flags: FLAGS,
            method,
            crc: crc32fast::hash(content),
            packed: number(data.len())?,
            unpacked: number(content.len())?,
            name_bytes: number(path.len())?,
            extra_bytes: 0,
        };
        archive.reserve(LOCAL_BYTES + path.len() + data.len());
        archive.extend_from_slice(&LOCAL_MAGIC);
        archive.extend_from_slice(&shared.to_bytes());
        archive.extend_from_slice(path.as_bytes());
        archive.extend_from_slice(&data);
        push_central(&mut central, shared, offset, path);
    }
    push_end(&mut archive, &central, files.len())?;
    let found = archive.len() as u64;
    if found > PACKED_BYTES_MAX {
        return Err(PackageError::TooLarge { what: "the package".into(), found, max: PACKED_BYTES_MAX, unit: "bytes" });
    }
    Ok(archive)
}

/// Deflated where that is smaller and within the ratio cap, else as it is.
fn pack(content: &[u8]) -> (u16, Cow<'_, [u8]>) {
    let deflated = miniz_oxide::deflate::compress_to_vec(content, LEVEL);
    if deflated.len() >= content.len() || is_over_ratio(deflated.len() as u64, content.len() as u64) {
        return (STORED, Cow::Borrowed(content));
    }
    (DEFLATED, Cow::Owned(deflated))
}

fn push_central(central: &mut Vec<u8>, shared: Shared, offset: u32, path: &str) {
    central.extend_from_slice(&CENTRAL_MAGIC);
    central.extend_from_slice(&VERSION.to_le_bytes());
    central.extend_from_slice(&shared.to_bytes());
    // No comment (2 bytes), first disk (2), no internal (2) and no external attributes (4).
    central.extend_from_slice(&[0; 10]);
    central.extend_from_slice(&offset.to_le_bytes());
    central.extend_from_slice(path.as_bytes());
}

fn push_end(archive: &mut Vec<u8>, central: &[u8], entries: usize) -> Result<(), PackageError> {
    let entries: u16 = number(entries)?;
    let offset: u32 = number(archive.len())?;
    let central_bytes: u32 = number(central.len())?;
    archive.extend_from_slice(central);
    archive.extend_from_slice(&END_MAGIC);
    archive.extend_from_slice(&[0; 4]);
    archive.extend_from_slice(&entries.to_le_bytes());
    archive.extend_from_slice(&entries.to_le_bytes());
    archive.extend_from_slice(&central_bytes.to_le_bytes());
    archive.extend_from_slice(&offset.to_le_bytes());
    archive.extend_from_slice(&[0; 2]);
    Ok(())
}

/// A size as the field of a header; packages within their limits always fit.
fn number<N: TryFrom<usize>>(size: usize) -> Result<N, PackageError> {
    N::try_from(size).map_err(|_| PackageError::TooLarge {
        what: "the package".into(),
        found: size as u64,
        max: PACKED_BYTES_MAX,
        unit: "bytes",
    })
}
