//! Home of the portal at the hub's origin: the installed apps, each a link to its own origin.

use super::{Frame, PlaceRow, ServiceRow};
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
    /// Search, services and halls; none where this process has no catalog.
    pub(crate) citizen: Option<Citizen>,
}

/// What the home has for a citizen beside the apps.
#[derive(Debug, Clone)]
pub(crate) struct Citizen {
    /// The visitor's region in words.
    pub(crate) region: String,
    /// Where it is chosen.
    pub(crate) choose: String,
    /// Services of the region.
    pub(crate) services: Vec<ServiceRow>,
    /// Halls of the region.
    pub(crate) places: Vec<PlaceRow>,
}

/// What people look for, as they say it; each is a search.
const TOPICS: [(&str, &str); 8] = [
    ("社保", "Social insurance"),
    ("医保", "Medical insurance"),
    ("公积金", "Housing fund"),
    ("身份证", "Identity card"),
    ("婚姻", "Marriage"),
    ("出生", "Birth"),
    ("驾驶证", "Driving licence"),
    ("营业执照", "Business licence"),
];

impl PortalPage<'_> {
    fn topics(&self) -> [(&'static str, &'static str); 8] {
        TOPICS.map(|(chinese, english)| (chinese, self.frame.locale.pick(chinese, english)))
    }
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
