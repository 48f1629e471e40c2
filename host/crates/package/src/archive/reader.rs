//! Reads the archive of a package. Stricter than ZIP: entries stand without gaps in bytewise path order, the directory says
//! what the local headers say, and nothing stands before, between or after. Sizes are checked before anything is inflated.

use super::{
    Fault,
    layout::{
        CENTRAL_BYTES, CENTRAL_MAGIC, DEFLATED, END_BYTES, END_MAGIC, FLAGS, LOCAL_BYTES, LOCAL_MAGIC, SHARED_BYTES,
        STORED, Shared, is_over_ratio, u16_at, u32_at,
    },
};
use crate::{ENTRIES_MAX, PACKED_BYTES_MAX, PackageError, UNPACKED_BYTES_MAX, path};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Where the central directory stands, as the end record says.
struct Directory {
    start: usize,
    end: usize,
    entries: u16,
}

/// One entry, as the central directory says.
struct Entry<'a> {
    path: &'a str,
    shared: Shared,
    shared_bytes: [u8; SHARED_BYTES],
    offset: usize,
}

/// `.ma` bytes in, files by path out.
pub(crate) fn read(archive: &[u8]) -> Result<BTreeMap<String, Bytes>, PackageError> {
    limit("the package", archive.len() as u64, PACKED_BYTES_MAX, "bytes")?;
    let directory = read_end(archive)?;
    let entries = read_directory(archive, &directory)?;
    let mut files = BTreeMap::new();
    let mut position = 0;
    for entry in &entries {
        let data = read_local(&archive[..directory.start], entry, position)?;
        position = entry.offset + LOCAL_BYTES + entry.path.len() + data.len();
        let content = unpack(entry.shared, data).map_err(|fault| entry.fault(fault))?;
        files.insert(entry.path.to_owned(), Bytes::from(content));
    }
    if position != directory.start {
        return Err(wrong(position, "bytes that belong to no entry stand before the central directory"));
    }
    Ok(files)
}

fn read_end(archive: &[u8]) -> Result<Directory, PackageError> {
    if !archive.starts_with(&LOCAL_MAGIC) {
        return Err(wrong(0, "it does not begin as a ZIP archive with entries does"));
    }
    let at = archive.len().checked_sub(END_BYTES).ok_or_else(|| wrong(0, "it is too short for a ZIP archive"))?;
    let end = &archive[at..];
    if !end.starts_with(&END_MAGIC) {
        return Err(wrong(
            at,
            "no end of the central directory stands here: it is cut off, or has a comment or bytes after it",
        ));
    }
    let entries = u16_at(end, 10);
    limit("the package", u64::from(entries), ENTRIES_MAX, "files")?;
    if u32_at(end, 4) != 0 || u16_at(end, 8) != entries || u16_at(end, 20) != 0 {
        return Err(wrong(at, "the end record speaks of several disks or of a comment"));
    }
    let (bytes, start) = (u32_at(end, 12) as usize, u32_at(end, 16) as usize);
    if start.checked_add(bytes) != Some(at) {
        return Err(wrong(at, "the central directory does not end where the end record begins"));
    }
    Ok(Directory { start, end: at, entries })
}

fn read_directory<'a>(archive: &'a [u8], directory: &Directory) -> Result<Vec<Entry<'a>>, PackageError> {
    let mut entries: Vec<Entry<'a>> = Vec::with_capacity(usize::from(directory.entries));
    let mut position = directory.start;
    let mut unpacked = 0;
    for _ in 0..directory.entries {
        let (entry, next) = read_central(&archive[..directory.end], position)?;
        if let Some(before) = entries.last() {
            if before.path == entry.path {
                return Err(PackageError::Collision { first: before.path.to_owned(), second: entry.path.to_owned() });
            }
            if before.path > entry.path {
                return Err(wrong(position, "entries do not stand in bytewise order of their paths"));
            }
        }
        unpacked += u64::from(entry.shared.unpacked);
        limit("the package", unpacked, UNPACKED_BYTES_MAX, "unpacked bytes")?;
        position = next;
        entries.push(entry);
    }
    if position != directory.end {
        return Err(wrong(position, "the central directory goes on after its last entry"));
    }
    Ok(entries)
}

