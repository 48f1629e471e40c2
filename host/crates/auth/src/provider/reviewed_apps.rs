//! Reviewed apps that were read lately. Every gated call needs one; to read its manifest again would cost more than all other
//! checks together.

use super::ReviewedApp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::AppId;
use yizhan_store::records::AppStanding;

/// Apps that are kept at most; then all are read afresh.
const KEPT_MAX: usize = 4096;

/// The reviewed app of each id, as it was last read. Never says whether an app may be used: that is the standing's word.
#[derive(Debug, Default)]
pub struct ReviewedApps(Mutex<HashMap<AppId, Arc<ReviewedApp>>>);

impl ReviewedApps {
    /// The app under this very version and generation, if it was read.
    pub(crate) fn find(&self, app: &AppId, standing: &AppStanding) -> Option<Arc<ReviewedApp>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same =
            |kept: &&Arc<ReviewedApp>| kept.generation == standing.generation && kept.version == standing.version;
        kept.get(app).filter(same).map(Arc::clone)
    }

    /// Keeps what was read.
    pub(crate) fn keep(&self, app: &Arc<ReviewedApp>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(app.app.clone(), Arc::clone(app));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::reviewed::ReviewedApp;
    use yizhan_domain::VersionDigest;
    use yizhan_store::records::{AppState, AppStateRecord};

    fn read(version: u8, generation: u64) -> Arc<ReviewedApp> {
        let manifest = include_str!("../../../../../examples/social-security/manifest.json");
        let state = AppStateRecord {
            app: AppId::new("cn.gov.example.social-security").expect("id"),
            state: AppState::Released,
            version: VersionDigest([version; 32]),
            manifest: serde_json::from_str(manifest).expect("JSON"),
            slug: "social-security".into(),
            filing: None,
            generation,
        };
        Arc::new(ReviewedApp::read(&state).expect("reviewed"))
    }

    #[test]
    fn another_version_or_generation_is_read_afresh() {
        let (apps, app) = (ReviewedApps::default(), read(1, 1));
        apps.keep(&app);
        let standing = |version: u8, generation| AppStanding {
            state: AppState::Released,
            version: VersionDigest([version; 32]),
            generation,
        };
        assert!(apps.find(&app.app, &standing(1, 1)).is_some());
        assert!(apps.find(&app.app, &standing(2, 1)).is_none(), "a version that asks for no more keeps the generation");
        assert!(apps.find(&app.app, &standing(1, 2)).is_none());
        apps.keep(&read(2, 1));
        assert!(apps.find(&app.app, &standing(1, 1)).is_none(), "only the newest is kept");
    }
}
