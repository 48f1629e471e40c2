//! What the audit says of an opening: names of claims, never a value.

use super::CLAIMS_MAX;
use crate::AuthError;
use crate::flow::distribute::SealedFor;
use crate::permit::InvokePermit;
use crate::runtime::Runtime;
use crate::runtime::confirm::Confirmed;
use crate::runtime::link::{EnvelopeAsk, LinkError};
use crate::runtime::prover::Prover;
use yizhan_domain::{Claim, Context};
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

/// Lets the hub refuse it as well: the person's access log is the hub's. Only what was not granted, or was taken back, is
/// told; and only as often as openings count, so that no app can fill the log.
pub(super) async fn tell_hub(asking: &Asking<'_>, runtime: &Runtime, error: &AuthError) {
    if !matches!(error, AuthError::NotGranted(_) | AuthError::SignedOut) {
        return;
    }
    let Some(session) = asking.permit.session.as_ref() else { return };
    let claims: Vec<Claim> = asking.names.iter().take(CLAIMS_MAX).filter_map(|name| name.parse().ok()).collect();
    if claims.is_empty() || would_grant(asking, runtime, &claims).await {
        return;
    }
    if !runtime.quota.take(&session.record.app, &session.record.subject, runtime.ticks.ms()) {
        return;
    }
    let ask = EnvelopeAsk { purpose: asking.purpose, claims: &claims, sealed_for: SealedFor::Holder };
    let prover = Prover::of(runtime, &session.client);
    match runtime.link.envelope(*asking.context, prover, &session.tokens.access, ask).await {
        Err(LinkError::Refused(_)) => {}
        Ok(_) | Err(LinkError::Unreachable) => {
            tracing::warn!(request = %asking.context.id, "the hub did not write a refused opening down");
        }
    }
}

/// Whether the hub would hand out what this version may not have: it is not asked then, for its log would say so.
async fn would_grant(asking: &Asking<'_>, runtime: &Runtime, claims: &[Claim]) -> bool {
    match asking.permit.confirm(asking.context, runtime).await {
        Some(Confirmed::Stands(granted)) => {
            claims.iter().all(|claim| granted.uses.iter().any(|it| it.claim == *claim && it.purpose == asking.purpose))
        }
        Some(Confirmed::Ended) => false,
        Some(Confirmed::Unknown) | None => true,
    }
}