fn read_central(archive: &[u8], at: usize) -> Result<(Entry<'_>, usize), PackageError> {
    let cut = || wrong(at, "the central directory is cut off");
    let header = archive.get(at..at + CENTRAL_BYTES).ok_or_else(cut)?;
    if !header.starts_with(&CENTRAL_MAGIC) {
        return Err(wrong(at, "no entry of the central directory stands here"));
    }
    let mut shared_bytes = [0; SHARED_BYTES];
    shared_bytes.copy_from_slice(&header[6..6 + SHARED_BYTES]);
    let shared = Shared::from_bytes(&shared_bytes);
    let name_end = at + CENTRAL_BYTES + usize::from(shared.name_bytes);
    let name = archive.get(at + CENTRAL_BYTES..name_end).ok_or_else(cut)?;
    let unknown = |problem| PackageError::Path { path: String::from_utf8_lossy(name).into_owned(), problem };
    let path = std::str::from_utf8(name).map_err(|_| unknown("is not UTF-8"))?;
    let entry = Entry { path, shared, shared_bytes, offset: u32_at(header, 42) as usize };
    check_kind(header, path, shared).map_err(|fault| entry.fault(fault))?;
    path::check(path).map_err(unknown)?;
    Ok((entry, name_end))
}

fn check_kind(header: &[u8], path: &str, shared: Shared) -> Result<(), Fault> {
    // The upper half of the external attributes is the file mode where the entry says it was made on Unix (3) or macOS (19).
    let mode = if matches!(header[5], 3 | 19) { u32_at(header, 38) >> 16 & 0o170_000 } else { 0 };
    match (mode, shared.flags, shared.method) {
        (0o120_000, ..) => Err(Fault::Link),
        (0o040_000, ..) => Err(Fault::Directory),
        _ if path.ends_with('/') => Err(Fault::Directory),
        (_, flags, _) if flags & 1 != 0 => Err(Fault::Encrypted),
        (_, flags, _) if flags & 8 != 0 => Err(Fault::DataDescriptor),
        _ if shared.extra_bytes != 0 => Err(Fault::ExtraField),
        _ if u16_at(header, 32) != 0 => Err(Fault::Comment),
        (_, flags, _) if flags != FLAGS => Err(Fault::Flags(flags)),
        (_, _, STORED) if shared.packed != shared.unpacked => Err(Fault::Data),
        (_, _, STORED | DEFLATED) if is_over_ratio(shared.packed.into(), shared.unpacked.into()) => Err(Fault::Ratio),
        (_, _, STORED | DEFLATED) => Ok(()),
        (_, _, method) => Err(Fault::Method(method)),
    }
}

/// Checks the local header and answers the packed data. `files` ends where the central directory begins.
fn read_local<'a>(files: &'a [u8], entry: &Entry<'_>, position: usize) -> Result<&'a [u8], PackageError> {
    if entry.offset != position {
        return Err(wrong(position, "a gap or an overlap between entries, or bytes before the first one"));
    }
    let cut = || wrong(position, "an entry reaches into the central directory");
    let name_at = position + LOCAL_BYTES;
    let data_at = name_at + entry.path.len();
    let header = files.get(position..data_at).ok_or_else(cut)?;
    let same = header.starts_with(&LOCAL_MAGIC)
        && header[4..LOCAL_BYTES] == entry.shared_bytes
        && &header[LOCAL_BYTES..] == entry.path.as_bytes();
    if !same {
        return Err(entry.fault(Fault::HeadersDiffer));
    }
    files.get(data_at..data_at + entry.shared.packed as usize).ok_or_else(cut)
}

fn unpack(shared: Shared, data: &[u8]) -> Result<Vec<u8>, Fault> {
    let unpacked = shared.unpacked as usize;
    let content = match shared.method {
        STORED => data.to_vec(),
        _ => miniz_oxide::inflate::decompress_to_vec_with_limit(data, unpacked).map_err(|_| Fault::Data)?,
    };
    if content.len() != unpacked {
        return Err(Fault::Data);
    }
    if crc32fast::hash(&content) != shared.crc {
        return Err(Fault::Checksum);
    }
    Ok(content)
}

impl Entry<'_> {
    fn fault(&self, fault: Fault) -> PackageError {
        PackageError::Entry { path: self.path.to_owned(), fault }
    }
}

fn wrong(offset: usize, problem: &'static str) -> PackageError {
    PackageError::Archive { offset, problem }
}

fn limit(what: &str, found: u64, max: u64, unit: &'static str) -> Result<(), PackageError> {
    if found > max {
        return Err(PackageError::TooLarge { what: what.to_owned(), found, max, unit });
    }
    Ok(())
}
