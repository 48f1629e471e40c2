//! Which apps are installed, as the files say it now.

use crate::{HubError, Installed, Shelf};
use std::sync::Arc;

/// The installed apps in the order of their slugs, read afresh.
pub fn list_apps(shelf: &Shelf) -> Result<Vec<Arc<Installed>>, HubError> {
    Ok(shelf.reload()?.apps())
}
