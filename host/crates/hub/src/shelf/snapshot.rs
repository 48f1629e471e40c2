//! What the serving process looks at on every request: the installed apps as they were at the last reload.

use std::{collections::HashMap, path::PathBuf, sync::Arc};
use yizhan_domain::authorization::Tier;
use yizhan_domain::{AppId, Slug, Timestamp, VersionDigest};
use yizhan_package::{KeyId, Package};

/// The installed apps at one moment. Cheap to take, never changes.
#[derive(Debug, Default)]
pub struct Snapshot {
    apps: HashMap<String, Arc<Installed>>,
}

/// One installed version of an app.
#[derive(Debug)]
pub struct Installed {
    /// First label of its origin.
    pub slug: Slug,
    /// Its identifier.
    pub app_id: AppId,
    /// The digest that names this version.
    pub digest: VersionDigest,
    /// Version as people read it, for instance `1.2.0`.
    pub version_name: String,
    /// Version as machines compare it.
    pub version_code: u32,
    /// When it was installed.
    pub installed_at: Timestamp,
    /// Why it may run.
    pub trust: Trust,
    /// Security profile of its registration: that of the runtime's client.
    pub tier: Tier,
    pub(crate) source: Source,
}

/// Why a version may run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The person at this machine started it (`run`, `dev`); no signature was asked for.
    Local,
    /// A registered publisher key signed it; its key id.
    Publisher(KeyId),
}

/// Where the bytes of a version are.
#[derive(Debug)]
pub(crate) enum Source {
    /// In memory (`run`, `dev`).
    Memory(Arc<Package>),
    /// A file of the data directory, with the SHA-256 of all its bytes.
    File { path: PathBuf, sha256: VersionDigest },
}

impl Snapshot {
    pub(crate) fn new(apps: impl IntoIterator<Item = Arc<Installed>>) -> Self {
        Self { apps: apps.into_iter().map(|app| (app.slug.as_str().to_owned(), app)).collect() }
    }

    /// The app whose origin begins with `slug`.
    #[must_use]
    pub fn find(&self, slug: &str) -> Option<&Arc<Installed>> {
        self.apps.get(slug)
    }

    /// The app with this identifier.
    #[must_use]
    pub fn find_app(&self, app_id: &str) -> Option<&Arc<Installed>> {
        self.apps.values().find(|app| app.app_id.as_str() == app_id)
    }

    /// All apps in the order of their slugs.
    #[must_use]
    pub fn apps(&self) -> Vec<Arc<Installed>> {
        let mut apps: Vec<_> = self.apps.values().cloned().collect();
        apps.sort_by(|a, b| a.slug.cmp(&b.slug));
        apps
    }

    /// How many apps there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.apps.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.apps.is_empty()
    }
}
