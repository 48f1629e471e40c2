//! The audit chain, and the access log of each person. Holds names of claims, never a value.

use super::{RecordPage, StoreFuture};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use yizhan_domain::{AppId, ClientId, GrantId, PersonId, RequestId, Timestamp, VersionDigest};

/// One thing that happened, for the audit chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When.
    pub at: Timestamp,
    /// In which request, 32 hexadecimal digits; empty for commands.
    pub request: String,
    /// Who did it: `person:ID`, `client:ID`, `operator:ID`, `command`, `system`.
    pub actor: String,
    /// What, as in `consent.given`, `grant.revoked`, `userinfo.sealed`, `sign-in.refused`.
    pub action: String,
    /// How it ended: `ok`, or the stable code of the refusal.
    pub outcome: String,
    /// Everything else by name: ids and names, never a value of a claim, a token, a code or a secret.
    pub details: BTreeMap<String, String>,
}

/// Who received claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// The app inside the sandbox.
    Sandbox,
    /// The unit's own system: use there cannot be seen here.
    Backend,
}

/// How an access ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessOutcome {
    /// Values were handed over.
    Opened,
    /// An envelope was delivered to the unit's own system.
    Delivered,
    /// Nothing was handed over; the stable code says why.
    Refused(String),
}

/// One row of a person's access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// When.
    pub at: Timestamp,
    /// In which request, 32 hexadecimal digits.
    pub request: String,
    /// Whose data.
    pub person: PersonId,
    /// Name of the owner unit.
    pub unit: String,
    /// The app.
    pub app: AppId,
    /// Its name.
    pub app_name: String,
    /// Its version, when a version asked.
    pub version: Option<VersionDigest>,
    /// The client.
    pub client: ClientId,
    /// The grant it stands on.
    pub grant: Option<GrantId>,
    /// Sandbox or back end.
    pub recipient: Recipient,
    /// For what.
    pub purpose: String,
    /// Names of the claims, in the order asked.
    pub claims: Vec<String>,
    /// How it ended.
    pub outcome: AccessOutcome,
    /// Not shown to the person before this moment, and the reason; none shows it at once.
    pub hidden_until: Option<(Timestamp, String)>,
}

/// What becomes durable together with a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trail {
    /// Records of the audit chain.
    pub audit: Vec<AuditRecord>,
    /// Rows of access logs.
    pub access: Vec<AccessRecord>,
}

impl Trail {
    /// One audit record.
    #[must_use]
    pub fn of(record: AuditRecord) -> Self {
        Self { audit: vec![record], access: Vec::new() }
    }
}

impl AuditRecord {
    /// A record with the request's id and moment.
    #[must_use]
    pub fn new(request: RequestId, at: Timestamp, actor: impl Into<String>, action: &str, outcome: &str) -> Self {
        Self {
            at,
            request: request.to_string(),
            actor: actor.into(),
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            details: BTreeMap::new(),
        }
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Newest link of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the newest entry; 0 when there is none.
    pub sequence: u64,
    /// Hash over it and everything before, SHA-256.
    pub hash: [u8; 32],
}

/// Audit chain and access logs.
pub trait AuditStore: Send + Sync {
    /// Makes records durable that belong to no other step.
    fn append(&self, trail: Trail) -> StoreFuture<'_, ()>;

    /// Audit records, newest first, at most `limit` (1 to 100).
    fn list_audit<'a>(&'a self, cursor: Option<&'a str>, limit: usize) -> StoreFuture<'a, RecordPage<AuditRecord>>;

    /// Rows of a person's access log, newest first, at most `limit` (1 to 100); none that is hidden at `now`.
    fn list_access<'a>(
        &'a self,
        person: &'a PersonId,
        now: Timestamp,
        cursor: Option<&'a str>,
        limit: usize,
    ) -> StoreFuture<'a, RecordPage<AccessRecord>>;

    /// Newest link of the chain.
    fn head(&self) -> StoreFuture<'_, AuditHead>;
}
