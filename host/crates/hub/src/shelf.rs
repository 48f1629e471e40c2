//! The shelf: which apps are installed, either in a data directory or, for `run` and `dev`, in memory. The use-cases beside
//! this file change it; the serving process only takes snapshots and opens versions.

mod directory;
mod files;
mod record;
mod snapshot;
#[cfg(test)]
mod tests;

pub(crate) use directory::DataDirectory;
pub use directory::DataMode;
pub(crate) use files::{Lock, read, remove_if_there, replace, sweep};
pub(crate) use record::{AppRecord, AppsFile};
pub use record::{Publisher, PublisherStatus};
pub(crate) use snapshot::Source;
pub use snapshot::{Installed, Snapshot, Trust};

use crate::HubError;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};
use yizhan_domain::authorization::Tier;
use yizhan_domain::{Slug, Timestamp};
use yizhan_package::Package;

/// The installed apps, wherever they are kept.
#[derive(Debug)]
pub struct Shelf {
    directory: Option<DataDirectory>,
    /// Held while the files are read, so that an older reading never replaces a newer one.
    reloading: Mutex<()>,
    snapshot: RwLock<Arc<Snapshot>>,
}

impl Shelf {
    /// Opens the shelf of a data directory that was created before.
    pub fn open(dir: &Path) -> Result<Self, HubError> {
        Self::over(DataDirectory::open(dir)?)
    }

    /// Opens the shelf of a data directory; creates it in `mode` when the folder is missing or empty. `fresh_key` are 32
    /// random bytes that become the node's key if it is created. A directory of the other mode is refused.
    pub fn open_or_create(dir: &Path, mode: DataMode, fresh_key: [u8; 32]) -> Result<Self, HubError> {
        let directory = DataDirectory::create(dir, mode, fresh_key)?;
        if directory.mode() != mode {
            return Err(HubError::WrongMode { dir: dir.to_owned(), found: directory.mode(), wanted: mode });
        }
        Self::over(directory)
    }

    /// An empty shelf in memory, for `run` and `dev`: what is put there is trusted because the person at this machine
    /// started it.
    #[must_use]
    pub fn local() -> Self {
        Self { directory: None, reloading: Mutex::default(), snapshot: RwLock::default() }
    }

    fn over(directory: DataDirectory) -> Result<Self, HubError> {
        let shelf = Self { directory: Some(directory), reloading: Mutex::default(), snapshot: RwLock::default() };
        shelf.reload()?;
        Ok(shelf)
    }

    /// The apps as they were at the last reload; cheap, for every request.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over what install and remove wrote. An app that did not change keeps its `Arc<Installed>`. On a shelf in
    /// memory nothing changes.
    pub fn reload(&self) -> Result<Arc<Snapshot>, HubError> {
        let Some(directory) = &self.directory else { return Ok(self.snapshot()) };
        let _alone = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let file = directory.read_apps()?;
        let old = self.snapshot();
        let new = Arc::new(Snapshot::new(file.apps.into_iter().map(|(slug, record)| {
            let app = installed(directory, slug, record);
            match old.find(app.slug.as_str()) {
                Some(kept) if same_version(kept, &app) => Arc::clone(kept),
                _ => Arc::new(app),
            }
        })));
        self.set_snapshot(&new);
        Ok(new)
    }

    /// Puts a package on a shelf in memory, in place of the one that had the slug; the next snapshot shows it.
    pub fn put_local(&self, slug: Slug, package: Arc<Package>, now: Timestamp) -> Arc<Installed> {
        let manifest = package.manifest();
        let app = Arc::new(Installed {
            slug,
            app_id: manifest.app_id.clone(),
            digest: package.digest(),
            version_name: manifest.version.name.clone(),
            version_code: manifest.version.code,
            installed_at: now,
            trust: Trust::Local,
            tier: Tier::Baseline,
            source: Source::Memory(package),
        });
        let mut snapshot = self.snapshot.write().unwrap_or_else(PoisonError::into_inner);
        let others = snapshot.apps().into_iter().filter(|other| other.slug != app.slug);
        *snapshot = Arc::new(Snapshot::new(others.chain([Arc::clone(&app)])));
        drop(snapshot);
        app
    }

    fn set_snapshot(&self, snapshot: &Arc<Snapshot>) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(snapshot);
    }

    /// The data directory; none for a shelf in memory.
    #[must_use]
    pub fn data_directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(DataDirectory::path)
    }

    /// What the data directory is for; a shelf in memory is for development.
    #[must_use]
    pub fn mode(&self) -> DataMode {
        self.directory.as_ref().map_or(DataMode::Development, DataDirectory::mode)
    }

    /// The node's key, 32 random bytes, with which compiled artefacts are authenticated; none for a shelf in memory.
    #[must_use]
    pub fn node_key(&self) -> Option<&[u8; 32]> {
        self.directory.as_ref().map(DataDirectory::node_key)
    }

    /// Where compiled artefacts are kept (mode 0700); none for a shelf in memory.
    #[must_use]
    pub fn artefacts(&self) -> Option<PathBuf> {
        self.directory.as_ref().map(DataDirectory::artefacts)
    }

    /// The directory that a change is written to; a shelf in memory has none.
    pub(crate) fn directory(&self) -> Result<&DataDirectory, HubError> {
        self.directory.as_ref().ok_or_else(|| HubError::NotADataDirectory { dir: PathBuf::from("(memory)") })
    }
}

fn installed(directory: &DataDirectory, slug: Slug, record: AppRecord) -> Installed {
    Installed {
        slug,
        app_id: record.app_id,
        digest: record.digest,
        version_name: record.version_name,
        version_code: record.version_code,
        installed_at: record.installed_at,
        trust: Trust::Publisher(record.publisher),
        tier: record.tier,
        source: Source::File { path: directory.packages().join(record.file), sha256: record.file_sha256 },
    }
}

fn same_version(a: &Installed, b: &Installed) -> bool {
    let file_of = |app: &Installed| match &app.source {
        Source::File { sha256, .. } => Some(*sha256),
        Source::Memory(_) => None,
    };
    a.app_id == b.app_id
        && a.installed_at == b.installed_at
        && a.trust == b.trust
        && a.tier == b.tier
        && file_of(a) == file_of(b)
}
