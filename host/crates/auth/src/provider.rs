//! The hub's side of the authorization: one `Provider` per process, first thing after the context that every step takes.

pub mod discovery;
mod live;
pub mod register;
pub mod reviewed;
mod reviewed_apps;
mod secret;
mod signing;
mod trail;

pub use register::{Registration, find_broken_rule, register_app, register_client, remove_client, runtime_client};
pub use reviewed::{ReviewedAct, ReviewedApp, ReviewedUse};
pub use reviewed_apps::ReviewedApps;
pub use secret::ProviderKeys;
pub(crate) use secret::{hash, new_id, new_secret};
pub(crate) use trail::Step;

use crate::keys::KeyStore;
use crate::people::People;
use std::sync::Arc;
use yizhan_domain::person::Assurance;
use yizhan_store::records::{HubStore, StoreMode};

/// Life of a pushed request until the browser brings it, ms (RFC 9126, section 2.2).
pub const PUSHED_MS: u64 = 90_000;
/// Life of a request while the person signs in and decides, ms.
pub const REQUEST_MS: u64 = 15 * 60_000;
/// Life of a code, ms (FAPI 2.0, section 5.3.2.1: at most 60 s).
pub const CODE_MS: u64 = 60_000;
/// Life of an access token, ms.
pub const ACCESS_MS: u64 = 5 * 60_000;
/// Life of an ID token, ms.
pub const ID_TOKEN_MS: u64 = 5 * 60_000;
/// Life of an envelope, ms.
pub const ENVELOPE_MS: u64 = 120_000;
/// Days that a consent lasts when no use says how long.
pub const GRANT_DAYS: u32 = 180;

/// The OpenID provider.
#[derive(Clone)]
pub struct Provider {
    /// What the hub remembers.
    pub store: Arc<dyn HubStore>,
    /// The hub's own signing keys.
    pub keys: Arc<dyn KeyStore>,
    /// Data of people.
    pub people: Arc<People>,
    /// Symmetric keys: pairwise subjects, successors of refresh tokens.
    pub secrets: Arc<ProviderKeys>,
    /// Public origin of the hub without a trailing slash, as in `https://hub.example.gov.cn`: the issuer. Every absolute
    /// address is built from it, never from a request.
    pub issuer: String,
    /// The surest that a sign-in at this hub can be: [`crate::sign_in::surest`]. A request for more ends with
    /// `assurance-too-low`, since no sign-in would help.
    pub assurance_max: Assurance,
    /// Reviewed apps that were read lately.
    pub reviewed: Arc<ReviewedApps>,
}

impl Provider {
    /// Whether personas, client secrets and loopback redirects exist here.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.store.mode() == StoreMode::Development
    }

    /// An absolute address of the hub; `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
