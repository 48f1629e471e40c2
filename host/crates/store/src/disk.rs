//! The file operations that durability hangs on, called by the journal and by the data keys. A parameter, so that tests can
//! fill the disk, make an fsync fail, or drop what was not synced.

#[cfg(test)]
pub(crate) mod faulty;

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

/// Where files lie.
pub(crate) trait Disk: Send + Sync {
    /// Opens a file for writing; creates it when it is missing, never cuts it.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Makes names of a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file that is written.
pub(crate) trait DiskFile: Send {
    /// Writes all bytes at an offset.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts to a length, or grows with zeros.
    fn set_length(&mut self, bytes: u64) -> io::Result<()>;

    /// Makes everything written durable. After an error nothing about the file is known, so it is never tried again.
    fn sync(&mut self) -> io::Result<()>;
}

/// The machine's disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemDisk;

impl Disk for SystemDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        Ok(Box::new(SystemFile(file)))
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

struct SystemFile(File);

impl DiskFile for SystemFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn set_length(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}
