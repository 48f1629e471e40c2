//! Requests, consents, grants, codes and tokens: what steps 1 and 2 leave behind.

use super::{RecordPage, StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::{Capacity, GrantedUse};
use yizhan_domain::{AppId, ClientId, ConsentId, GrantId, PersonId, SecretHash, SessionId, Timestamp, VersionDigest};

/// A validated authorization request that waits for the person (pushed by RFC 9126, or taken from the query).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Hash of its handle.
    pub hash: SecretHash,
    /// Who asks.
    pub client: ClientId,
    /// Its parameters, validated.
    pub parameters: serde_json::Value,
    /// When it ends.
    pub expires: Timestamp,
}

/// A consent record after ISO/IEC TS 27560: what was shown and what was agreed to. Never changed, only withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRecord {
    /// Its id.
    pub id: ConsentId,
    /// Who agreed.
    pub person: PersonId,
    /// For whom, when an agent acted.
    pub acting_for: Option<Capacity>,
    /// The app.
    pub app: AppId,
    /// The client.
    pub client: ClientId,
    /// The version whose manifest was shown.
    pub version: VersionDigest,
    /// Name of the owner unit, as shown.
    pub unit: String,
    /// What was agreed to.
    pub uses: Vec<GrantedUse>,
    /// Optional uses that were refused.
    pub refused: Vec<GrantedUse>,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// Language of the page.
    pub locale: String,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
    /// The receipt: a signed JWT of the record that the person can keep.
    pub receipt: String,
}

/// What a person lets a client have. One live grant per person, capacity and client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRecord {
    /// Its id.
    pub id: GrantId,
    /// Who granted.
    pub person: PersonId,
    /// For whom, when an agent acted.
    pub acting_for: Option<Capacity>,
    /// The app.
    pub app: AppId,
    /// The client.
    pub client: ClientId,
    /// What may be had.
    pub uses: Vec<GrantedUse>,
    /// The consent it stands on.
    pub consent: ConsentId,
    /// When it began.
    pub at: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When and why it was ended before.
    pub revoked: Option<(Timestamp, String)>,
}

/// A one-time authorization code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// Hash of the code.
    pub hash: SecretHash,
    /// Whose it is.
    pub client: ClientId,
    /// The grant.
    pub grant: GrantId,
    /// Redirect address of the request.
    pub redirect_uri: String,
    /// PKCE challenge, S256.
    pub challenge: String,
    /// `nonce` of the request.
    pub nonce: Option<String>,
    /// Scopes of the request.
    pub scopes: Vec<String>,
    /// Thumbprint of the DPoP key that the request named.
    pub dpop_jkt: Option<String>,
    /// The person's session.
    pub session: SessionId,
    /// When it ends; at most 60 s after it was made.
    pub expires: Timestamp,
}

/// Access or refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// Opens userinfo; 5 minutes.
    Access,
    /// Gets a new access token.
    Refresh,
}

/// A token; only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Hash of the token.
    pub hash: SecretHash,
    /// Access or refresh.
    pub kind: TokenKind,
    /// Whose it is.
    pub client: ClientId,
    /// The grant.
    pub grant: GrantId,
    /// The code from which it, or its ancestors, came: a replay of the code ends the whole family.
    pub family: SecretHash,
    /// The person's session; a token that is bound to it ends with it. None for reviewed offline access.
    pub session: Option<SessionId>,
    /// Generation of the app's state when it was issued.
    pub generation: u64,
    /// Scopes.
    pub scopes: Vec<String>,
    /// Thumbprint of the DPoP key that it is bound to (RFC 9449).
    pub dpop_jkt: Option<String>,
    /// When it was issued.
    pub at: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// Answer of [`GrantStore::exchange_code`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// This call was the first: the tokens are issued.
    Exchanged,
    /// It was exchanged before: every token of its family has been ended.
    Replayed,
    /// There is no such code, or it has expired.
    Missing,
}

/// Answer of [`GrantStore::rotate_refresh`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The old refresh token is used up, the new tokens are issued.
    Rotated,
    /// It was used before, by another call: every token of its family has been ended.
    Replayed,
    /// There is no such token, or it has expired or was revoked.
    Missing,
}

