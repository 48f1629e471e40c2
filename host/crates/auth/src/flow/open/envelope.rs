//! One envelope on its way into the sandbox: fetched, decrypted by the key store, verified, used once.

use super::Opened;
use super::trail::Asking;
use crate::AuthError;
use crate::flow::distribute::SealedFor;
use crate::jose::{Claims, JoseError, verify_inner};
use crate::keys::{KeyError, KeyOwner};
use crate::provider::hash;
use crate::runtime::Runtime;
use crate::runtime::link::{EnvelopeAsk, LinkError};
use crate::runtime::prover::Prover;
use crate::session::Session;
use serde_json::Value;
use yizhan_domain::{Claim, Timestamp};
use yizhan_store::records::Trail;
use zeroize::Zeroizing;

/// How far the clocks of hub and runtime may differ, seconds.
const SKEW_S: u64 = 30;

/// Fetches an envelope with exactly these claims and opens it.
pub(super) async fn open(
    asking: &Asking<'_>,
    runtime: &Runtime,
    session: &Session,
    claims: &[Claim],
) -> Result<Opened, AuthError> {
    let prover = Prover::of(runtime, &session.client);
    let ask = EnvelopeAsk { purpose: asking.purpose, claims, sealed_for: SealedFor::Holder };
    let fetched = runtime.link.envelope(*asking.context, prover, &session.tokens.access, ask).await;
    let envelope = fetched.map_err(|error| told(error, claims))?;
    unseal(asking, runtime, session, (claims, &envelope)).await
}

/// What the hub refused between the check and the envelope.
fn told(error: LinkError, claims: &[Claim]) -> AuthError {
    match (error, claims.first()) {
        (LinkError::Refused("claim-not-granted" | "claim-withdrawn" | "insufficient_scope"), Some(claim)) => {
            AuthError::NotGranted(*claim)
        }
        (LinkError::Refused("no-datum" | "no_datum"), Some(claim)) => AuthError::NoDatum(*claim),
        (
            LinkError::Refused("revoked-token" | "expired-token" | "grant-ended" | "session-ended" | "invalid_token"),
            _,
        ) => AuthError::SignedOut,
        _ => AuthError::Unavailable,
    }
}

/// Opens an envelope: only this app's key, only this hub's signature, only this person, only now, only once.
pub(super) async fn unseal(
    asking: &Asking<'_>,
    runtime: &Runtime,
    session: &Session,
    (claims, envelope): (&[Claim], &str),
) -> Result<Opened, AuthError> {
    let inner = verified(asking, runtime, session, envelope).await?;
    let until = checked(asking, runtime, session, &inner)?;
    let jti = inner.text("jti").ok_or(AuthError::AlteredEnvelope)?;
    let values = values(&inner, claims)?;
    let once = hash(&format!("{}\n{jti}", session.client.id));
    let trail = Trail::of(asking.record("ok").with("jti", jti));
    match runtime.store.use_once("envelope", once, until, asking.context.now, trail).await {
        Ok(true) => {
            asking.log("ok");
            Ok(values)
        }
        Ok(false) => Err(AuthError::ReplayedEnvelope),
        Err(error) => {
            tracing::error!(%error, "the audit cannot be written: nothing is handed over");
            Err(AuthError::Unavailable)
        }
    }
}

/// Decrypts with the app's key and verifies the hub's signature inside.
async fn verified(
    asking: &Asking<'_>,
    runtime: &Runtime,
    session: &Session,
    envelope: &str,
) -> Result<Claims, AuthError> {
    let owner = KeyOwner::Client(session.client.id.clone());
    let opening = runtime.keys.decrypt(&owner, envelope).map_err(|error| match error {
        // It names a key that this app has not, or was made for another form of token.
        KeyError::NoKey | KeyError::Jose(JoseError::UnknownKey) => AuthError::ForeignEnvelope,
        KeyError::Jose(_) => AuthError::AlteredEnvelope,
        _ => AuthError::Unavailable,
    })?;
    let unreachable = |_| AuthError::Unavailable;
    let mut keys = runtime.link.jwks(*asking.context, false).await.map_err(unreachable)?;
    let mut verified = verify_inner(opening.suite, &opening.plain, &keys);
    if matches!(verified, Err(JoseError::UnknownKey)) {
        keys = runtime.link.jwks(*asking.context, true).await.map_err(unreachable)?;
        verified = verify_inner(opening.suite, &opening.plain, &keys);
    }
    Ok(verified.map_err(|_| AuthError::AlteredEnvelope)?.claims)
}

/// Issuer, audience, subject and times; answers until when the `jti` must be remembered.
fn checked(asking: &Asking<'_>, runtime: &Runtime, session: &Session, inner: &Claims) -> Result<Timestamp, AuthError> {
    let now = asking.context.now.0 / 1000;
    if inner.text("iss") != Some(runtime.issuer()) || inner.text("sub") != Some(&session.record.subject) {
        return Err(AuthError::ForeignEnvelope);
    }
    if inner.text("aud") != Some(session.client.id.as_str()) {
        return Err(AuthError::ForeignEnvelope);
    }
    let expires = inner.seconds("exp").ok_or(AuthError::AlteredEnvelope)?;
    let issued = inner.seconds("iat").ok_or(AuthError::AlteredEnvelope)?;
    if expires <= now || issued > now + SKEW_S {
        return Err(AuthError::ExpiredEnvelope);
    }
    Ok(Timestamp((expires + SKEW_S).saturating_mul(1000)))
}

/// The values of the claims asked for, and of no other.
fn values(inner: &Claims, claims: &[Claim]) -> Result<Opened, AuthError> {
    let value = |claim: &Claim| match inner.get(&claim.to_string()) {
        Some(Value::String(text)) => Ok((*claim, Zeroizing::new(text.clone()))),
        Some(Value::Bool(answer)) => Ok((*claim, Zeroizing::new(answer.to_string()))),
        _ => Err(AuthError::NoDatum(*claim)),
    };
    claims.iter().map(value).collect()
}
