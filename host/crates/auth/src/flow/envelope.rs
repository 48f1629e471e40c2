//! An envelope for the app's own back end, on its way through the sandbox: fetched for a purpose, audited, handed to the guest
//! closed. The host holds no key that opens it. The capability `identity` calls it.

use crate::AuthError;
use crate::flow::distribute::SealedFor;
use crate::permit::InvokePermit;
use crate::runtime::Runtime;
use crate::runtime::confirm::Confirmed;
use crate::runtime::link::{EnvelopeAsk, LinkError};
use crate::runtime::prover::Prover;
use crate::runtime::quota::OPENS_PER_MINUTE;
use yizhan_domain::Context;
use yizhan_store::records::{AuditRecord, Trail};

/// Characters of a purpose that audit and errors repeat.
const PURPOSE_MAX: usize = 64;

/// The sealed envelope (JWE, compact) of everything that the person granted to the app's back end for a purpose, counted as an
/// opening. A refusal is audited too, and the hand-over before the guest has it.
///
/// # Errors
/// [`AuthError::NothingGranted`] for a purpose that the manifest does not declare or the person did not grant to the back end,
/// [`AuthError::NoBackend`] without a back end or a key of it; the quota, and what ended.
pub async fn envelope(
    context: &Context,
    runtime: &Runtime,
    permit: &InvokePermit,
    purpose: &str,
) -> Result<String, AuthError> {
    let handed = steps(context, runtime, permit, purpose).await;
    let outcome = handed.as_ref().map_or_else(AuthError::code, |_| "ok");
    let record = record(context, permit, purpose, outcome);
    runtime.store.append(Trail::of(record)).await.map_err(|error| {
        tracing::error!(%error, "the audit cannot be written: no envelope is handed over");
        AuthError::Unavailable
    })?;
    handed
}

async fn steps(
    context: &Context,
    runtime: &Runtime,
    permit: &InvokePermit,
    purpose: &str,
) -> Result<String, AuthError> {
    let session = permit.session.as_ref().ok_or(AuthError::SignedOut)?;
    let nothing = || AuthError::NothingGranted { purpose: purpose.chars().take(PURPOSE_MAX).collect() };
    let granted = match permit.confirm(context, runtime).await {
        Some(Confirmed::Stands(granted)) => permit.authorization_of(&granted).granted,
        None | Some(Confirmed::Ended) => return Err(AuthError::SignedOut),
        Some(Confirmed::Unknown) => return Err(AuthError::Unavailable),
    };
    if !granted.iter().any(|(_, of)| of == purpose) {
        return Err(nothing());
    }
    if !runtime.quota.take(&session.record.app, &session.record.subject, runtime.ticks.ms()) {
        return Err(AuthError::TooMany { what: "openings in one minute", max: OPENS_PER_MINUTE });
    }
    let session = super::open::fresh(context, runtime, session).await?;
    let ask = EnvelopeAsk { purpose, claims: &[], sealed_for: SealedFor::Backend };
    let prover = Prover::of(runtime, &session.client);
    let fetched = runtime.link.envelope(*context, prover, &session.tokens.access, ask).await;
    fetched.map_err(|error| match error {
        LinkError::Refused("claim-not-granted" | "claim-withdrawn" | "insufficient_scope") => nothing(),
        LinkError::Refused("no-recipient-key" | "recipient-key-revoked" | "invalid_client_metadata") => {
            AuthError::NoBackend
        }
        LinkError::Refused("revoked-token" | "expired-token" | "grant-ended" | "session-ended" | "invalid_token") => {
            AuthError::SignedOut
        }
        _ => AuthError::Unavailable,
    })
}

/// What was asked and how it ended: no name of a claim, for the hub alone knows what it sealed.
fn record(context: &Context, permit: &InvokePermit, purpose: &str, outcome: &str) -> AuditRecord {
    let policy = &permit.policy;
    let purpose: String = purpose.chars().take(PURPOSE_MAX).collect();
    let actor = format!("client:{}", policy.app);
    let record = AuditRecord::new(context.id, context.now, actor, "envelope.handed-over", outcome)
        .with("app", &policy.app)
        .with("version", policy.digest)
        .with("recipient", format!("{}:backend", policy.app))
        .with("purpose", purpose);
    match permit.session.as_ref() {
        Some(session) => record.with("subject", &session.record.subject),
        None => record,
    }
}

#[cfg(test)]
mod tests;
