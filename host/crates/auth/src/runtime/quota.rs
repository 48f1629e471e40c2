//! How often one person's claims may be opened by one app: 60 times in a minute. Kept in memory, per process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use yizhan_domain::AppId;

/// Openings of one person's claims by one app in one minute.
pub const OPENS_PER_MINUTE: u64 = 60;
const WINDOW_MS: u64 = 60_000;
/// Pairs of app and person that are counted at most; beyond them, openings are refused until a minute has passed.
const COUNTED_MAX: usize = 100_000;

/// The counts.
#[derive(Default)]
pub(crate) struct OpenQuota(Mutex<HashMap<(AppId, String), Window>>);

struct Window {
    began_ms: u64,
    count: u64,
}

impl OpenQuota {
    /// Counts one opening; false when the minute's are used up.
    pub(crate) fn take(&self, app: &AppId, subject: &str, now_ms: u64) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app.clone(), subject.to_owned());
        if all.len() >= COUNTED_MAX && !all.contains_key(&key) {
            all.retain(|_, window| now_ms.saturating_sub(window.began_ms) < WINDOW_MS);
            if all.len() >= COUNTED_MAX {
                return false;
            }
        }
        let window = all.entry(key).or_insert(Window { began_ms: now_ms, count: 0 });
        if now_ms.saturating_sub(window.began_ms) >= WINDOW_MS {
            *window = Window { began_ms: now_ms, count: 0 };
        }
        window.count += 1;
        window.count <= OPENS_PER_MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixty_first_opening_of_a_minute_is_refused_and_of_another_person_it_is_not() {
        let quota = OpenQuota::default();
        let app = AppId::new("cn.gov.app").expect("id");
        assert!((0..OPENS_PER_MINUTE).all(|at| quota.take(&app, "one", at)));
        assert!(!quota.take(&app, "one", WINDOW_MS - 1));
        assert!(quota.take(&app, "two", WINDOW_MS - 1));
        assert!(quota.take(&app, "one", WINDOW_MS), "a minute later");
    }
}
