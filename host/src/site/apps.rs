//! The apps of the shelf, as the catalog shows them.

use crate::origins::Origins;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::code::ImplementingCode;
use yizhan_domain::{Access, AppId, VersionDigest};
use yizhan_hub::{HubError, Installed, Shelf, open_version};
use yizhan_package::Manifest;
use yizhan_support::{App, AppDirectory, SupportError};

/// Reads the shelf for the catalog; each version's manifest is read once.
pub(crate) struct Apps {
    shelf: Arc<Shelf>,
    origins: Origins,
    manifests: Mutex<HashMap<VersionDigest, Arc<Manifest>>>,
}

type Listed = Vec<(Arc<Installed>, Arc<Manifest>)>;

impl Apps {
    pub(crate) fn new(shelf: Arc<Shelf>, origins: Origins) -> Self {
        Self { shelf, origins, manifests: Mutex::default() }
    }

    /// All installed apps with their manifests, in the order of their slugs.
    pub(crate) fn list(&self) -> Result<Listed, HubError> {
        let installed = self.shelf.snapshot().apps();
        let mut manifests = self.manifests.lock().unwrap_or_else(PoisonError::into_inner);
        manifests.retain(|digest, _| installed.iter().any(|app| app.digest == *digest));
        installed
            .into_iter()
            .map(|app| {
                if let Some(manifest) = manifests.get(&app.digest) {
                    return Ok((app, Arc::clone(manifest)));
                }
                let manifest = Arc::clone(open_version(&self.shelf, &app)?.manifest());
                manifests.insert(app.digest, Arc::clone(&manifest));
                Ok((app, manifest))
            })
            .collect()
    }

    fn listed(&self) -> Result<Listed, SupportError> {
        self.list().map_err(|error| SupportError::Unavailable { what: "list of apps", source: Box::new(error) })
    }
}

impl AppDirectory for Apps {
    fn list_apps(&self) -> Result<Vec<App>, SupportError> {
        let apps = self.listed()?.into_iter().map(|(installed, manifest)| App {
            id: manifest.app_id.clone(),
            name: manifest.name.clone(),
            description: manifest.description.clone().unwrap_or_default(),
            url: self.origins.app(installed.slug.as_str()),
            identity_required: manifest.gov_access == Access::IdentityRequired,
        });
        Ok(apps.collect())
    }

    fn list_handlers(&self, item: &ImplementingCode) -> Result<Vec<AppId>, SupportError> {
        let listed = self.listed()?;
        Ok(listed
            .into_iter()
            .filter(|(_, manifest)| manifest.gov_items.contains(item))
            .map(|(installed, _)| installed.app_id.clone())
            .collect())
    }
}
