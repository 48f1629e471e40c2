//! Appends to the journal. Called by the one committer of the sled engine.

use super::{
    Change, Head, Place, folder, frame,
    scan::{Found, Scan, Torn},
    seal::SegmentKey,
    segment::{self, HEADER_BYTES, Header},
};
use crate::{disk::DiskFile, error::StoreError, random, set_aside};
use std::{fs, io};

/// The journal, open for writing.
pub(crate) struct Writer {
    place: Place,
    head: Head,
    current: Current,
}

struct Current {
    file: Box<dyn DiskFile>,
    number: u64,
    length: u64,
    key: SegmentKey,
}

fn file(what: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { what, source }
}

impl Writer {
    /// Goes on where a sound scan ended: sets a torn tail aside, and writes once more what was not `applied` (an fsync that
    /// failed before the restart may have left it in memory only).
    pub(crate) fn open(place: Place, scan: &Scan, applied: u64) -> Result<Self, StoreError> {
        let folder = folder(&place.root);
        fs::create_dir_all(&folder).map_err(file("create the journal's folder"))?;
        if let Some(torn) = &scan.torn {
            cut(&place, torn).map_err(file("set the torn tail of the journal aside"))?;
        }
        if let Some(newest) = scan.segments.last() {
            renew_tail(&place, newest, scan, applied).map_err(file("flush the journal's tail to the disk"))?;
        }
        let current = match scan.segments.last() {
            Some(found) if scan.torn.is_none() => resume(&place, found)?,
            last => create(&place, last.map_or(1, |found| found.header.number + 1), &scan.head)?,
        };
        Ok(Self { place, head: scan.head.clone(), current })
    }

    /// The newest frame.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// The next frame says that so many people have a data key: after a restore, where some may be missing.
    pub(crate) fn recount(&mut self, data_keys: u64) {
        self.head.data_keys = data_keys;
    }

    /// Appends a frame per change, in order, and makes them durable with one fsync. After an error the writer is not to be
    /// used again.
    pub(crate) fn append(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let estimate: usize = changes.iter().map(Change::bytes).sum();
        let is_empty = self.current.length == HEADER_BYTES as u64;
        if !is_empty && self.current.length + estimate as u64 > self.place.segment_bytes_max {
            self.current = create(&self.place, self.current.number + 1, &self.head)?;
        }
        let mut bytes = Vec::with_capacity(estimate);
        let (mut head, durable) = (self.head.clone(), self.head.sequence);
        for change in changes {
            frame::write(&mut bytes, &mut head, change, durable, &self.current.key)?;
        }
        self.current.file.write_at(&bytes, self.current.length).map_err(file("append to the journal"))?;
        self.current.file.sync().map_err(file("flush the journal to the disk"))?;
        self.current.length += bytes.len() as u64;
        self.head = head;
        Ok(())
    }
}

fn create(place: &Place, number: u64, head: &Head) -> Result<Current, StoreError> {
    let folder = folder(&place.root);
    let header = Header::new(place.mode, number, head, random::bytes()?, &place.key);
    let create = || -> io::Result<Box<dyn DiskFile>> {
        let mut file = place.disk.open(&segment::path(&folder, number))?;
        file.write_at(header.bytes(), 0)?;
        file.sync()?;
        place.disk.sync_folder(&folder)?;
        place.disk.sync_folder(&place.root)?;
        Ok(file)
    };
    let file = create().map_err(file("begin a segment of the journal"))?;
    let key = header.key(&place.key).ok_or(StoreError::Closed)?;
    Ok(Current { file, number, length: HEADER_BYTES as u64, key })
}

fn resume(place: &Place, found: &Found) -> Result<Current, StoreError> {
    let key = found.header.key(&place.key).ok_or_else(|| wrong_key(place))?;
    let file = place.disk.open(&found.path).map_err(file("open the journal"))?;
    Ok(Current { file, number: found.header.number, length: found.length, key })
}

/// Writes the frames that were not applied once more, at their place, and syncs them.
fn renew_tail(place: &Place, newest: &Found, scan: &Scan, applied: u64) -> io::Result<()> {
    let index = (applied + 1).saturating_sub(newest.header.first);
    let offset = usize::try_from(index).ok().and_then(|index| scan.offsets.get(index));
    let Some(offset) = offset.copied() else { return Ok(()) };
    let bytes = fs::read(&newest.path)?;
    let tail = bytes.get(offset as usize..newest.length as usize).ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut file = place.disk.open(&newest.path)?;
    file.write_at(tail, offset)?;
    file.sync()
}

/// Refuses a journal that was sealed with another key.
pub(crate) fn wrong_key(place: &Place) -> StoreError {
    let reason = "the journal was sealed with another key than the one given".to_owned();
    StoreError::Open { path: place.root.clone(), reason }
}

fn cut(place: &Place, torn: &Torn) -> io::Result<()> {
    let Torn { path, segment, offset, bytes, why } = torn;
    let kept = set_aside::place(&place.root, &format!("journal-{segment:08}-{offset}.torn"))?;
    tracing::warn!(segment, offset, bytes, why, kept = %kept.display(), "journal: a torn tail was set aside");
    if *offset == 0 {
        fs::rename(path, &kept)?;
    } else {
        let content = fs::read(path)?;
        let tail = content.get(*offset as usize..).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut copy = place.disk.open(&kept)?;
        copy.write_at(tail, 0)?;
        copy.sync()?;
    }
    place.disk.sync_folder(&set_aside::folder(&place.root))?;
    if *offset > 0 {
        let mut file = place.disk.open(path)?;
        file.set_length(*offset)?;
        file.sync()?;
    }
    place.disk.sync_folder(&folder(&place.root))
}
