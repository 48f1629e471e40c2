//! A disk of tests: it can fill up, fail an fsync, and lose its power: then every sector that was not synced is as it was
//! before or as it was written, by chance.

use super::{Disk, DiskFile, SystemDisk};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const SECTOR_BYTES: usize = 512;

/// A disk that goes wrong.
#[derive(Clone, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Content of files as it was when last synced, where it has changed since.
    durable: BTreeMap<PathBuf, Vec<u8>>,
    syncs: usize,
    operations: usize,
    /// The power goes off before this operation.
    power_off_at: Option<usize>,
    /// Bytes that still fit.
    space: Option<usize>,
    fail_sync: bool,
}

impl FaultyDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fsyncs so far, tried ones too.
    pub(crate) fn syncs(&self) -> usize {
        self.state().syncs
    }

    /// The power goes off before the operation after so many more.
    pub(crate) fn power_off_after(&self, operations: usize) {
        let mut state = self.state();
        state.power_off_at = Some(state.operations + operations);
    }

    /// From now on only so many bytes fit.
    pub(crate) fn fill_up(&self, space: usize) {
        self.state().space = Some(space);
    }

    /// From now on every fsync fails.
    pub(crate) fn fail_sync(&self) {
        self.state().fail_sync = true;
    }

    /// What is on the disk once the power is back.
    pub(crate) fn lose_power(&self, seed: u64) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut state = self.state();
        for (path, durable) in std::mem::take(&mut state.durable) {
            let written = fs::read(&path).unwrap_or_default();
            let length = if rng.random() { written.len() } else { durable.len() };
            let mut found = vec![0; length];
            for (index, sector) in found.chunks_mut(SECTOR_BYTES).enumerate() {
                let source = if rng.random() { &written } else { &durable };
                let begin = (index * SECTOR_BYTES).min(source.len());
                let end = (begin + sector.len()).min(source.len());
                sector[..end - begin].copy_from_slice(&source[begin..end]);
            }
            fs::write(&path, found).expect("writes");
        }
    }
}

impl State {
    fn operate(&mut self) -> io::Result<()> {
        self.operations += 1;
        match self.power_off_at.is_some_and(|at| self.operations > at) {
            true => Err(io::Error::other("the power is off")),
            false => Ok(()),
        }
    }

    fn change(&mut self, path: &Path) -> io::Result<()> {
        self.operate()?;
        if !self.durable.contains_key(path) {
            self.durable.insert(path.to_owned(), fs::read(path)?);
        }
        Ok(())
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let (file, disk, path) = (SystemDisk.open(path)?, self.clone(), path.to_owned());
        Ok(Box::new(FaultyFile { file, disk, path }))
    }

    fn sync_folder(&self, _path: &Path) -> io::Result<()> {
        self.state().operate()
    }
}

struct FaultyFile {
    file: Box<dyn DiskFile>,
    disk: FaultyDisk,
    path: PathBuf,
}

impl DiskFile for FaultyFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.change(&self.path)?;
        let fits = state.space.map_or(bytes.len(), |space| space.min(bytes.len()));
        state.space = state.space.map(|space| space - fits);
        self.file.write_at(&bytes[..fits], offset)?;
        if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn set_length(&mut self, bytes: u64) -> io::Result<()> {
        self.disk.state().change(&self.path)?;
        self.file.set_length(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        state.syncs += 1;
        state.operate()?;
        if state.fail_sync {
            return Err(io::Error::other("the disk is gone"));
        }
        state.durable.remove(&self.path);
        Ok(())
    }
}
