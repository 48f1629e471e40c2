//! A package: a manifest without mistakes, the files that it names, and nothing else. Read from `.ma` bytes or made from
//! the files of an app directory; the hub, the sandbox and the command line hold it.

mod contents;
#[cfg(test)]
mod tests;

use crate::{
    Manifest, PackageError, archive, listing,
    seal::{Envelope, KeyId, SealError, SigningKey, VerifyingKey},
};
use bytes::Bytes;
use std::{collections::BTreeMap, sync::Arc};
use yizhan_domain::VersionDigest;

/// Path of the manifest.
pub const MANIFEST_PATH: &str = "manifest.json";
/// Path of the component unless the manifest says another.
pub const COMPONENT_PATH: &str = "component.wasm";
/// Path of the signature.
pub const SIGNATURE_PATH: &str = "META/signature.json";
/// Path of the software bill of materials (CycloneDX), which may be there.
pub const SBOM_PATH: &str = "META/sbom.cdx.json";
/// Bytes that a `.ma` file may have: 20 MiB.
pub const PACKED_BYTES_MAX: u64 = 20 << 20;
/// Bytes that all files of a package may have together: 64 MiB.
pub const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// Files that a package may have.
pub const ENTRIES_MAX: u64 = 4_096;

/// A package; only [`Package::read`] and [`Package::from_files`] make one, so that its shape is always right.
#[derive(Debug, Clone)]
pub struct Package {
    manifest: Arc<Manifest>,
    files: BTreeMap<String, Bytes>,
    listing: String,
    signature: Option<Envelope>,
}

impl Package {
    /// Reads a `.ma` file. Refuses all bytes but those that [`Package::write`] makes, so that a content has one form only:
    /// no changed byte goes unseen, even where ZIP or deflate would allow another.
    pub fn read(bytes: &[u8]) -> Result<Self, PackageError> {
        let package = Self::from_files(archive::read(bytes)?)?;
        let canonical = package.write()?;
        match canonical.iter().zip(bytes).position(|(ours, theirs)| ours != theirs) {
            Some(offset) => Err(PackageError::NotCanonical { offset }),
            None if canonical.len() != bytes.len() => {
                Err(PackageError::NotCanonical { offset: canonical.len().min(bytes.len()) })
            }
            None => Ok(package),
        }
    }

    /// Reads bytes that [`Package::read`] accepted before, when the caller has compared their SHA-256 with the one kept then.
    /// Packs nothing again to compare, which is most of the cost of reading.
    pub fn read_again(bytes: &[u8]) -> Result<Self, PackageError> {
        Self::from_files(archive::read(bytes)?)
    }

    /// Makes a package from its files by path; a signature among them is taken as such, without verifying it.
    pub fn from_files(mut files: BTreeMap<String, Bytes>) -> Result<Self, PackageError> {
        contents::check_paths(&files)?;
        contents::check_sizes(&files)?;
        let signature = files.remove(SIGNATURE_PATH).map(|json| Envelope::from_json(&json)).transpose()?;
        let manifest = contents::check_manifest(&files)?;
        let listing = listing::listing(&files);
        Ok(Self { manifest: Arc::new(manifest), files, listing, signature })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// A file by its path, as in `public/index.html`; the signature is not among the files.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&Bytes> {
        self.files.get(path)
    }

    /// All files in bytewise path order, without the signature.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.files.iter().map(|(path, content)| (path.as_str(), content))
    }

    /// The component, unless the app is H5 files alone.
    #[must_use]
    pub fn component(&self) -> Option<&Bytes> {
        self.manifest.gov_component.as_ref().and_then(|component| self.files.get(&component.path))
    }

    /// The canonical listing: `sha256 SP size SP path LF` for each file but the signature, in bytewise path order.
    #[must_use]
    pub fn listing(&self) -> &str {
        &self.listing
    }

    /// The digest that names the version: SHA-256 of the listing. Signing does not change it.
    #[must_use]
    pub fn digest(&self) -> VersionDigest {
        listing::digest(&self.listing)
    }

    /// The signatures, not verified.
    #[must_use]
    pub fn signature(&self) -> Option<&Envelope> {
        self.signature.as_ref()
    }

    /// The `.ma` file: the same bytes for the same content, always.
    pub fn write(&self) -> Result<Vec<u8>, PackageError> {
        let mut files = self.files.clone();
        if let Some(envelope) = &self.signature {
            files.insert(SIGNATURE_PATH.to_owned(), Bytes::from(envelope.to_json()));
        }
        archive::write(&files)
    }

    /// Signs the listing. A signature of the same key is replaced, one of another key is kept; at most 4 in all. A
    /// signature over something else (a copied one) is thrown away first.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), PackageError> {
        let kept = self.signature.take().filter(|envelope| envelope.payload == self.listing.as_bytes());
        let mut envelope = kept.unwrap_or_else(|| Envelope::new(self.listing.clone().into_bytes()));
        let signed = envelope.sign(key);
        self.signature = Some(envelope);
        Ok(signed?)
    }

    /// Verifies the signatures with the keys that may sign this app; answers the key of the first good one.
    pub fn verify(&self, keys: &[VerifyingKey]) -> Result<KeyId, PackageError> {
        let envelope = self.signature.as_ref().ok_or(SealError::Unsigned)?;
        Ok(envelope.verify(self.listing.as_bytes(), keys)?)
    }
}
