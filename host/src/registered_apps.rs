//! Keeps what the hub of this process knows of apps as the shelf has it; a runtime alone writes its public keys for its hub.
//! Called at start and when the shelf changes.

use crate::app::{App, new_context};
use crate::runtime_keys::{self, RuntimeKeys};
use crate::runtime_side;
use crate::serve_options::ServeRole;
use std::sync::Arc;
use yizhan_domain::{Access, AppId};

/// Writes the public keys of every app that needs identity; what has none yet gets some.
fn write_keys(app: &App) -> anyhow::Result<()> {
    let Some(data) = app.shelf.data_directory() else { return Ok(()) };
    let context = new_context(&*app.clock)?;
    let mut keys = RuntimeKeys::new();
    for (_, manifest) in app.apps.list()? {
        if manifest.gov_access == Access::IdentityRequired {
            keys.insert(manifest.app_id.clone(), runtime_side::own_keys(&context, app, &manifest.app_id)?);
        }
    }
    runtime_keys::write(&data.join(runtime_keys::FILE), &keys)
}

/// Registers what was installed, and takes off what was removed: tokens of removed apps and of versions before count no more.
pub(crate) async fn follow(app: Arc<App>) {
    let listed = Arc::clone(&app);
    let apps = match tokio::task::spawn_blocking(move || listed.apps.list()).await {
        Ok(Ok(apps)) => apps,
        Ok(Err(error)) => return tracing::error!(%error, "the list of apps cannot be read"),
        Err(error) => return tracing::error!(%error, "the list of apps cannot be read"),
    };
    for (installed, manifest) in &apps {
        // Making a site ready registers it; what fails is logged there, and tried again by the next request.
        if manifest.gov_access == Access::IdentityRequired {
            let _ready = app.sites.get(&app, installed).await;
        }
    }
    if app.role == ServeRole::Runtime
        && let Err(error) = write_keys(&app)
    {
        tracing::error!(error = format!("{error:#}"), "the public keys for the hub cannot be written");
    }
    withdraw_missing(app).await;
}

/// Takes apps off that are not on the shelf any more.
async fn withdraw_missing(app: Arc<App>) {
    let Some(hub) = &app.hub_side else { return };
    let installed: Vec<AppId> = app.shelf.snapshot().apps().iter().map(|installed| installed.app_id.clone()).collect();
    let context = match new_context(&*app.clock) {
        Ok(context) => context,
        Err(error) => return tracing::error!(%error, "apps cannot be taken off"),
    };
    if let Err(error) = hub.withdraw_others(&context, &installed).await {
        tracing::error!(%error, "apps cannot be taken off");
    }
}
