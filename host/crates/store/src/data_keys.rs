//! The data keys of people, wrapped by the hub's key, in a file of their own: outside of journal and database, so that
//! destroying a key destroys it everywhere but in backups. Called by the committer of the sled engine.
//!
//! A key is destroyed by overwriting its slot with zeros and an fsync; what the disk itself remaps is beyond this file,
//! which is why keys lie in it wrapped.

mod slot;

#[cfg(test)]
mod tests;

use crate::{
    disk::{Disk, DiskFile},
    error::StoreError,
    journal::GROUP_STEPS_MAX,
};
use sha2::{Digest, Sha256};
use slot::{Content, SECTOR_BYTES, SLOT_BYTES, Slot};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

/// Longest wrapped key in bytes.
pub(crate) const DATA_KEY_BYTES_MAX: usize = slot::KEY_BYTES_MAX;

/// Whose key: a hash of the person's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct KeyName(pub(crate) [u8; 16]);

impl KeyName {
    /// The name of a person's key.
    pub(crate) fn of(person: &str) -> Self {
        let hash = Sha256::new().chain_update(b"yizhan-data-key-v1").chain_update(person).finalize();
        Self(std::array::from_fn(|index| hash[index]))
    }
}

/// A key that a step brought; `sequence` is the number of the step's frame.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NewKey {
    pub(crate) name: KeyName,
    pub(crate) sequence: u64,
    pub(crate) key: Vec<u8>,
}

/// The file of data keys.
pub(crate) struct DataKeys {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    file: Box<dyn DiskFile>,
    /// Where each key lies; of two keys of one person the newer one counts.
    index: BTreeMap<(KeyName, u64), u64>,
    /// Slots that are zero.
    free: Vec<u64>,
    /// Slots of the file.
    slots: u64,
    /// Slots that cannot be read; whose key they held is unknown.
    damaged: u64,
}

/// Name of the file in a directory of records, and in a backup.
pub(crate) const FILE: &str = "data-keys";

fn file(what: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { what, source }
}

