//! Whether app, grant and session still stand, asked of the hub before every gated call. An answer counts for at most 800 ms
//! of monotonic time, and in one process not beyond the next write that bears on it; without one identity calls are refused
//! and open apps go on.

use super::Runtime;
use super::link::{Granted, LinkError, Standing};
use super::prover::Prover;
use super::tokens::{self, TokenError};
use crate::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::{Context, SecretHash, Timestamp};
use yizhan_store::records::{AuditRecord, Trail};

/// The longest that an answer of the hub may be relied on, milliseconds.
pub(crate) const CONFIRMED_MS_MAX: u64 = 800;
/// Answers that are kept at most.
const KEPT_MAX: usize = 100_000;

/// What the hub said of sessions a moment ago.
#[derive(Default)]
pub(crate) struct Confirmations(Mutex<HashMap<SecretHash, Kept>>);

struct Kept {
    at: Moment,
    granted: Arc<Granted>,
}

/// When an answer was asked for.
#[derive(Clone, Copy)]
struct Moment {
    ticks_ms: u64,
    now: Timestamp,
    /// Of what it rests on, if the link can tell.
    revision: Option<u64>,
}

impl Moment {
    fn now(context: &Context, runtime: &Runtime) -> Self {
        Self { ticks_ms: runtime.ticks.ms(), now: context.now, revision: runtime.link.revision() }
    }

    /// Whether an answer of this moment counts at another, later one. A clock that was set counts as a long time.
    fn counts_at(self, other: Self, age_ms: u64) -> bool {
        let of_clock = other.now.0.checked_sub(self.now.0);
        self.revision == other.revision
            && other.ticks_ms.saturating_sub(self.ticks_ms) < age_ms
            && of_clock.is_none_or(|passed| passed < age_ms)
    }
}

impl Confirmations {
    fn find(&self, session: &SecretHash, at: Moment, age_ms: u64) -> Option<Arc<Granted>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(session).filter(|kept| kept.at.counts_at(at, age_ms)).map(|kept| Arc::clone(&kept.granted))
    }

    /// Keeps an answer as of the moment when it was asked for, not when it came.
    fn keep(&self, session: SecretHash, at: Moment, granted: &Arc<Granted>, age_ms: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.retain(|_, kept| kept.at.counts_at(at, age_ms));
        }
        if all.len() < KEPT_MAX {
            all.insert(session, Kept { at, granted: Arc::clone(granted) });
        }
    }

    /// Forgets a session, so that the next call asks the hub.
    pub(crate) fn forget(&self, session: &SecretHash) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(session);
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What the hub says of a session now.
#[derive(Debug, Clone)]
pub(crate) enum Confirmed {
    /// Everything stands; what may be had.
    Stands(Arc<Granted>),
    /// App, grant or session has ended: nobody is signed in any more.
    Ended,
    /// No answer in time: identity calls are refused.
    Unknown,
}

/// Asks the hub, or takes its answer of a moment ago. A session that the hub has ended ends here too.
pub(crate) async fn session(context: &Context, runtime: &Runtime, session: &Arc<Session>) -> Confirmed {
    let at = Moment::now(context, runtime);
    let age_ms = match at.revision {
        Some(_) => CONFIRMED_MS_MAX,
        None => runtime.link.confirmation_ms().min(CONFIRMED_MS_MAX),
    };
    let hash = session.record.hash;
    if let Some(granted) = runtime.confirmations.find(&hash, at, age_ms) {
        return Confirmed::Stands(granted);
    }
    let confirmed = ask(context, runtime, session).await;
    match &confirmed {
        Confirmed::Stands(granted) if age_ms > 0 => runtime.confirmations.keep(hash, at, granted, age_ms),
        Confirmed::Stands(_) => {}
        Confirmed::Unknown => runtime.confirmations.forget(&hash),
        Confirmed::Ended => {
            runtime.confirmations.forget(&hash);
            end(context, runtime, session).await;
        }
    }
    // An answer that took longer than it may count is none.
    let took_ms = runtime.ticks.ms().saturating_sub(at.ticks_ms);
    if took_ms > CONFIRMED_MS_MAX && matches!(confirmed, Confirmed::Stands(_)) {
        return Confirmed::Unknown;
    }
    confirmed
}

async fn ask(context: &Context, runtime: &Runtime, session: &Arc<Session>) -> Confirmed {
    let session = match tokens::fresh(context, runtime, session).await {
        Ok(session) => session,
        Err(TokenError::Ended) => return Confirmed::Ended,
        Err(TokenError::Unavailable) => return Confirmed::Unknown,
    };
    let prover = Prover::of(runtime, &session.client);
    match runtime.link.confirm(*context, prover, &session.tokens.access).await {
        Ok(Standing::Active(granted)) if granted.subject == session.record.subject => Confirmed::Stands(granted.into()),
        Ok(_) => Confirmed::Ended,
        Err(LinkError::Refused(code)) => {
            tracing::warn!(app = %session.record.app, code, "the hub refused to confirm a session");
            Confirmed::Unknown
        }
        Err(LinkError::Unreachable) => Confirmed::Unknown,
    }
}

/// The hub's word stands even when the record here cannot be removed now: the next request asks again.
async fn end(context: &Context, runtime: &Runtime, session: &Session) {
    let actor = format!("client:{}", session.client.id);
    let trail = Trail::of(
        AuditRecord::new(context.id, context.now, actor, "app-session.ended", "ok")
            .with("app", &session.record.app)
            .with("session", &session.record.session)
            .with("reason", "revoked-at-hub"),
    );
    if let Err(error) = runtime.store.end_app_session(&session.record.hash, trail).await {
        tracing::error!(%error, "a session that the hub ended cannot be removed");
    }
}
