//! The data of apps as one stream, for a backup: our own records as they are, sealed, with the wrapped keys; nothing of sled's
//! format. Written by the process that has the store open, while it serves; read by `restore`.
//!
//! `mark 5`, then `length 4 · key · length 4 · record` for each record, then `end mark 4 · count 8 · SHA-256 of everything
//! before it 32`. What one app has is of one moment.

use super::{
    database,
    kv::{SledStore, TREE},
    record::HEAD,
    sealed::{APP_KEY, CHECK_KEY},
};
use crate::error::StoreError;
use ::sled::{IVec, Tree};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

const MARK: [u8; 5] = *b"YZKV\x01";
const END: [u8; 4] = [0xff; 4];
/// The kinds of records of an app: head, chunk, used bytes, wrapped key.
const KINDS: std::ops::RangeInclusive<u8> = HEAD..=APP_KEY;
/// Longest key or record that is read back, bytes.
const PART_BYTES_MAX: usize = 64 << 10;
/// Bytes of records that a load writes at once.
const LOADED_AT_ONCE: usize = 4 << 20;

fn file(what: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { what, source }
}

impl SledStore {
    /// Writes the data of all apps; returns how many records. Blocks. Writes of an app wait while its records are gathered
    /// (at most its quota is held in memory), not while they are written out.
    pub fn dump(&self, to: &mut dyn Write) -> Result<u64, StoreError> {
        let reader = self.reader();
        let mut out = Hashed { inner: to, hash: Sha256::new() };
        out.write_all(&MARK).map_err(file("write the data of apps"))?;
        let mut count: u64 = 0;
        if let Some(check) = reader.tree.get(CHECK_KEY).map_err(database)? {
            part(&mut out, CHECK_KEY).and_then(|()| part(&mut out, &check)).map_err(file("write the data of apps"))?;
            count += 1;
        }
        for app in apps(&reader.tree)? {
            let records = {
                let _still = reader.between_batches();
                gather(&reader.tree, &app)?
            };
            for (key, record) in &records {
                part(&mut out, key).and_then(|()| part(&mut out, record)).map_err(file("write the data of apps"))?;
            }
            count += records.len() as u64;
        }
        let end = [&END[..], &count.to_be_bytes()].concat();
        out.write_all(&end).map_err(file("write the data of apps"))?;
        let hash = out.hash.finalize_reset();
        out.inner.write_all(&hash).and_then(|()| out.inner.flush()).map_err(file("write the data of apps"))?;
        Ok(count)
    }
}

/// Lengths and names of the apps with a key, as they begin the keys of their records.
fn apps(tree: &Tree) -> Result<Vec<IVec>, StoreError> {
    tree.scan_prefix([APP_KEY])
        .keys()
        .map(|key| key.map(|key| key.subslice(1, key.len() - 1)).map_err(database))
        .collect()
}

fn gather(tree: &Tree, app: &[u8]) -> Result<Vec<(IVec, IVec)>, StoreError> {
    let prefixes = KINDS.map(|kind| [&[kind], app].concat());
    prefixes.flat_map(|prefix| tree.scan_prefix(prefix)).map(|pair| pair.map_err(database)).collect()
}

fn part(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&u32::try_from(bytes.len()).map_err(io::Error::other)?.to_be_bytes())?;
    out.write_all(bytes)
}

fn refuse(reason: &str) -> StoreError {
    StoreError::Backup { path: PathBuf::from("data of apps"), reason: format!("it {reason}") }
}

/// Checks what [`SledStore::dump`] wrote, and returns how many records it holds. [`StoreError::Backup`] when it is cut or
/// changed.
pub fn check_kv(from: &mut dyn Read) -> Result<u64, StoreError> {
    read(from, &mut |_, _| Ok(()))
}

/// Makes a store in a new directory of what [`SledStore::dump`] wrote; returns how many records. Blocks. A stream that is cut
/// or changed is [`StoreError::Backup`]: then the directory is not to be used.
pub fn load_kv(from: &mut dyn Read, to: &Path) -> Result<u64, StoreError> {
    fs::create_dir(to).map_err(file("create the directory of the data of apps"))?;
    let db = ::sled::open(to).map_err(database)?;
    let tree = db.open_tree(TREE).map_err(database)?;
    let (mut batch, mut bytes) = (::sled::Batch::default(), 0);
    let count = read(from, &mut |key, record| {
        bytes += key.len() + record.len();
        batch.insert(key, record);
        if bytes > LOADED_AT_ONCE {
            bytes = 0;
            tree.apply_batch(std::mem::take(&mut batch)).map_err(database)?;
        }
        Ok(())
    })?;
    tree.apply_batch(batch).map_err(database)?;
    db.flush().map_err(database)?;
    File::open(to.join("db")).and_then(|data| data.sync_data()).map_err(file("flush the data of apps to the disk"))?;
    super::open::sync_created(to).map_err(file("flush the directory of the data of apps"))?;
    Ok(count)
}

type Take<'a> = dyn FnMut(Vec<u8>, Vec<u8>) -> Result<(), StoreError> + 'a;

fn read(from: &mut dyn Read, take: &mut Take<'_>) -> Result<u64, StoreError> {
    let cut = |_: io::Error| refuse("is cut off");
    let mut input = Hashed { inner: from, hash: Sha256::new() };
    let mut mark = [0; MARK.len()];
    input.fill(&mut mark).map_err(cut)?;
    if mark != MARK {
        return Err(refuse("is of no format that this version reads"));
    }
    let mut count = 0_u64;
    while let Some(key) = input.part().map_err(cut)? {
        let record = input.part().map_err(cut)?.ok_or_else(|| refuse("ends inside a record"))?;
        if key != CHECK_KEY && !key.first().is_some_and(|kind| KINDS.contains(kind)) {
            return Err(refuse("holds a record of no known kind"));
        }
        count += 1;
        take(key, record)?;
    }
    let (mut said, mut hash) = ([0; 8], [0; 32]);
    input.fill(&mut said).map_err(cut)?;
    let found: [u8; 32] = input.hash.finalize_reset().into();
    input.inner.read_exact(&mut hash).map_err(cut)?;
    match found == hash && u64::from_be_bytes(said) == count {
        true => Ok(count),
        false => Err(refuse("is not what was backed up: its SHA-256 is another")),
    }
}

/// A stream whose bytes are hashed on their way.
struct Hashed<T> {
    inner: T,
    hash: Sha256,
}

impl Write for Hashed<&mut dyn Write> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Hashed<&mut dyn Read> {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hash.update(&*bytes);
        Ok(())
    }

    /// A byte string behind its length; none at the end mark.
    fn part(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        if length == END {
            return Ok(None);
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > PART_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(Some(bytes))
    }
}
