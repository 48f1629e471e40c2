//! The tokens of a session: sealed at rest, renewed by one request while the others of the session wait.

use super::link::{LinkError, Tokens};
use super::prover::Prover;
use super::{LoginError, Runtime, sealed};
use crate::session::Session;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_domain::authorization::Tier;
use yizhan_domain::{Context, SecretHash, Timestamp};
use yizhan_store::records::AppSessionRecord;
use zeroize::Zeroizing;

/// An access token that ends sooner is renewed before it is used, milliseconds.
const RENEW_BEFORE_MS: u64 = 10_000;

/// Refusals that say nothing of the tokens, only of this runtime's proof: a wrong clock or key signs nobody out.
const OUR_FAULT: [&str; 9] = [
    "wrong-client",
    "secret-forbidden",
    "assertion-audience",
    "assertion-expired",
    "assertion-replayed",
    "missing-dpop",
    "wrong-dpop",
    "dpop-replayed",
    "wrong-dpop-key",
];

/// Tokens as they are sealed into a session's record.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedTokens {
    pub(crate) access: Zeroizing<String>,
    pub(crate) access_expires: Timestamp,
    pub(crate) refresh: Option<Zeroizing<String>>,
    pub(crate) tier: Tier,
}

impl SealedTokens {
    pub(crate) fn of(tokens: Tokens, tier: Tier, now: Timestamp) -> Self {
        Self {
            access_expires: now.plus_ms(tokens.expires_in.saturating_mul(1000)),
            access: tokens.access,
            refresh: tokens.refresh,
            tier,
        }
    }

    pub(crate) fn seal(&self, runtime: &Runtime) -> Result<String, LoginError> {
        sealed::seal(&runtime.sealer, "tokens", self)
    }

    pub(crate) fn open(runtime: &Runtime, text: &str) -> Option<Self> {
        sealed::open(&runtime.sealer, "tokens", text)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.access_expires > now.plus_ms(RENEW_BEFORE_MS)
    }
}

/// Sessions whose tokens are being renewed: a refresh token that is used twice ends its whole family.
#[derive(Default)]
pub(crate) struct Refreshing(Mutex<HashMap<SecretHash, Arc<tokio::sync::Mutex<()>>>>);

impl Refreshing {
    fn turn(&self, session: SecretHash) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(all.entry(session).or_default())
    }
}

/// How renewing can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// The session has ended: here, or its tokens at the hub.
    Ended,
    /// Store, keys or hub cannot answer now.
    Unavailable,
}

/// The session with an access token that is good for the next ten seconds at least.
pub(crate) async fn fresh(
    context: &Context,
    runtime: &Runtime,
    session: &Arc<Session>,
) -> Result<Arc<Session>, TokenError> {
    if session.tokens.is_fresh(context.now) {
        return Ok(Arc::clone(session));
    }
    let turn = runtime.refreshing.turn(session.record.hash);
    let _held = turn.lock().await;
    let found = runtime.store.find_app_session(&session.record.hash, context.now).await;
    let record = found.map_err(|_| TokenError::Unavailable)?.ok_or(TokenError::Ended)?;
    let newest = Session::of(runtime, record).ok_or(TokenError::Ended)?;
    if newest.tokens.is_fresh(context.now) {
        return Ok(Arc::new(newest));
    }
    renew(context, runtime, newest).await.map(Arc::new)
}

async fn renew(context: &Context, runtime: &Runtime, session: Session) -> Result<Session, TokenError> {
    let refresh = session.tokens.refresh.as_ref().ok_or(TokenError::Ended)?;
    let answer = runtime.link.refresh(*context, Prover::of(runtime, &session.client), refresh).await;
    let mut tokens = match answer {
        Ok(tokens) => SealedTokens::of(tokens, session.client.tier, context.now),
        Err(LinkError::Refused(code)) if OUR_FAULT.contains(&code) => {
            tracing::error!(client = %session.client.id, code, "the hub does not take this runtime's proof");
            return Err(TokenError::Unavailable);
        }
        Err(LinkError::Refused(_)) => return Err(TokenError::Ended),
        Err(LinkError::Unreachable) => return Err(TokenError::Unavailable),
    };
    // The high tier does not rotate: the token before goes on (FAPI 2.0, section 5.3.2.1).
    tokens.refresh = tokens.refresh.or_else(|| session.tokens.refresh.clone());
    let sealed_tokens = tokens.seal(runtime).map_err(|_| TokenError::Unavailable)?;
    let record = AppSessionRecord { sealed_tokens, ..session.record };
    let kept = runtime.store.replace_app_session(record.clone(), context.now).await;
    match kept {
        Ok(true) => Ok(Session { record, client: session.client, tokens }),
        Ok(false) => Err(TokenError::Ended),
        Err(_) => Err(TokenError::Unavailable),
    }
}
