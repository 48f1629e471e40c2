//! Takes an app off the shelf. Called by `yizhan remove`.

use crate::{
    HubError, Installed, Shelf,
    shelf::{AppsFile, sweep},
};
use std::sync::Arc;
use yizhan_domain::Context;

/// Removes the app with this slug or identifier: first from the shelf, then its bytes. Answers what was removed.
pub fn remove_app(_context: &Context, shelf: &Shelf, name: &str) -> Result<Arc<Installed>, HubError> {
    let directory = shelf.directory()?;
    let _lock = directory.lock()?;
    let before = shelf.reload()?;
    let app = before
        .find(name)
        .or_else(|| before.find_app(name))
        .ok_or_else(|| HubError::NotInstalled { name: name.to_owned() })?;
    let mut file = directory.read_apps()?;
    file.apps.remove(&app.slug);
    directory.write_apps(&file)?;
    sweep_packages(shelf, &file)?;
    shelf.reload()?;
    Ok(Arc::clone(app))
}

/// Removes package files that no installed app uses, and what a crash left. Called under the lock.
pub(crate) fn sweep_packages(shelf: &Shelf, file: &AppsFile) -> Result<(), HubError> {
    let wanted = |name: &str| file.apps.values().any(|record| record.file == name);
    sweep(&shelf.directory()?.packages(), wanted)
}
