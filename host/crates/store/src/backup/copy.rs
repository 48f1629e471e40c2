//! Copies files into a new directory, counts and hashes them, and makes them durable.

use super::{Progress, manifest::BackedUp};
use crate::error::StoreError;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

const COPIED_AT_ONCE: usize = 1 << 20;

/// Names what failed.
pub(super) fn file(what: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { what, source }
}

/// Makes the directory, or takes it when it is empty; else [`StoreError::Backup`].
pub(super) fn claim(directory: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(directory).map_err(file("create the directory"))?;
    match fs::read_dir(directory).map_err(file("read the directory"))?.next() {
        None => Ok(()),
        Some(_) => {
            Err(StoreError::Backup { path: directory.to_owned(), reason: "the directory is not empty".to_owned() })
        }
    }
}

/// Makes the names in a directory durable.
pub(super) fn sync_folder(directory: &Path) -> Result<(), StoreError> {
    File::open(directory).and_then(|folder| folder.sync_all()).map_err(file("flush a directory to the disk"))
}

/// Files on their way into a directory.
pub(super) struct Copying<'a> {
    to: &'a Path,
    total_bytes: u64,
    done_bytes: u64,
    progress: &'a mut dyn FnMut(Progress),
    files: Vec<BackedUp>,
}

impl<'a> Copying<'a> {
    pub(super) fn new(to: &'a Path, total_bytes: u64, progress: &'a mut dyn FnMut(Progress)) -> Self {
        Self { to, total_bytes, done_bytes: 0, progress, files: Vec::new() }
    }

    /// Copies the beginning of a file.
    pub(super) fn file(&mut self, name: &str, from: &Path, bytes: u64) -> Result<(), StoreError> {
        let mut source = File::open(from).map_err(file("open a file to copy"))?.take(bytes);
        self.with(name, |copy| {
            let mut buffer = vec![0; COPIED_AT_ONCE];
            loop {
                match source.read(&mut buffer)? {
                    0 if source.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    0 => return Ok(()),
                    count => copy.write_all(&buffer[..count])?,
                }
            }
        })
    }

    /// Writes a file.
    pub(super) fn with(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let target = File::create_new(self.to.join(name)).map_err(file("create a file of the copy"))?;
        let mut counted = Counted { target, hash: Sha256::new(), bytes: 0, copying: self };
        let written = write(&mut counted).and_then(|()| counted.target.sync_all());
        let (hash, bytes) = (counted.hash, counted.bytes);
        written.map_err(file("write a file of the copy"))?;
        self.files.push(BackedUp { path: name.to_owned(), bytes, sha256: hex(&hash.finalize()) });
        Ok(())
    }

    /// All files with their hashes, and how many bytes they have.
    pub(super) fn finish(self) -> Result<(Vec<BackedUp>, u64), StoreError> {
        sync_folder(&crate::journal::folder(self.to))?;
        sync_folder(self.to)?;
        Ok((self.files, self.done_bytes))
    }
}

struct Counted<'a, 'b> {
    target: File,
    hash: Sha256,
    bytes: u64,
    copying: &'a mut Copying<'b>,
}

impl Write for Counted<'_, '_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.target.write(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        self.copying.done_bytes += count as u64;
        let (done_bytes, total_bytes) =
            (self.copying.done_bytes, self.copying.total_bytes.max(self.copying.done_bytes));
        (self.copying.progress)(Progress { done_bytes, total_bytes });
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
