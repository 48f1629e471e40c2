//! The canonical listing of a package: the text whose SHA-256 names a version and that signatures are over.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};
use yizhan_domain::VersionDigest;

/// `sha256 SP size SP path LF` for each file in bytewise path order; the signature must not be among the files.
pub(crate) fn listing(files: &BTreeMap<String, Bytes>) -> String {
    let mut text = String::with_capacity(files.len() * 128);
    for (path, content) in files {
        let digest = VersionDigest(Sha256::digest(content).into());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{digest} {} {path}", content.len());
    }
    text
}

/// SHA-256 of a listing.
pub(crate) fn digest(listing: &str) -> VersionDigest {
    VersionDigest(Sha256::digest(listing.as_bytes()).into())
}
