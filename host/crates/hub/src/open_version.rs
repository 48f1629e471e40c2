//! Opens one installed version. Called by the serving process before each load, and never answers bytes that were changed
//! since they were installed or that a compromised key signed.

use crate::{
    HubError, Installed, PublisherRefusal, Shelf, Trust,
    shelf::{self, PublisherStatus, Source},
};
use sha2::{Digest, Sha256};
use std::{path::Path, sync::Arc};
use yizhan_domain::VersionDigest;
use yizhan_package::{PACKED_BYTES_MAX, Package, VerifyingKey};

/// Opens an installed version. Every call reads the file anew and checks, in this order: every byte of the file, the digest
/// that names the version, that the publisher's key is not compromised, the signature.
pub fn open_version(shelf: &Shelf, app: &Installed) -> Result<Arc<Package>, HubError> {
    let (path, sha256) = match &app.source {
        Source::Memory(package) => return Ok(Arc::clone(package)),
        Source::File { path, sha256 } => (path, sha256),
    };
    let bytes = shelf::read(path, PACKED_BYTES_MAX)?;
    if sha256_of(&bytes) != *sha256 {
        return Err(HubError::damaged(path, what_changed(&bytes)));
    }
    let package = read_package(path, &bytes)?;
    if package.digest() != app.digest {
        return Err(HubError::damaged(path, format!("it holds version {}, not {}", package.digest(), app.digest)));
    }
    check_publisher(shelf, app, &package, path)?;
    Ok(Arc::new(package))
}

pub(crate) fn sha256_of(bytes: &[u8]) -> VersionDigest {
    VersionDigest(Sha256::digest(bytes).into())
}

fn read_package(path: &Path, bytes: &[u8]) -> Result<Package, HubError> {
    Package::read_again(bytes).map_err(|source| HubError::Unreadable { name: path.display().to_string(), source })
}

/// Says as closely as possible which part of a changed package file it is.
fn what_changed(bytes: &[u8]) -> String {
    match Package::read(bytes) {
        Err(error) => format!("its bytes are not those that were installed ({error})"),
        Ok(_) => "its bytes are not those that were installed".to_owned(),
    }
}

fn check_publisher(shelf: &Shelf, app: &Installed, package: &Package, path: &Path) -> Result<(), HubError> {
    let Trust::Publisher(id) = &app.trust else { return Ok(()) };
    let publishers = shelf.directory()?.read_publishers()?.publishers;
    let Some(publisher) = publishers.get(id) else {
        return Err(HubError::Publisher { refusal: PublisherRefusal::Unknown });
    };
    if publisher.status == PublisherStatus::Compromised {
        return Err(HubError::Publisher { refusal: PublisherRefusal::Compromised { key: *id } });
    }
    let key = VerifyingKey::from_pem(&publisher.public_key)
        .map_err(|error| HubError::damaged(path, format!("publisher key {id} cannot be read: {error}")))?;
    match package.verify(&[key]) {
        Ok(_) => Ok(()),
        Err(error) => Err(HubError::damaged(path, format!("its signature does not fit: {error}"))),
    }
}
