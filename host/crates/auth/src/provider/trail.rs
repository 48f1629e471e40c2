//! The audit records of a step: one shape for all steps, and the one way in which a refusal is written down.

use super::Provider;
use crate::refusal::Refusal;
use yizhan_domain::Context;
use yizhan_store::records::{AuditRecord, Trail};

/// One step under way: who does what.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) context: &'a Context,
    pub(crate) provider: &'a Provider,
    /// `client:ID`, `person:ID`, or what the caller says of operators and commands.
    pub(crate) actor: &'a str,
    /// As in `consent.given`.
    pub(crate) action: &'static str,
}

impl Step<'_> {
    /// The record of a step that succeeded.
    pub(crate) fn done(&self) -> AuditRecord {
        self.record("ok")
    }

    /// The record of a step that was refused.
    pub(crate) fn record(&self, outcome: &str) -> AuditRecord {
        AuditRecord::new(self.context.id, self.context.now, self.actor, self.action, outcome)
    }

    /// Writes a refusal down and returns it; a refusal that cannot be written is [`Refusal::Unavailable`].
    pub(crate) async fn refused(&self, refusal: Refusal) -> Refusal {
        let trail = Trail::of(self.record(refusal.code()));
        match self.provider.store.append(trail).await {
            Ok(()) => refusal,
            Err(error) => error.into(),
        }
    }
}
