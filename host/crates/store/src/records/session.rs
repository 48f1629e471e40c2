//! Sessions: of browsers at the hub, and of people with one app at the runtime.

use super::{StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::{Capacity, GrantedUse};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{AppId, GrantId, PersonId, SecretHash, SessionId, Timestamp};

/// A browser signed in at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Hash of the cookie's token.
    pub hash: SecretHash,
    /// Its public name, in ID tokens.
    pub id: SessionId,
    /// Who is signed in.
    pub person: PersonId,
    /// For whom the person acts.
    pub acting_for: Option<Capacity>,
    /// How sure this sign-in was.
    pub assurance: Assurance,
    /// Methods of authentication (RFC 8176): `pwd`, `otp`, `sms`, `hwk`, or `persona`.
    pub amr: Vec<String>,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// When a second factor was last proved.
    pub second_factor: Option<Timestamp>,
    /// When it ends.
    pub expires: Timestamp,
}

/// Sessions of browsers at the hub.
pub trait SessionStore: Send + Sync {
    /// Keeps a new session; for an erased person nothing is kept.
    fn create_session(&self, session: SessionRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// The live session with this hash.
    fn find_session<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<SessionRecord>>;

    /// The live session with this public name.
    fn find_session_by_id<'a>(&'a self, id: &'a SessionId, now: Timestamp) -> StoreFuture<'a, Option<SessionRecord>>;

    /// Replaces a live session under a new hash (after a sign-in with more assurance); false when the old one has ended.
    fn replace_session<'a>(
        &'a self,
        old: &'a SecretHash,
        new: SessionRecord,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool>;

    /// Ends a session; false when there was none.
    fn end_session<'a>(&'a self, id: &'a SessionId, trail: Trail) -> StoreFuture<'a, bool>;

    /// Live sessions of a person.
    fn list_sessions<'a>(&'a self, person: &'a PersonId, now: Timestamp) -> StoreFuture<'a, Vec<SessionRecord>>;
}

/// A login that is under way at the runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRecord {
    /// Hash of the transaction cookie.
    pub hash: SecretHash,
    /// The app.
    pub app: AppId,
    /// State, nonce, PKCE verifier, issuer and return path; sealed by the runtime's key; base64.
    pub sealed: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A person signed in to one app at the runtime. Holds no datum of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSessionRecord {
    /// Hash of the cookie's token.
    pub hash: SecretHash,
    /// The app; a session counts nowhere else.
    pub app: AppId,
    /// The hub's session.
    pub session: SessionId,
    /// Pairwise subject.
    pub subject: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// How sure the hub is.
    pub assurance: Assurance,
    /// The grant; none after a refusal.
    pub grant: Option<GrantId>,
    /// What was granted.
    pub uses: Vec<GrantedUse>,
    /// When the grant ends.
    pub grant_expires: Timestamp,
    /// Access and refresh token, sealed by the runtime's key; base64.
    pub sealed_tokens: String,
    /// When the session ends.
    pub expires: Timestamp,
}

/// Sessions of people with apps.
pub trait AppSessionStore: Send + Sync {
    /// Keeps a login that begins.
    fn put_login(&self, login: LoginRecord) -> StoreFuture<'_, ()>;

    /// Takes a login: of two callers one gets it.
    fn take_login<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<LoginRecord>>;

    /// Keeps a new session.
    fn create_app_session(&self, session: AppSessionRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// The live session with this hash.
    fn find_app_session<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<AppSessionRecord>>;

    /// Replaces a live session under its hash (new tokens, changed grant); false when it has ended.
    fn replace_app_session(&self, session: AppSessionRecord, now: Timestamp) -> StoreFuture<'_, bool>;

    /// Ends a session; false when there was none.
    fn end_app_session<'a>(&'a self, hash: &'a SecretHash, trail: Trail) -> StoreFuture<'a, bool>;

    /// Ends every session of an app that came from this session of the hub (back-channel logout); how many.
    fn end_app_sessions_of<'a>(
        &'a self,
        app: &'a AppId,
        session: &'a SessionId,
        trail: Trail,
    ) -> StoreFuture<'a, usize>;
}
