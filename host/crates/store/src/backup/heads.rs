//! Where signed heads of the chain are kept: a file that only grows, to be copied where the hub cannot rewrite it.

use super::copy;
use crate::error::StoreError;
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

/// Adds one line, a signed head (a compact JWS; made by auth), to `heads/heads.jws` in a directory of records, and makes it
/// durable.
pub fn export_head(directory: &Path, signed: &str) -> Result<(), StoreError> {
    let folder = directory.join("heads");
    let append = || {
        fs::create_dir_all(&folder)?;
        let mut file = OpenOptions::new().append(true).create(true).open(folder.join("heads.jws"))?;
        file.write_all(format!("{}\n", signed.trim()).as_bytes())?;
        file.sync_all()
    };
    append().map_err(copy::file("append a signed head"))?;
    copy::sync_folder(&folder)
}