impl DataKeys {
    /// Opens the file, or creates it. `head` is the newest frame of the journal, if there is a journal: a key of a later one
    /// was never acknowledged and is destroyed, unless it is so much later that journal and file cannot belong together
    /// ([`StoreError::Open`]).
    pub(crate) fn open(disk: &dyn Disk, root: &Path, head: Option<u64>) -> Result<Self, StoreError> {
        let path = root.join(FILE);
        let refuse = |reason: String| StoreError::Open { path: path.clone(), reason };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(file("read the data keys"))?,
        };
        let read = slot::read_all(&bytes).map_err(|why| refuse(why.to_owned()))?;
        let last = read.slots.iter().filter_map(|slot| slot.as_key()).map(|key| key.sequence).max();
        let newest = head.map_or(0, |head| head + GROUP_STEPS_MAX as u64);
        let head = head.unwrap_or_default();
        if last.is_some_and(|last| last > newest) {
            return Err(refuse(format!(
                "it belongs to a newer journal than the one here, which ends with frame {head}"
            )));
        }
        let mut opened = disk.open(&path).map_err(file("open the data keys"))?;
        if read.is_new {
            let create = |opened: &mut Box<dyn DiskFile>| -> io::Result<()> {
                opened.write_at(&slot::header(), 0)?;
                opened.sync()?;
                disk.sync_folder(root)
            };
            create(&mut opened).map_err(file("create the file of data keys"))?;
        }
        let mut state = State {
            file: opened,
            index: BTreeMap::new(),
            free: Vec::new(),
            slots: read.slots.len() as u64,
            damaged: 0,
        };
        let mut orphans = Vec::new();
        for (number, content) in (0..).zip(read.slots) {
            match content {
                Content::Free => state.free.push(number),
                Content::Damaged => state.damaged += 1,
                Content::Key(slot) if slot.sequence > head => orphans.push(number),
                Content::Key(slot) => {
                    state.index.insert((slot.name, slot.sequence), number);
                }
            }
        }
        state.zero(orphans).map_err(file("destroy data keys that were never acknowledged"))?;
        Ok(Self { path, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of a person. Where a slot is damaged, a key that is not found may have been in it: [`StoreError::Damaged`].
    pub(crate) fn find(&self, name: KeyName) -> Result<Option<Vec<u8>>, StoreError> {
        let state = self.state();
        let Some((_, number)) = state.index.range((name, 0)..=(name, u64::MAX)).next_back() else {
            return match state.damaged {
                0 => Ok(None),
                count => Err(damaged(format!("{count} slots of the data keys cannot be read"))),
            };
        };
        let bytes = slot::read_one(&self.path, *number).map_err(file("read a data key"))?;
        match slot::read(&bytes) {
            Content::Key(slot) if slot.name == name => Ok(Some(slot.key)),
            _ => Err(damaged(format!("slot {number} of the data keys"))),
        }
    }

    /// Whether a person has a key.
    pub(crate) fn contains(&self, name: KeyName) -> bool {
        self.state().index.range((name, 0)..=(name, u64::MAX)).next().is_some()
    }

    /// How many people have a key, and how many slots cannot be read.
    pub(crate) fn count(&self) -> (u64, u64) {
        let state = self.state();
        let mut names: Vec<_> = state.index.keys().map(|(name, _)| *name).collect();
        names.dedup();
        (names.len() as u64, state.damaged)
    }

    /// Writes keys and makes them durable; nobody finds them before [`DataKeys::show`].
    pub(crate) fn write(&self, keys: &[NewKey]) -> Result<Vec<u64>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut state = self.state();
        let mut write = || -> io::Result<Vec<u64>> {
            let mut numbers = Vec::with_capacity(keys.len());
            for key in keys {
                let number = state.take_slot()?;
                let slot = Slot { name: key.name, sequence: key.sequence, key: key.key.clone() };
                state.file.write_at(&slot.bytes(), slot::offset(number))?;
                numbers.push(number);
            }
            state.file.sync()?;
            Ok(numbers)
        };
        write().map_err(file("write data keys"))
    }

    /// From now on they are found.
    pub(crate) fn show(&self, keys: &[NewKey], numbers: &[u64]) {
        let mut state = self.state();
        let shown = keys.iter().zip(numbers).map(|(key, number)| ((key.name, key.sequence), *number));
        state.index.extend(shown);
    }

    /// Destroys every key of these people from before a frame.
    pub(crate) fn destroy(&self, ended: &[(KeyName, u64)]) -> Result<(), StoreError> {
        let mut state = self.state();
        let mut numbers = Vec::new();
        for (name, sequence) in ended {
            let found: Vec<_> = state.index.range((*name, 0)..(*name, *sequence)).map(|(key, _)| *key).collect();
            numbers.extend(found.into_iter().filter_map(|key| state.index.remove(&key)));
        }
        state.zero(numbers).map_err(file("destroy data keys"))
    }
}

/// How often a slot is read anew that cannot be read: it may be written at this moment by the hub that has the file open.
const SLOT_READS_MAX: usize = 100;

/// Copies a file of data keys, in use or not, without keys of frames after `head`: for a backup that ends there. A slot that
/// stays unreadable is copied as it is.
pub(crate) fn copy(path: &Path, to: &mut dyn io::Write, head: u64) -> io::Result<()> {
    let mut bytes = fs::read(path)?;
    let whole = bytes.len() / SECTOR_BYTES * SECTOR_BYTES;
    for number in 0..(whole / SECTOR_BYTES).saturating_sub(1) as u64 * slot::SECTOR_SLOTS {
        let begin = usize::try_from(slot::offset(number)).map_err(io::Error::other)?;
        let Some(read) = bytes[begin..].first_chunk_mut::<SLOT_BYTES>() else { break };
        let mut tries = 0;
        while matches!(slot::read(read), Content::Damaged) && tries < SLOT_READS_MAX {
            tries += 1;
            thread::yield_now();
            *read = slot::read_one(path, number)?;
        }
    }
    if whole > 0 {
        slot::zero_newer(&mut bytes[SECTOR_BYTES..whole], head);
    }
    to.write_all(&bytes)
}

impl State {
    /// A slot that is free; grows the file by a sector when there is none.
    fn take_slot(&mut self) -> io::Result<u64> {
        if self.free.is_empty() {
            let first = self.slots.next_multiple_of(slot::SECTOR_SLOTS);
            self.file.set_length(slot::length(first + slot::SECTOR_SLOTS))?;
            self.free.extend((first..first + slot::SECTOR_SLOTS).rev());
            self.slots = first + slot::SECTOR_SLOTS;
        }
        self.free.pop().ok_or(io::ErrorKind::OutOfMemory.into())
    }

    /// Overwrites slots and makes that durable.
    fn zero(&mut self, numbers: Vec<u64>) -> io::Result<()> {
        if numbers.is_empty() {
            return Ok(());
        }
        for number in &numbers {
            self.file.write_at(&[0; SLOT_BYTES], slot::offset(*number))?;
        }
        self.file.sync()?;
        self.free.extend(numbers);
        Ok(())
    }
}

fn damaged(what: String) -> StoreError {
    StoreError::Damaged { what }
}
