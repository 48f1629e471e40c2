//! An installed version made ready to serve: its files, headers, policy and sandbox version. Kept while it is installed.

mod apps;
mod ready;

pub(crate) use apps::Apps;
pub(crate) use ready::Site;

use crate::app::App;
use crate::http::problem::Problem;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::OnceCell;
use yizhan_domain::VersionDigest;
use yizhan_hub::{Installed, Snapshot};

/// Sites kept ready; beyond this the others are made again when asked for.
const SITES_MAX: usize = 1_024;

type Cell = Arc<OnceCell<Arc<Site>>>;

/// The sites of this process, by version.
#[derive(Default)]
pub(crate) struct Sites {
    cells: RwLock<HashMap<VersionDigest, Cell>>,
}

impl Sites {
    /// The site of an installed version; made on first use, away from the serving threads, once for all who wait.
    pub(crate) async fn get(&self, app: &Arc<App>, installed: &Arc<Installed>) -> Result<Arc<Site>, Problem> {
        if let Some(site) = self.find(&installed.digest) {
            return Ok(site);
        }
        let cell = self.cell(installed.digest);
        let made = cell.get_or_try_init(|| async {
            let (app_in, installed_in) = (Arc::clone(app), Arc::clone(installed));
            // On the hub's runtime: the work goes on when the client that asked first goes away.
            let made = app.hub.spawn_blocking(move || Site::new(&app_in, &installed_in)).await;
            made.unwrap_or_else(|error| Err(anyhow::anyhow!("the loader stopped: {error}")))
        });
        made.await.cloned().map_err(|error| {
            tracing::error!(app = %installed.app_id, version = %installed.digest, error = format!("{error:#}"), "cannot load");
            Problem::Unavailable
        })
    }

    fn find(&self, digest: &VersionDigest) -> Option<Arc<Site>> {
        self.cells.read().unwrap_or_else(PoisonError::into_inner).get(digest)?.get().cloned()
    }

    fn cell(&self, digest: VersionDigest) -> Cell {
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        if cells.len() >= SITES_MAX
            && let Some(other) = cells.keys().find(|other| **other != digest).copied()
        {
            cells.remove(&other);
        }
        Arc::clone(cells.entry(digest).or_default())
    }

    /// Forgets versions that are no longer installed; requests that run keep theirs.
    pub(crate) fn retain(&self, app: &App, snapshot: &Snapshot) {
        let installed: Vec<VersionDigest> = snapshot.apps().iter().map(|installed| installed.digest).collect();
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        cells.retain(|digest, _| {
            let kept = installed.contains(digest);
            if !kept {
                app.sandbox.forget(digest);
            }
            kept
        });
    }
}
