//! Sessions of browsers at the hub: 256-bit token in a cookie, its hash in the store, eight hours.

use super::{SignIn, SignInError, SignedIn};
use crate::people::Whom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use yizhan_domain::authorization::Capacity;
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::{AuditRecord, SessionRecord, Trail};
use zeroize::Zeroizing;

/// Life of a session, ms.
pub const SESSION_MS: u64 = 8 * 60 * 60_000;

/// The live session with this token.
///
/// # Errors
/// The store's.
pub async fn find(context: &Context, sign_in: &SignIn, token: &str) -> Result<Option<SessionRecord>, SignInError> {
    Ok(sign_in.store().find_session(&token_hash(token), context.now).await?)
}

/// Live sessions of the person, for the account page.
///
/// # Errors
/// The store's.
pub async fn list(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
) -> Result<Vec<SessionRecord>, SignInError> {
    Ok(sign_in.store().list_sessions(&session.person, context.now).await?)
}

/// Ends a session (sign-out); one that has ended already is no error.
///
/// # Errors
/// The store's.
pub async fn end(context: &Context, sign_in: &SignIn, session: &SessionRecord) -> Result<(), SignInError> {
    let actor = format!("person:{}", session.person);
    let record = AuditRecord::new(context.id, context.now, actor, "session.ended", "ok").with("session", &session.id);
    sign_in.store().end_session(&session.id, Trail::of(record)).await?;
    Ok(())
}

/// Ends every other session of the person; how many.
///
/// # Errors
/// The store's.
pub async fn end_others(context: &Context, sign_in: &SignIn, session: &SessionRecord) -> Result<usize, SignInError> {
    let actor = format!("person:{}", session.person);
    let others = |other: &SessionRecord| other.id != session.id;
    let whom = Whom { person: &session.person, by: &actor };
    Ok(sign_in.people.end_sessions(context, whom, others).await?)
}

/// The person chooses for whom to act; none for themselves. The session gets a new token.
///
/// # Errors
/// [`SignInError::Capacity`] without that mandate, [`SignInError::Ended`] when the session has ended, or the store's.
pub async fn choose_capacity(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    capacity: Option<Capacity>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignedIn, SignInError> {
    let capacities = sign_in.people.capacities(&session.person).await?.ok_or(SignInError::Ended)?;
    if !capacities.allow(capacity.as_ref()) {
        return Err(SignInError::Capacity);
    }
    let mut changed = session.clone();
    changed.acting_for = capacity;
    replace(context, sign_in, session, changed, rng).await
}

/// Replaces a session by a changed one under a new token.
pub(super) async fn replace(
    context: &Context,
    sign_in: &SignIn,
    old: &SessionRecord,
    mut changed: SessionRecord,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignedIn, SignInError> {
    let token = new_token(rng);
    changed.hash = token_hash(&token);
    let actor = format!("person:{}", changed.person);
    let record = AuditRecord::new(context.id, context.now, actor, "session.changed", "ok");
    let record = record.with("amr", changed.amr.join(" ")).with("session", &changed.id);
    let acting_for = changed.acting_for.as_ref().map(|capacity| capacity.uscc.as_str().to_owned());
    let trail = Trail::of(record.with("acting-for", acting_for.unwrap_or_default()));
    if !sign_in.store().replace_session(&old.hash, changed.clone(), context.now, trail).await? {
        return Err(SignInError::Ended);
    }
    Ok(SignedIn { session: changed, token, device: None, must_enrol: false })
}

/// 256 random bits, base64url.
pub(crate) fn new_token(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *bytes);
    Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))
}

/// SHA-256 of a token. Tokens have 256 random bits, so no key and no salt are needed.
#[must_use]
pub fn token_hash(token: &str) -> SecretHash {
    SecretHash(Sha256::digest(token.as_bytes()).into())
}
