//! Clients of the hub, and whether each app may be used.

use super::{StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::{Custody, Suite, Tier};
use yizhan_domain::{AppId, ClientId, SecretHash, VersionDigest};

/// How a client proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuthMethod {
    /// A signed assertion (RFC 7523); the keys are in the client's JWKS.
    PrivateKeyJwt,
    /// A secret in the `Authorization` header; development registrations only. What is kept is its hash.
    ClientSecretBasic(SecretHash),
}

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRecord {
    /// Its id.
    pub id: ClientId,
    /// The app it belongs to.
    pub app: AppId,
    /// Who holds its keys.
    pub custody: Custody,
    /// Security profile.
    pub tier: Tier,
    /// Crypto suite of its envelopes.
    pub suite: Suite,
    /// How it proves who it is.
    pub auth_method: ClientAuthMethod,
    /// Public keys (RFC 7517), inline: signing keys (`use: sig`) and encryption keys (`use: enc`). Never fetched.
    pub jwks: serde_json::Value,
    /// Redirect addresses, compared as exact text.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after sign-out, compared as exact text.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the hub tells of a sign-out (OpenID Connect Back-Channel Logout 1.0).
    pub backchannel_logout_uri: Option<String>,
    /// Whether review allowed refresh tokens that outlive the person's session.
    pub offline_access: bool,
}

/// Whether an app may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppState {
    /// A version is released.
    Released,
    /// Stopped by an operator.
    Suspended,
    /// Taken off; kept so that its grants and log rows have a name.
    Withdrawn,
}

/// What the hub knows of an app for the authorization: the newest released version and its reviewed manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppStateRecord {
    /// The app.
    pub app: AppId,
    /// Whether it may be used.
    pub state: AppState,
    /// The released version.
    pub version: VersionDigest,
    /// Its manifest, as reviewed.
    pub manifest: serde_json::Value,
    /// First label of its origin.
    pub slug: String,
    /// Filing number (备案号), when there is one.
    pub filing: Option<String>,
    /// Rises with every change of state but [`ClientStore::renew_app_state`]; what was issued under a lower one is refused.
    pub generation: u64,
}

/// What may change of an app from one moment to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppStanding {
    /// Whether it may be used.
    pub state: AppState,
    /// The released version.
    pub version: VersionDigest,
    /// See [`AppStateRecord::generation`]. Version and generation together name one reviewed manifest.
    pub generation: u64,
}

/// Clients and states of apps.
pub trait ClientStore: Send + Sync {
    /// Registers a client, or replaces its registration. A secret or development custody in a production store is
    /// [`StoreError::DevelopmentOnly`](crate::StoreError::DevelopmentOnly).
    fn put_client(&self, client: ClientRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// The client with this id.
    fn find_client<'a>(&'a self, id: &'a ClientId) -> StoreFuture<'a, Option<ClientRecord>>;

    /// Every client of an app.
    fn list_clients<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Vec<ClientRecord>>;

    /// Removes a client; false when there was none.
    fn remove_client<'a>(&'a self, id: &'a ClientId, trail: Trail) -> StoreFuture<'a, bool>;

    /// Sets the state of an app. The store sets `generation` to one more than it was, 1 at first. The manifest has at most
    /// 256 KiB as JSON.
    fn put_app_state(&self, state: AppStateRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// Replaces the version of a released app under the generation that it has: what was issued goes on counting. False when
    /// the app is not released, or its generation is not `state.generation`.
    fn renew_app_state(&self, state: AppStateRecord, trail: Trail) -> StoreFuture<'_, bool>;

    /// The state of an app.
    fn find_app_state<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Option<AppStateRecord>>;

    /// The state of an app without its manifest: for checks that come with every call.
    fn find_app_standing<'a>(&'a self, app: &'a AppId) -> StoreFuture<'a, Option<AppStanding>>;

    /// Every app that was ever registered, in order of ids.
    fn list_app_states(&self) -> StoreFuture<'_, Vec<AppStateRecord>>;
}
