//! Seals the data of apps that an earlier version left plain: into a new database beside the old one, which is then removed,
//! because what was plain must not lie on. Called when the store is opened; a crash at any place is finished by the next start.

use super::{
    committer::Pending,
    database,
    kv::{PLAIN_TREE, SledSettings, SledStore},
    record::{self, HEAD, Place},
};
use crate::{
    error::StoreError,
    kv::{Quota, Write},
    tenant::Tenant,
};
use ::sled::{Db, Tree};
use bytes::Bytes;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use yizhan_domain::AppId;

/// Bytes of values that are sealed at once.
const SEALED_AT_ONCE: usize = 4 << 20;

/// The new database while it is filled, and the old one once the new one has its place.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn sealing(path: &Path) -> PathBuf {
    beside(path, ".sealing")
}

fn plain(path: &Path) -> PathBuf {
    beside(path, ".plain")
}

fn file(what: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { what, source }
}

/// Whether a database holds data that is not sealed.
pub(super) fn is_plain(db: &Db) -> Result<bool, StoreError> {
    let has_tree = db.tree_names().iter().any(|name| *name == PLAIN_TREE);
    Ok(has_tree && !db.open_tree(PLAIN_TREE).map_err(database)?.is_empty())
}

/// Finishes what a crash left of sealing: the new database takes its place if it was whole, else it is left out.
pub(super) fn finish(path: &Path) -> Result<(), StoreError> {
    let (sealing, plain) = (sealing(path), plain(path));
    let finish = || -> io::Result<()> {
        if plain.exists() && !path.exists() {
            // Without a new one, which no crash leaves, the old one goes back.
            fs::rename(if sealing.exists() { &sealing } else { &plain }, path)?;
            sync_parent(path)?;
        }
        for folder in [&plain, &sealing].into_iter().filter(|folder| folder.exists()) {
            fs::remove_dir_all(folder)?;
            sync_parent(path)?;
        }
        Ok(())
    };
    finish().map_err(file("finish sealing the data of apps"))
}

/// Seals everything of an unsealed database into a new one, which takes its place.
pub(super) fn seal_into_new(path: &Path, old: Db, settings: &SledSettings) -> Result<(), StoreError> {
    let (sealing, plain) = (sealing(path), plain(path));
    let tree = old.open_tree(PLAIN_TREE).map_err(database)?;
    let unbounded = SledSettings { quota: Quota { app_bytes_max: u64::MAX }, probe: None, ..settings.clone() };
    let new = super::open::open(&sealing, &unbounded)?;
    let data = File::open(sealing.join("db")).map_err(file("open the new database"))?;
    let sealed = fill(&tree, new, &unbounded, Box::new(move || data.sync_data()))?;
    drop((tree, old));
    let swap = || -> io::Result<()> {
        fs::rename(path, &plain)?;
        fs::rename(&sealing, path)?;
        sync_parent(path)?;
        fs::remove_dir_all(&plain)?;
        sync_parent(path)
    };
    swap().map_err(file("put the sealed data of apps in its place"))?;
    tracing::info!(sealed, "store: data of apps that lay plain is sealed now");
    Ok(())
}

fn fill(from: &Tree, new: Db, settings: &SledSettings, sync: super::committer::Sync) -> Result<usize, StoreError> {
    let committer = SledStore::committer(new, settings, sync)?;
    let (mut pending, mut bytes, mut count) = (Pending::new(), 0, 0);
    let raw = |key: &[u8]| from.get(key).map_err(database);
    for pair in from.scan_prefix([HEAD]) {
        let (raw_key, head) = pair.map_err(database)?;
        let (tenant, key) = parse(&raw_key).ok_or_else(|| StoreError::Damaged {
            what: format!("record {}: it names no app, bucket and key", raw_key.escape_ascii()),
        })?;
        let value = record::value_of(&raw, &Place::at(tenant.prefix(), key.as_bytes()), &head)?;
        bytes += value.len() + key.len();
        count += 1;
        committer.plan(&mut pending, &tenant, Write::Set(vec![(key, Bytes::clone(&value))]))?;
        if bytes > SEALED_AT_ONCE {
            bytes = 0;
            committer.make_durable(std::mem::take(&mut pending))?;
        }
    }
    committer.make_durable(pending)?;
    Ok(count)
}

/// App, bucket and key of an unsealed head record.
fn parse(raw_key: &[u8]) -> Option<(Tenant, String)> {
    let (app, rest) = short(raw_key.get(1..)?)?;
    let (bucket, key) = short(rest)?;
    let tenant = Tenant::new(&AppId::new(app).ok()?, bucket).ok()?;
    Some((tenant, std::str::from_utf8(key).ok()?.to_owned()))
}

fn short(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
