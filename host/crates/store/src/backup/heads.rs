//! Signed heads of the audit chains, exported where the hub cannot rewrite them: files that only grow. Written by the serving
//! process, read by `audit verify`. What signs is the caller's: this crate knows no key.

use super::copy::{self, hex};
use crate::{error::StoreError, journal, records::AuditHead};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    error::Error,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};
use yizhan_domain::Timestamp;

/// The file in the directory of exported heads: one signed head a line.
const FILE: &str = "heads.jws";
/// Bytes of a segment's header, which names the chain.
const NAMED_BY_BYTES: usize = 128;

/// Signs with the node's key.
pub trait HeadSigner: Send + Sync {
    /// A compact JWS of a payload of JSON.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&self, payload: &[u8]) -> Result<String, Box<dyn Error + Send + Sync>>;
}

/// What is signed: the newest link of every chain that a node knows, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadStatement {
    /// When.
    pub at: Timestamp,
    /// The chains; one for each node.
    pub chains: Vec<ChainHead>,
}

/// The newest link of one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// Name of the chain: see [`chain_name`].
    pub chain: String,
    /// Number of the newest entry.
    pub sequence: u64,
    /// Its hash over everything before, 64 hexadecimal digits.
    pub hash: String,
}

impl ChainHead {
    /// The head of a chain.
    #[must_use]
    pub fn new(chain: &str, head: &AuditHead) -> Self {
        Self { chain: chain.to_owned(), sequence: head.sequence, hash: hex(&head.hash) }
    }
}

/// The name of the chain in a directory of records, or in a backup: 32 hexadecimal digits of the hash of how its journal
/// begins, which holds random bytes. [`StoreError::Open`] when there is no journal.
pub fn chain_name(directory: &Path) -> Result<String, StoreError> {
    let path = journal::segment_path(&journal::folder(directory), 1);
    let mut header = [0; NAMED_BY_BYTES];
    File::open(&path)
        .and_then(|mut file| file.read_exact(&mut header))
        .map_err(|error| StoreError::Open { path, reason: format!("its journal does not begin: {error}") })?;
    Ok(hex(&Sha256::digest(header)[..16]))
}

/// Signs a statement and adds it as one line to `heads.jws` in a directory, durably. Nothing that stands there is changed; a
/// line that a crash cut is ended first.
pub fn export_heads(to: &Path, statement: &HeadStatement, signer: &dyn HeadSigner) -> Result<(), StoreError> {
    let what = "append a signed head";
    let failed = |error: Box<dyn Error + Send + Sync>| StoreError::File { what, source: io::Error::other(error) };
    let payload = serde_json::to_vec(statement).map_err(|error| failed(error.into()))?;
    let signed = signer.sign(&payload).map_err(failed)?;
    let append = || {
        fs::create_dir_all(to)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(to.join(FILE))?;
        let torn = file.seek(SeekFrom::End(0))? > 0 && {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            last != *b"\n"
        };
        file.write_all(format!("{}{}\n", if torn { "\n" } else { "" }, signed.trim()).as_bytes())?;
        file.sync_all()
    };
    append().map_err(copy::file(what))?;
    copy::sync_folder(to)
}
