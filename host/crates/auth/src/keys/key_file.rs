//! The one encrypted file that a key store is kept in: its form, and how it is read and replaced.

use super::held::Held;
use super::{KeyError, Purpose, RootKey, Sealer, private_file};
use rand::CryptoRng;
use std::fs::File;
use std::path::{Path, PathBuf};

/// First bytes of the file.
const MAGIC: &[u8; 6] = b"YZKEYS";
/// Format that this release writes and reads.
const FORMAT: u16 = 1;
const HEAD_BYTES: usize = MAGIC.len() + 2 + 8;
/// Largest file: about 100 000 keys.
const FILE_BYTES_MAX: u64 = 48 << 20;

/// A file of keys, AES-256-GCM under a key from the root key. One process at a time has it open.
///
/// Form: `YZKEYS` ‖ format (2, high byte first) ‖ check of the root key (8) ‖ sealed JSON.
pub(super) struct KeyFile {
    path: PathBuf,
    sealer: Sealer,
    check: [u8; 8],
    _lock: File,
}

impl KeyFile {
    /// Makes a new file without keys.
    pub(super) fn create(path: &Path, root: &RootKey, rng: &mut dyn CryptoRng) -> Result<Self, KeyError> {
        let file = Self::over(path, root)?;
        private_file::create(path, &file.bytes(&Held::default(), rng)?)?;
        Ok(file)
    }

    /// Opens a file; answers what it holds, too.
    pub(super) fn open(path: &Path, root: &RootKey) -> Result<(Self, Held), KeyError> {
        let file = Self::over(path, root)?;
        let held = file.read()?;
        Ok((file, held))
    }

    /// Replaces what the file holds, durable.
    pub(super) fn replace(&self, held: &Held, rng: &mut dyn CryptoRng) -> Result<(), KeyError> {
        private_file::replace(&self.path, &self.bytes(held, rng)?)
    }

    fn over(path: &Path, root: &RootKey) -> Result<Self, KeyError> {
        Ok(Self {
            path: path.to_owned(),
            sealer: root.sealer(Purpose::KeyStore),
            check: root.check(),
            _lock: private_file::lock(path)?,
        })
    }

    fn head(&self) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        head[..6].copy_from_slice(MAGIC);
        head[6..8].copy_from_slice(&FORMAT.to_be_bytes());
        head[8..].copy_from_slice(&self.check);
        head
    }

    fn read(&self) -> Result<Held, KeyError> {
        let bytes = private_file::read(&self.path, FILE_BYTES_MAX)?;
        let Some((head, sealed)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
            return Err(KeyError::Damaged("the key file is cut off"));
        };
        if head[..6] != MAGIC[..] {
            return Err(KeyError::Damaged("this is no key file"));
        }
        let found = u16::from_be_bytes([head[6], head[7]]);
        if found != FORMAT {
            return Err(KeyError::Format { found, known: FORMAT });
        }
        if head[8..] != self.check {
            return Err(KeyError::WrongRoot);
        }
        Held::load(&self.sealer.open(sealed, head)?)
    }

    fn bytes(&self, held: &Held, rng: &mut dyn CryptoRng) -> Result<Vec<u8>, KeyError> {
        let head = self.head();
        let sealed = self.sealer.seal(&held.save()?, &head, rng)?;
        Ok([&head[..], &sealed].concat())
    }
}
