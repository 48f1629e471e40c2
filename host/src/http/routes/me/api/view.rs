//! What the JSON twins of the account pages answer with; `http/openapi.rs` takes their schemas.

use crate::http::pages::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;
use yizhan_auth::account::records::{AccessOutcome, AccessRecord, Recipient};
use yizhan_auth::account::{ConsentStanding, ConsentView};
use yizhan_domain::authorization::GrantedUse;

/// Columns of the access log, in every form of it.
pub(in super::super) const COLUMNS: [&str; 11] =
    ["at", "unit", "app", "app_name", "version", "recipient", "purpose", "claims", "outcome", "reason", "request"];

/// The session of this browser.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Me {
    /// Public name of the session.
    pub(super) session: String,
    /// How sure the hub is of the person, as in `acr`.
    pub(super) acr: &'static str,
    /// Unified social credit code of the legal person acted for.
    pub(super) acting_for: Option<String>,
    /// When the session ends, RFC 3339.
    pub(super) ends: String,
    /// Form token of the session: the value of `x-yizhan-csrf`.
    pub(super) csrf: String,
}

/// One claim for one purpose.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Use {
    /// The claim.
    pub(super) claim: String,
    /// The purpose.
    pub(super) purpose: String,
    /// Days that the recipient may keep it; 0 is for the request only.
    pub(super) retention_days: u32,
}

/// A consent.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Consent {
    /// Its id.
    pub(super) id: String,
    /// The app.
    pub(super) app: String,
    /// Its name.
    pub(super) app_name: String,
    /// Owner unit, as it was shown.
    pub(super) unit: String,
    /// Digest of the version that was shown.
    pub(super) version: String,
    /// `sandbox`, or `backend` for the unit's own system.
    pub(super) recipient: &'static str,
    /// `live`, `replaced`, `withdrawn` or `ended`.
    pub(super) standing: &'static str,
    /// Unified social credit code of the legal person acted for.
    pub(super) acting_for: Option<String>,
    /// When it was given, RFC 3339.
    pub(super) given: String,
    /// When it ends by itself, RFC 3339.
    pub(super) ends: String,
    /// When it was taken back or replaced, RFC 3339.
    pub(super) withdrawn: Option<String>,
    /// What was agreed to.
    pub(super) uses: Vec<Use>,
    /// Optional uses that were refused.
    pub(super) refused: Vec<Use>,
    /// What the app may do for the person, as in `appointment:book`.
    pub(super) acts: Vec<String>,
}

/// One page of consents, newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Consents {
    /// The consents.
    pub(super) entries: Vec<Consent>,
    /// Cursor of the next page.
    pub(super) next: Option<String>,
}

/// One row of the access log.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Access {
    /// When, RFC 3339.
    pub(super) at: String,
    /// Owner unit.
    pub(super) unit: String,
    /// The app.
    pub(super) app: String,
    /// Its name.
    pub(super) app_name: String,
    /// Digest of its version, when a version asked.
    pub(super) version: Option<String>,
    /// `sandbox`, or `backend`: use there cannot be seen here.
    pub(super) recipient: &'static str,
    /// For what.
    pub(super) purpose: String,
    /// Names of the claims, separated by spaces.
    pub(super) claims: String,
    /// `opened`, `delivered` or `refused`.
    pub(super) outcome: &'static str,
    /// Stable code of the refusal.
    pub(super) reason: Option<String>,
    /// Request id.
    pub(super) request: String,
}

/// One page of the access log, newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AccessPage {
    /// The rows.
    pub(in super::super) entries: Vec<Access>,
    /// Cursor of the next page.
    pub(in super::super) next: Option<String>,
}

/// A browser that is signed in.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OneSession {
    /// Its public name.
    pub(super) id: String,
    /// When the person signed in, RFC 3339.
    pub(super) since: String,
    /// When it ends, RFC 3339.
    pub(super) ends: String,
    /// Methods of authentication (RFC 8176).
    pub(super) amr: Vec<String>,
    /// Whether it is this browser.
    pub(super) is_current: bool,
}

impl Use {
    pub(super) fn list(uses: &[GrantedUse]) -> Vec<Self> {
        let one = |one: &GrantedUse| Self {
            claim: one.claim.to_string(),
            purpose: one.purpose.clone(),
            retention_days: one.retention_days,
        };
        uses.iter().map(one).collect()
    }
}

impl Consent {
    /// A consent as it stands.
    pub(super) fn of(view: &ConsentView) -> Self {
        let record = &view.record;
        let in_sandbox = record.client.as_str() == record.app.as_str();
        Self {
            id: record.id.to_string(),
            app: record.app.to_string(),
            app_name: view.app_name.clone(),
            unit: record.unit.clone(),
            version: record.version.to_string(),
            recipient: recipient(if in_sandbox { Recipient::Sandbox } else { Recipient::Backend }),
            standing: match view.standing {
                ConsentStanding::Live => "live",
                ConsentStanding::Replaced => "replaced",
                ConsentStanding::Withdrawn => "withdrawn",
                ConsentStanding::Ended => "ended",
            },
            acting_for: record.acting_for.as_ref().map(|capacity| capacity.uscc.to_string()),
            given: rfc3339(record.at),
            ends: rfc3339(record.expires),
            withdrawn: record.withdrawn.map(rfc3339),
            uses: Use::list(&record.uses),
            refused: Use::list(&record.refused),
            acts: view.acts().iter().map(ToString::to_string).collect(),
        }
    }
}

fn recipient(recipient: Recipient) -> &'static str {
    match recipient {
        Recipient::Sandbox => "sandbox",
        Recipient::Backend => "backend",
    }
}

impl Access {
    /// A row of the log.
    pub(in super::super) fn of(row: &AccessRecord) -> Self {
        let (outcome, reason) = match &row.outcome {
            AccessOutcome::Opened => ("opened", None),
            AccessOutcome::Delivered => ("delivered", None),
            AccessOutcome::Refused(code) => ("refused", Some(code.clone())),
        };
        Self {
            at: rfc3339(row.at),
            unit: row.unit.clone(),
            app: row.app.to_string(),
            app_name: row.app_name.clone(),
            version: row.version.as_ref().map(ToString::to_string),
            recipient: recipient(row.recipient),
            purpose: row.purpose.clone(),
            claims: row.claims.join(" "),
            outcome,
            reason,
            request: row.request.clone(),
        }
    }

    /// The row in the order of [`COLUMNS`].
    pub(in super::super) fn cells(&self) -> [&str; 11] {
        let version = self.version.as_deref().unwrap_or_default();
        [
            &self.at,
            &self.unit,
            &self.app,
            &self.app_name,
            version,
            self.recipient,
            &self.purpose,
            &self.claims,
            self.outcome,
            self.reason.as_deref().unwrap_or_default(),
            &self.request,
        ]
    }
}