/// Requests, consents, grants, codes and tokens.
pub trait GrantStore: Send + Sync {
    /// Keeps a request.
    fn put_request(&self, request: RequestRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// A request that has not ended and was not taken.
    fn find_request<'a>(&'a self, hash: &'a SecretHash, now: Timestamp) -> StoreFuture<'a, Option<RequestRecord>>;

    /// Takes a request: of two callers one gets it.
    fn take_request<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, Option<RequestRecord>>;

    /// Keeps a consent with its grant and code, and takes the request; false (and nothing kept) when the request was taken
    /// or has ended. A live grant of the same person, capacity and client is replaced: its id ends as `replaced`, its tokens
    /// with it, its consent is withdrawn. The moment is `consent.at`; the code stands for this grant. False too when the
    /// person was erased, or when the id of the consent, the grant or the code is in use.
    #[expect(clippy::too_many_arguments, reason = "one atomic step: what it keeps is named, not bundled")]
    fn give_consent(
        &self,
        request: SecretHash,
        consent: ConsentRecord,
        grant: GrantRecord,
        code: CodeRecord,
        trail: Trail,
    ) -> StoreFuture<'_, bool>;

    /// Keeps a code for a live grant that already covers the request, and takes the request; false (and nothing kept) when
    /// either is gone.
    fn issue_code(&self, request: SecretHash, code: CodeRecord, now: Timestamp, trail: Trail) -> StoreFuture<'_, bool>;

    /// A code, used or not, until the store forgets it; the caller checks its end.
    fn find_code<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<CodeRecord>>;

    /// Uses a code up and issues the tokens: of two callers one is `Exchanged`. The tokens get the code's family, grant and
    /// client, and end with the grant at the latest. A replay is known as long as one of the tokens may live, also after the code's own end.
    fn exchange_code<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        tokens: Vec<TokenRecord>,
        trails: Trails,
    ) -> StoreFuture<'a, Exchange>;

    /// Uses a refresh token up and issues new ones, which get its family, grant and client. Of two callers one is `Rotated`.
    fn rotate_refresh<'a>(
        &'a self,
        hash: &'a SecretHash,
        now: Timestamp,
        tokens: Vec<TokenRecord>,
        trails: Trails,
    ) -> StoreFuture<'a, Rotation>;

    /// Issues a token for a live grant without using anything up (refresh tokens of the high tier are not rotated). False
    /// when the grant is not live at `token.at` or another client's, or the family was ended.
    fn issue_token(&self, token: TokenRecord, trail: Trail) -> StoreFuture<'_, bool>;

    /// A token whose family has not been ended and whose grant was not revoked. The caller checks expiry, the grant's end,
    /// session and app. A refresh token that was rotated is still found, so that [`Self::rotate_refresh`] can tell its replay.
    fn find_token<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<TokenRecord>>;

    /// A token whatever became of it, until the store forgets it after its end. It proves nothing: it tells whose access log a
    /// refusal belongs to.
    fn find_ended_token<'a>(&'a self, hash: &'a SecretHash) -> StoreFuture<'a, Option<TokenRecord>>;

    /// Ends one token; a refresh token ends its family. False when there was none.
    fn revoke_token<'a>(&'a self, hash: &'a SecretHash, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool>;

    /// Ends a grant, withdraws its consent; its tokens and codes count no more. False when it had ended.
    fn revoke_grant<'a>(
        &'a self,
        id: &'a GrantId,
        reason: &'a str,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool>;

    /// A grant, live or ended.
    fn find_grant<'a>(&'a self, id: &'a GrantId) -> StoreFuture<'a, Option<GrantRecord>>;

    /// The live grant of a person, in this capacity, to a client.
    fn find_live_grant<'a>(
        &'a self,
        person: &'a PersonId,
        acting_for: Option<&'a Capacity>,
        client: &'a ClientId,
        now: Timestamp,
    ) -> StoreFuture<'a, Option<GrantRecord>>;

    /// Grants of a person, live and ended, newest first.
    fn list_grants<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<GrantRecord>>;

    /// A consent record.
    fn find_consent<'a>(&'a self, id: &'a ConsentId) -> StoreFuture<'a, Option<ConsentRecord>>;

    /// Consent records of a person, newest first.
    fn list_consents<'a>(
        &'a self,
        person: &'a PersonId,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<ConsentRecord>>;
}

/// Trails of a step that can end in two ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trails {
    /// When this call was the first.
    pub done: Trail,
    /// When it was a replay.
    pub replayed: Trail,
}
