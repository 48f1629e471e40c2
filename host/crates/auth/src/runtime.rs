//! The runtime's side of the authorization: a confidential client of the hub on behalf of every app, so that tokens never
//! reach a page. The front door calls `login`, `callback` and `logout`; `check` and `flow::open` stand on the rest.

mod act;
pub mod backchannel;
pub mod callback;
pub(crate) mod confirm;
mod hub_token;
pub mod link;
mod local_link;
pub mod login;
pub mod logout;
pub(crate) mod prover;
pub mod quota;
mod sealed;
mod ticks;
pub(crate) mod tokens;

pub use act::{ACTS_PER_MINUTE, ActError};
pub use link::{HubLink, LinkError};
pub use local_link::LocalLink;
pub use prover::{Call, Caller, Prover};
pub use ticks::{SystemTicks, Ticks};

use crate::keys::{KeyStore, Sealer};
use crate::refusal::Refusal;
use confirm::Confirmations;
use quota::OpenQuota;
use std::sync::Arc;
use tokens::Refreshing;
use yizhan_domain::authorization::Tier;
use yizhan_domain::{AppId, ClientId};
use yizhan_store::records::RuntimeStore;

/// The runtime as a client of the hub. One per process.
pub struct Runtime {
    pub(crate) store: Arc<dyn RuntimeStore>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) link: Arc<dyn HubLink>,
    pub(crate) ticks: Arc<dyn Ticks>,
    pub(crate) sealer: Sealer,
    pub(crate) confirmations: Confirmations,
    pub(crate) refreshing: Refreshing,
    pub(crate) quota: OpenQuota,
    pub(crate) acts: OpenQuota,
}

impl Runtime {
    /// Wires store, keys and the way to the hub together. `sealer` seals logins and tokens at rest.
    #[must_use]
    pub fn new(
        store: Arc<dyn RuntimeStore>,
        keys: Arc<dyn KeyStore>,
        link: Arc<dyn HubLink>,
        ticks: Arc<dyn Ticks>,
        sealer: Sealer,
    ) -> Self {
        Self {
            store,
            keys,
            link,
            ticks,
            sealer,
            confirmations: Confirmations::default(),
            refreshing: Refreshing::default(),
            quota: OpenQuota::default(),
            acts: OpenQuota::default(),
        }
    }

    /// Issuer that this runtime is a client of.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.link.issuer()
    }

    /// What the runtime remembers.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn RuntimeStore> {
        &self.store
    }

    /// Private keys of the apps' clients.
    #[must_use]
    pub fn keys(&self) -> &Arc<dyn KeyStore> {
        &self.keys
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

/// The runtime's client of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppClient {
    /// The app.
    pub app: AppId,
    /// Its client at the hub: the app's id itself.
    pub id: ClientId,
    /// Security profile of its registration.
    pub tier: Tier,
}

impl AppClient {
    /// The runtime's client of an app.
    #[must_use]
    pub fn of(app: &AppId, tier: Tier) -> Self {
        Self { app: app.clone(), id: ClientId(app.as_str().to_owned()), tier }
    }
}

/// Why a sign-in, a sign-out or a logout notice was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The browser has no live transaction with this runtime: it was finished, has ended, or belongs to another browser.
    #[error("this sign-in was finished or has ended")]
    AlreadyDone,
    /// Parameters of the callback are missing, doubled, or of another transaction or issuer (RFC 9207).
    #[error("the answer of the hub does not belong to this sign-in")]
    ForeignAnswer,
    /// The ID token or logout token is not what the hub would have issued.
    #[error("the token of the hub is not valid: {0}")]
    Token(&'static str),
    /// The hub refused.
    #[error("the hub refused: {0}")]
    Hub(&'static str),
    /// Store, keys or hub cannot answer now.
    #[error("sign-in is not available now")]
    Unavailable,
}

impl LoginError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyDone => "sign-in-finished",
            Self::ForeignAnswer => "foreign-answer",
            Self::Token(_) => "wrong-token",
            Self::Hub(code) => code,
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<yizhan_store::StoreError> for LoginError {
    fn from(error: yizhan_store::StoreError) -> Self {
        tracing::error!(%error, "the store did not answer a sign-in");
        Self::Unavailable
    }
}

impl From<Refusal> for LoginError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unavailable => Self::Unavailable,
            other => Self::Hub(other.code()),
        }
    }
}

impl From<LinkError> for LoginError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Refused(code) => Self::Hub(code),
            LinkError::Unreachable => Self::Unavailable,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
