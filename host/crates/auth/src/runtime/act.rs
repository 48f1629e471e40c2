//! Acting for the signed-in person: asked of the hub at every call, refusals audited. The capabilities of the sandbox call it.

use super::Runtime;
use super::confirm::Confirmed;
use super::link::LinkError;
use super::prover::Prover;
use crate::AuthError;
use crate::flow::act::Acting;
use crate::flow::open::fresh;
use crate::permit::InvokePermit;
use yizhan_domain::{Context, Permission};
use yizhan_store::records::{AuditRecord, Trail};

/// Acts of one app for one person in one minute.
pub const ACTS_PER_MINUTE: u64 = super::quota::OPENS_PER_MINUTE;

/// Why an app may not act for a person now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Not declared, not reviewed, not agreed to, or nobody is signed in; the stable code.
    #[error("the app may not do this: {0}")]
    Denied(&'static str),
    /// More than [`ACTS_PER_MINUTE`].
    #[error("calls in one minute: {ACTS_PER_MINUTE} are allowed")]
    Exhausted,
    /// Hub or audit do not answer; nothing was done. Always so where the hub is another process.
    #[error("the hub cannot be asked now")]
    Unavailable,
}

impl ActError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied(code) => code,
            Self::Exhausted => "too-many",
            Self::Unavailable => "unavailable",
        }
    }
}

impl InvokePermit {
    /// In whose name the app may do this now.
    ///
    /// # Errors
    /// [`ActError`]; written down before it is returned.
    pub async fn act(&self, context: &Context, runtime: &Runtime, permission: &Permission) -> Result<Acting, ActError> {
        match self.asked(context, runtime, permission).await {
            Err(refusal @ (ActError::Denied(_) | ActError::Exhausted)) => {
                let mut record = AuditRecord::new(
                    context.id,
                    context.now,
                    format!("client:{}", self.policy.app),
                    "act.refused",
                    refusal.code(),
                )
                .with("app", &self.policy.app)
                .with("version", self.policy.digest)
                .with("permission", permission);
                if let Some(session) = &self.session {
                    record = record.with("subject", &session.record.subject);
                }
                runtime.store.append(Trail::of(record)).await.map_err(|error| {
                    tracing::error!(%error, "the audit cannot be written");
                    ActError::Unavailable
                })?;
                Err(refusal)
            }
            answer => answer,
        }
    }

    async fn asked(&self, context: &Context, runtime: &Runtime, permission: &Permission) -> Result<Acting, ActError> {
        const SIGNED_OUT: ActError = ActError::Denied("signed-out");
        let session = self.session.as_ref().ok_or(SIGNED_OUT)?;
        match self.confirm(context, runtime).await {
            Some(Confirmed::Stands(_)) => {}
            None | Some(Confirmed::Ended) => return Err(SIGNED_OUT),
            Some(Confirmed::Unknown) => return Err(ActError::Unavailable),
        }
        if !runtime.acts.take(&session.record.app, &session.record.subject, runtime.ticks.ms()) {
            return Err(ActError::Exhausted);
        }
        let session = fresh(context, runtime, session).await.map_err(|error| match error {
            AuthError::SignedOut => SIGNED_OUT,
            _ => ActError::Unavailable,
        })?;
        let prover = Prover::of(runtime, &session.client);
        let acting = runtime.link.acting(*context, prover, &session.tokens.access, permission).await;
        acting.map_err(|error| match error {
            LinkError::Refused(code) => ActError::Denied(code),
            LinkError::Unreachable => ActError::Unavailable,
        })
    }
}
