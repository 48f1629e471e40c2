//! Compiled components of local runs, kept between runs in the user's cache folder with a key of its own.

use crate::app::random_bytes;
use anyhow::Context;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const KEY_FILE: &str = "key";

/// The folder and its key; makes both when they are missing.
pub(crate) fn open() -> anyhow::Result<(PathBuf, [u8; 32])> {
    let folder = folder()?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let key = key(&folder.join(KEY_FILE))?;
    Ok((folder, key))
}

fn folder() -> anyhow::Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    Ok(base.context("HOME is not set; set it or XDG_CACHE_HOME")?.join("yizhan/artefacts"))
}

/// Reads the key; the first of two processes that make it at the same time wins.
fn key(path: &Path) -> anyhow::Result<[u8; 32]> {
    if let Ok(bytes) = fs::read(path)
        && let Ok(key) = <[u8; 32]>::try_from(bytes)
    {
        return Ok(key);
    }
    let fresh = random_bytes()?;
    let unfinished = path.with_extension(format!("{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(&fresh)?;
    file.sync_all()?;
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    if linked.is_err() {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        return bytes.try_into().map_err(|_| anyhow::anyhow!("{} is damaged: remove it", path.display()));
    }
    Ok(fresh)
}
