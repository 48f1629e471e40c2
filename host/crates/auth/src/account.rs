//! What people see and end of their own: consents, access log, standing of the account. Called by the account pages and
//! their JSON twins; every function answers for the person of the session alone.

mod access;
mod consents;

/// What the account's functions take and answer: records of the store, which their callers never reach themselves.
pub mod records {
    pub use yizhan_store::records::{AccessOutcome, AccessRecord, PAGE_MAX, Recipient, SessionRecord};
}

pub use access::{find_access, list_access};
pub use consents::{ConsentStanding, ConsentView, count_live, find_consent, list_consents, withdraw};

use crate::provider::Provider;
use crate::refusal::Refusal;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{AppId, PersonId, Timestamp};
use yizhan_store::StoreError;
use yizhan_store::records::AppStateRecord;

/// Entries of one page of an account list.
pub const PAGE: usize = 20;

/// Why the account could not answer.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The cursor is not one that this list gave.
    #[error("the cursor is not one of this list")]
    Cursor,
    /// A step of the authorization refused.
    #[error("the authorization refused")]
    Refused(#[from] Refusal),
    /// The store did not answer.
    #[error("the store does not answer")]
    Store(#[source] StoreError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cursor { .. } => Self::Cursor,
            error => Self::Store(error),
        }
    }
}

/// How a person can sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// A password is set.
    pub password: bool,
    /// A second factor is enrolled.
    pub second_factor: bool,
    /// When operators reset the one there was; until another one is enrolled.
    pub factor_reset: Option<Timestamp>,
}

/// How the person can sign in.
///
/// # Errors
/// The store's.
pub async fn ways(provider: &Provider, person: &PersonId) -> Result<Ways, AccountError> {
    let found = provider.store.find_credentials(person).await?;
    Ok(found.map_or_else(Ways::default, |found| Ways {
        password: found.password.is_some(),
        second_factor: found.totp.is_some(),
        factor_reset: found.reset,
    }))
}

/// What the hub knows of an app for its pages: its name and the first label of its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppName {
    /// Name; the app's id once nothing else is known.
    pub name: String,
    /// First label of its origin; none when nothing is known.
    pub slug: Option<String>,
    /// Whether its manifest has an icon.
    pub has_icon: bool,
}

/// Name and origin of an app, released or not.
///
/// # Errors
/// The store's.
pub async fn app_name(provider: &Provider, app: &AppId) -> Result<AppName, AccountError> {
    let state = provider.store.find_app_state(app).await?;
    let name = state.as_ref().and_then(name_of).unwrap_or(app.as_str()).to_owned();
    let icons = state.as_ref().and_then(|state| state.manifest.get("icons")?.as_array());
    let has_icon = icons.is_some_and(|icons| !icons.is_empty());
    Ok(AppName { name, has_icon, slug: state.map(|state| state.slug) })
}

/// Whether the owner unit has other apps: they see the same subject, which the consent page says.
///
/// # Errors
/// The store's.
pub async fn has_siblings(provider: &Provider, owner: &CreditCode, app: &AppId) -> Result<bool, AccountError> {
    let states = provider.store.list_app_states().await?;
    Ok(states.iter().any(|state| state.app != *app && owner_of(state) == Some(owner.as_str())))
}

fn name_of(state: &AppStateRecord) -> Option<&str> {
    state.manifest.get("name")?.as_str()
}

fn owner_of(state: &AppStateRecord) -> Option<&str> {
    state.manifest.get("gov_owner")?.get("uscc")?.as_str()
}
