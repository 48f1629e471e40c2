//! The AOT store: native code by component digest and engine, each file with a MAC by the node's key.

use crate::SandboxError;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;
use yizhan_domain::report::EngineKind;

/// Bytes of the MAC at the end of a file.
const MAC_BYTES: u64 = 32;

/// Where compiled components are kept. Only this node writes here: the folder is closed to others.
pub(crate) struct Artefacts {
    folder: PathBuf,
    key: [u8; 32],
}

/// Which file.
pub(crate) struct Name {
    component: [u8; 32],
    engine: EngineKind,
    compatibility: u64,
}

impl Name {
    /// Of this component on this engine; a new wasmtime or configuration gives another.
    pub(crate) fn of(wasm: &[u8], kind: EngineKind, engine: &Engine) -> Self {
        let mut hasher = StableHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Self { component: Sha256::digest(wasm).into(), engine: kind, compatibility: hasher.finish() }
    }

    fn file_name(&self) -> String {
        let hex: String = self.component.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}-{:?}-{:016x}.cwasm", self.engine, self.compatibility).to_lowercase()
    }
}

/// A hash that is the same in every process, unlike the standard library's.
struct StableHasher(Sha256);

impl Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl Artefacts {
    pub(crate) fn new(folder: PathBuf, key: [u8; 32]) -> Self {
        Self { folder, key }
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(name.file_name())
    }

    /// Writes native code under its name: a temporary file, flushed, then renamed.
    pub(crate) fn put(&self, name: &Name, code: &[u8]) -> Result<(), SandboxError> {
        let path = self.path(name);
        let failed = |source| SandboxError::Artefact { path: path.display().to_string(), source };
        // Two threads may write the same name: two apps with one component.
        let temporary = path.with_extension(format!("tmp-{}-{:?}", std::process::id(), std::thread::current().id()));
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
            file.write_all(code)?;
            file.write_all(&self.mac(name, code.len() as u64, code))?;
            file.sync_all()?;
            std::fs::rename(&temporary, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(failed)
    }

    /// Loads a component whose file is there and whole; none when there is no such file, or another node or hand wrote it.
    pub(crate) fn load(&self, name: &Name, engine: &Engine) -> Result<Option<(Component, u64)>, SandboxError> {
        let path = self.path(name);
        let failed = |source| SandboxError::Artefact { path: path.display().to_string(), source };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let length = file.metadata().map_err(failed)?.len();
        let Some(code_bytes) = length.checked_sub(MAC_BYTES) else { return Ok(None) };
        if !self.is_ours(name, &mut file, code_bytes).map_err(failed)? {
            tracing::warn!(path = %path.display(), "artefact has a wrong MAC; it is compiled again");
            return Ok(None);
        }
        let checked = format!("/proc/self/fd/{}", file.as_raw_fd());
        deserialize(engine, Path::new(&checked))
            .map(|component| Some((component, length)))
            .map_err(|error| SandboxError::Load(format!("{error:#}")))
    }

    fn is_ours(&self, name: &Name, file: &mut File, code_bytes: u64) -> std::io::Result<bool> {
        let mut mac = self.begin(name, code_bytes);
        let mut buffer = vec![0; 64 << 10];
        let mut left = code_bytes;
        file.seek(SeekFrom::Start(0))?;
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let read = file.read(&mut buffer[..wanted])?;
            if read == 0 {
                return Ok(false);
            }
            mac.update(&buffer[..read]);
            left -= read as u64;
        }
        let mut written = [0; MAC_BYTES as usize];
        file.read_exact(&mut written)?;
        Ok(mac.verify(&written.into()).is_ok())
    }

    fn begin(&self, name: &Name, code_bytes: u64) -> Hmac<Sha256> {
        // RFC 2104: a key shorter than the block is padded with zeros.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.key);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(b"yizhan artefact 1\n");
        mac.update(name.file_name().as_bytes());
        mac.update(&code_bytes.to_be_bytes());
        mac
    }

    fn mac(&self, name: &Name, code_bytes: u64, code: &[u8]) -> [u8; MAC_BYTES as usize] {
        let mut mac = self.begin(name, code_bytes);
        mac.update(code);
        mac.finalize().into_bytes().into()
    }
}

#[expect(
    unsafe_code,
    reason = "mapping native code that this node compiled: its MAC was checked on the same open file"
)]
fn deserialize(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was made by `Engine::precompile_component` on this node and never changed since: the caller checked
    // its MAC through the descriptor that `path` names. The folder is closed to other users.
    unsafe { Component::deserialize_file(engine, path) }
}

#[cfg(test)]
mod tests;
