//! What the audit says of an opening: names of claims, never a value.

use super::CLAIMS_MAX;
use crate::AuthError;
use crate::permit::InvokePermit;
use crate::runtime::Runtime;
use yizhan_domain::Context;
use yizhan_store::records::{AuditRecord, Trail};

/// One call of a guest.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) context: &'a Context,
    pub(super) permit: &'a InvokePermit,
    pub(super) purpose: &'a str,
    pub(super) names: &'a [String],
}

impl Asking<'_> {
    /// The record of this opening.
    pub(super) fn record(&self, outcome: &str) -> AuditRecord {
        let policy = &self.permit.policy;
        let purpose: String = self.purpose.chars().take(64).collect();
        let record = AuditRecord::new(
            self.context.id,
            self.context.now,
            format!("client:{}", policy.app),
            "userinfo.opened",
            outcome,
        )
        .with("app", &policy.app)
        .with("version", policy.digest)
        .with("purpose", purpose)
        .with("claims", self.names());
        match self.permit.session.as_ref() {
            Some(session) => record.with("subject", &session.record.subject),
            None => record,
        }
    }

    /// Names as they were asked for, cut to what a name can be.
    fn names(&self) -> String {
        let names = self.names.iter().take(CLAIMS_MAX);
        names.map(|name| name.chars().take(32).collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// One line for the operator's log.
    pub(super) fn log(&self, outcome: &str) {
        let (app, purpose) = (&self.permit.policy.app, self.purpose.escape_debug());
        let names = self.names();
        tracing::info!(
            target: "yizhan::access", request = %self.context.id, %app, %purpose, claims = %names.escape_debug(), outcome,
            "claims asked for"
        );
    }
}

/// Makes a refusal durable.
pub(super) async fn refused(asking: &Asking<'_>, runtime: &Runtime, error: &AuthError) -> Result<(), AuthError> {
    asking.log(error.code());
    runtime.store.append(Trail::of(asking.record(error.code()))).await.map_err(|error| {
        tracing::error!(%error, "the audit cannot be written");
        AuthError::Unavailable
    })
}
