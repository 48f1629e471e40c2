//! The end of every way to sign in: the second factor if there is one, then a new session. And its audit.

use super::{Browser, SignIn, SignInError, SignInStep, SignedIn, device, pending, sessions};
use crate::units;
use rand::CryptoRng;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId, SecretHash, SessionId, Timestamp};
use yizhan_store::records::{AuditRecord, SessionRecord, Trail};

/// What somebody proved.
pub(super) struct Proof {
    /// Who.
    pub(super) person: PersonId,
    /// How sure this way can be at most.
    pub(super) assurance_max: Assurance,
    /// Methods, RFC 8176.
    pub(super) amr: Vec<String>,
    /// The account for which the browser gets a device cookie.
    pub(super) device_for: Option<SecretHash>,
    /// When the second factor was proved in this sign-in.
    pub(super) second_factor: Option<Timestamp>,
}

/// Asks for the second factor, or makes the session.
pub(super) async fn finish(
    context: &Context,
    sign_in: &SignIn,
    proof: Proof,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignInStep, SignInError> {
    let credentials = sign_in.store().find_credentials(&proof.person).await?;
    let has_totp = credentials.as_ref().is_some_and(|credentials| credentials.totp.is_some());
    let was_reset = credentials.is_some_and(|credentials| credentials.reset.is_some());
    if has_totp && proof.second_factor.is_none() {
        return Ok(SignInStep::SecondFactor(pending::seal(context, sign_in, &proof, browser, rng)?));
    }
    let must_enrol = !has_totp && (was_reset || units::needs_second_factor(sign_in.store(), &proof.person).await?);
    let mut signed_in = begin_session(context, sign_in, proof, browser, rng).await?;
    signed_in.must_enrol = must_enrol;
    Ok(SignInStep::Done(signed_in))
}

async fn begin_session(
    context: &Context,
    sign_in: &SignIn,
    proof: Proof,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignedIn, SignInError> {
    let record = sign_in.people.find_record(&proof.person).await?.ok_or(SignInError::Refused)?;
    let capacities = sign_in.people.capacities(&proof.person).await?.ok_or(SignInError::Refused)?;
    let device = match proof.device_for {
        Some(account) => Some(device::mint(sign_in.people.keys(), &account, context.now, rng)?),
        None => None,
    };
    let token = sessions::new_token(rng);
    // Signing in again as the same person keeps the session's public name, so that apps stay signed in.
    let again = browser.session.filter(|session| session.person == proof.person);
    let session = SessionRecord {
        hash: sessions::token_hash(&token),
        id: again.map_or_else(|| new_session_id(rng), |session| session.id.clone()),
        acting_for: match again {
            Some(session) if capacities.allow(session.acting_for.as_ref()) => session.acting_for.clone(),
            _ => capacities.only().flatten(),
        },
        assurance: record.assurance.min(proof.assurance_max),
        amr: proof.amr,
        auth_time: context.now,
        second_factor: proof.second_factor,
        expires: context.now.plus_ms(sessions::SESSION_MS),
        person: proof.person,
    };
    keep(context, sign_in, &session, browser).await?;
    Ok(SignedIn { session, token, device, must_enrol: false })
}

/// A new session; the one that the browser had is replaced, or ends when it was somebody else's.
async fn keep(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    browser: &Browser<'_>,
) -> Result<(), SignInError> {
    let trail = Trail::of(signed_in(context, session));
    if let Some(old) = browser.session {
        if old.id == session.id {
            if sign_in.store().replace_session(&old.hash, session.clone(), context.now, trail).await? {
                return Ok(());
            }
            // It ended meanwhile: whoever ended it meant this browser too.
            return Err(SignInError::Ended);
        }
        sessions::end(context, sign_in, old).await?;
    }
    Ok(sign_in.store().create_session(session.clone(), trail).await?)
}

fn signed_in(context: &Context, session: &SessionRecord) -> AuditRecord {
    AuditRecord::new(context.id, context.now, format!("person:{}", session.person), "sign-in.ok", "ok")
        .with("amr", session.amr.join(" "))
        .with("session", &session.id)
}

/// Audits a refusal and gives it back. `account` is shown as the first eight digits of its keyed hash.
pub(super) async fn refused(
    context: &Context,
    sign_in: &SignIn,
    method: &str,
    account: Option<&SecretHash>,
    error: SignInError,
) -> SignInError {
    let record = AuditRecord::new(context.id, context.now, "anonymous", "sign-in.refused", error.code());
    let mut record = record.with("method", method);
    if let Some(account) = account {
        let text = String::from(*account);
        record = record.with("account", text.get(..8).unwrap_or_default());
    }
    match sign_in.people.store().append(Trail::of(record)).await {
        Ok(()) => error,
        Err(unavailable) => unavailable.into(),
    }
}

fn new_session_id(rng: &mut impl CryptoRng) -> SessionId {
    let mut bits = [0; 16];
    rng.fill_bytes(&mut bits);
    SessionId::of_random(u128::from_be_bytes(bits))
}
