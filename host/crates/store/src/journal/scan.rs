//! Reads a whole journal and recomputes its chain, without the key. Called when a store is opened, and by `verify`.
//!
//! What cannot be read at the end of the newest segment is a torn tail: writing stopped there, and nothing of it was
//! acknowledged. Anywhere else it is damage. A sound frame behind the place that was written when the place was durable
//! already makes it damage too.

use super::{
    BrokenRecord, Head, JournalKey, Position,
    change::Change,
    frame::{self, Frame},
    segment::{self, HEADER_BYTES, Header},
};
use crate::error::StoreError;
use std::{
    fs::{self, File},
    io::{self, Read},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// A segment that was read.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) header: Header,
    /// Bytes that are sound.
    pub(crate) length: u64,
}

/// The torn tail of the newest segment.
#[derive(Debug)]
pub(crate) struct Torn {
    pub(crate) path: PathBuf,
    pub(crate) segment: u64,
    /// Where it begins; 0 when the header is torn.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    pub(crate) why: &'static str,
}

/// What a journal holds.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) segments: Vec<Found>,
    /// The newest sound frame.
    pub(crate) head: Head,
    pub(crate) torn: Option<Torn>,
    /// The first damage; nothing behind it was read.
    pub(crate) broken: Option<BrokenRecord>,
    /// Where the frames of the newest segment begin.
    pub(super) offsets: Vec<u64>,
}

/// Reads the journal of a folder; shows the head after each frame to `each`.
pub(crate) fn read(folder: &Path, each: &mut dyn FnMut(&Head)) -> Result<Scan, StoreError> {
    let mut scan = Scan { segments: Vec::new(), head: Head::START, torn: None, broken: None, offsets: Vec::new() };
    let found = segment::list(folder)?;
    let newest = found.len() as u64;
    for (index, (number, path)) in (1..).zip(found) {
        if number != index {
            let _ = scan.broken(index, 0, format!("the file {index:08}.log is missing"));
            break;
        }
        let bytes = read_as_it_is(&path).map_err(|source| StoreError::File { what: "read the journal", source })?;
        let segment = Segment { number, path, bytes, is_newest: number == newest };
        if scan.segment(segment, each).is_break() {
            break;
        }
    }
    Ok(scan)
}

/// As long as it is when it is opened: bytes that a running hub appends while it is read are not looked at, because a frame
/// could show behind a part of the one before it.
fn read_as_it_is(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Segment {
    number: u64,
    path: PathBuf,
    bytes: Vec<u8>,
    is_newest: bool,
}

impl Scan {
    fn segment(&mut self, segment: Segment, each: &mut dyn FnMut(&Head)) -> ControlFlow<()> {
        let header = match Header::read(&segment.bytes) {
            Ok(header) => header,
            Err(why) => return self.unreadable(&segment, 0, why),
        };
        if let Some(why) = self.discontinuity(&header, segment.number) {
            return self.broken(segment.number, 0, why);
        }
        let mut offset = HEADER_BYTES;
        let mut ended = ControlFlow::Continue(());
        self.offsets.clear();
        while offset < segment.bytes.len() && ended.is_continue() {
            match Frame::read(&segment.bytes[offset..]) {
                Ok(frame) => match frame.follow(&self.head) {
                    Ok(head) => {
                        self.offsets.push(offset as u64);
                        offset += frame.length();
                        each(&head);
                        self.head = head;
                    }
                    Err(why) => ended = self.broken(segment.number, offset, why.to_owned()),
                },
                Err(why) => ended = self.unreadable(&segment, offset, why),
            }
        }
        self.segments.push(Found { path: segment.path, header, length: offset as u64 });
        ended
    }

    fn discontinuity(&self, header: &Header, number: u64) -> Option<String> {
        if header.number != number {
            return Some(format!("the header says segment {}", header.number));
        }
        if self.segments.first().is_some_and(|first| first.header.mode != header.mode) {
            return Some("the header names another mode than the first segment".to_owned());
        }
        if header.first != self.head.sequence + 1 {
            let (first, before) = (header.first, self.head.sequence);
            return Some(format!("it begins with frame {first}; the segment before ends with frame {before}"));
        }
        (header.previous != self.head.hash).then(|| "it does not continue the chain of the segment before".to_owned())
    }

    fn unreadable(&mut self, segment: &Segment, offset: usize, why: &'static str) -> ControlFlow<()> {
        let rest = &segment.bytes[offset..];
        if !segment.is_newest || frame::proves_durable(rest, self.head.sequence + 1) {
            return self.broken(segment.number, offset, why.to_owned());
        }
        let (path, segment) = (segment.path.clone(), segment.number);
        self.torn = Some(Torn { path, segment, offset: offset as u64, bytes: rest.len() as u64, why });
        ControlFlow::Break(())
    }

    fn broken(&mut self, segment: u64, offset: usize, why: String) -> ControlFlow<()> {
        let sequence = self.head.sequence + 1;
        self.broken = Some(BrokenRecord { segment, offset: offset as u64, sequence, why });
        ControlFlow::Break(())
    }

    /// Whether a position, not after the head, is one of this chain.
    pub(crate) fn holds(&self, position: Position) -> Result<bool, StoreError> {
        let next = position.sequence + 1;
        if next > self.head.sequence {
            return Ok(position == self.head.position());
        }
        let Some(found) = self.segments.iter().rfind(|found| found.header.first <= next) else { return Ok(false) };
        let bytes = fs::read(&found.path).map_err(|source| StoreError::File { what: "read the journal", source })?;
        let mut offset = HEADER_BYTES;
        while let Some(Ok(frame)) = bytes.get(offset..).map(Frame::read) {
            if frame.sequence == next {
                return Ok(frame.previous == position.hash);
            }
            offset += frame.length();
        }
        Ok(false)
    }

    /// Opens every frame after a position of this chain and shows what its step did, in order.
    pub(crate) fn replay(
        &self,
        key: &JournalKey,
        after: Position,
        each: &mut dyn FnMut(Position, Change) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut next = after;
        for (index, found) in self.segments.iter().enumerate() {
            let end = self.segments.get(index + 1).map_or(self.head.sequence + 1, |later| later.header.first);
            if end <= next.sequence + 1 {
                continue;
            }
            let bytes =
                fs::read(&found.path).map_err(|source| StoreError::File { what: "read the journal", source })?;
            let damaged = |why: &str| StoreError::Damaged { what: format!("journal {}: {why}", found.path.display()) };
            let segment_key = found.header.key(key).ok_or_else(|| damaged("it was sealed with another key"))?;
            let mut offset = HEADER_BYTES;
            while (offset as u64) < found.length {
                let frame = Frame::read(&bytes[offset..]).map_err(damaged)?;
                offset += frame.length();
                if frame.sequence <= after.sequence {
                    continue;
                }
                let sequence = frame.sequence;
                let change = frame
                    .open(&segment_key)
                    .ok_or_else(|| damaged(&format!("frame {sequence} is not sealed with its key")))?;
                next = Position { sequence, hash: frame.hash };
                each(next, change)?;
            }
        }
        Ok(())
    }
}
