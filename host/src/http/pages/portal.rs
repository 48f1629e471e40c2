//! Home of the portal at the hub's origin: the installed apps, each a link to its own origin.

use super::Frame;
use askama::Template;
use yizhan_domain::Access;

/// The page.
#[derive(Debug, Template)]
#[template(path = "portal.html")]
pub(crate) struct PortalPage<'a> {
    /// Frame, with the settings strip.
    pub(crate) frame: Frame<'a>,
    /// Installed apps in the order shown.
    pub(crate) apps: Vec<AppCard>,
}

/// One app of the launcher.
#[derive(Debug, Clone)]
pub(crate) struct AppCard {
    /// Name.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Owner unit (主办单位).
    pub(crate) owner_unit: String,
    /// Icon on the hub's own origin (an app's origin forbids use by others), for instance `/icons/leaflet?v=1a2b3c4d`.
    pub(crate) icon: Option<String>,
    /// Address of the app, see `Preferences::launch_address`.
    pub(crate) address: String,
    /// Access type.
    pub(crate) access: Access,
}

impl AppCard {
    /// First character of the name, shown when there is no icon.
    fn initial(&self) -> String {
        self.name.chars().take(1).collect()
    }

    fn is_open(&self) -> bool {
        self.access == Access::Open
    }
}
