//! The second factor: enrolment, the second step of a sign-in, and proving it afresh for what needs that. Each step of the
//! clock counts once; recovery codes count once.

use super::finish::{Proof, finish, refused};
use super::password::credentials_of;
use super::{Browser, SignIn, SignInError, SignInStep, SignedIn, pending, sessions, throttle, totp};
use rand::CryptoRng;
use yizhan_domain::{Context, PersonId, SecretHash, Timestamp};
use yizhan_store::records::{AuditRecord, SessionRecord, TotpRecord, Trail};
use zeroize::Zeroizing;

/// How long a second factor is fresh: approvals, releases, suspensions and keys ask for one, ms.
pub const FRESH_MS: u64 = 5 * 60_000;

const SEALED_AS: &str = "totp";

/// A second factor that is being enrolled. It has no `Debug`.
pub struct Enrolment {
    /// `otpauth://` address for a QR code.
    pub uri: Zeroizing<String>,
    /// The secret in base32, to be typed.
    pub secret: Zeroizing<String>,
    /// Goes into the form and back into [`confirm_enrolment`]; ends after five minutes.
    pub pending: Zeroizing<String>,
}

/// Second step of a sign-in: a code of the app, or a recovery code. `pending` is what [`SignInStep::SecondFactor`] held.
///
/// # Errors
/// [`SignInError::Ended`], [`SignInError::SecondFactor`], [`SignInError::TooMany`], or the store's.
pub async fn second_factor(
    context: &Context,
    sign_in: &SignIn,
    form: SecondFactorForm<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignedIn, SignInError> {
    let proof = match pending::open(context, sign_in, form.pending, browser) {
        Ok(proof) => proof,
        Err(error) => return Err(refused(context, sign_in, "otp", None, error).await),
    };
    prove(context, sign_in, &proof.person, form.code).await?;
    let mut amr = proof.amr.clone();
    amr.push("otp".to_owned());
    let proof = Proof { amr, second_factor: Some(context.now), ..proof };
    match finish(context, sign_in, proof, browser, rng).await? {
        SignInStep::Done(signed_in) => Ok(signed_in),
        SignInStep::SecondFactor(_) => Err(SignInError::SecondFactor),
    }
}

/// What the page of the second factor holds. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct SecondFactorForm<'a> {
    /// What the first step left.
    pub pending: &'a str,
    /// The code: 6 digits of the app, or a recovery code.
    pub code: &'a str,
}

/// Proves the second factor of somebody who is signed in afresh. The session gets a new token.
///
/// # Errors
/// [`SignInError::SecondFactor`], [`SignInError::TooMany`], [`SignInError::Ended`], or the store's.
pub async fn step_up(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    code: &str,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignedIn, SignInError> {
    prove(context, sign_in, &session.person, code).await?;
    sessions::replace(context, sign_in, session, with_factor(session, context.now), rng).await
}

/// Whether the session proved a second factor within [`FRESH_MS`].
///
/// # Errors
/// [`SignInError::NotFresh`] when not.
pub fn require_fresh(session: &SessionRecord, now: Timestamp) -> Result<(), SignInError> {
    let fresh = session.second_factor.is_some_and(|proved| proved <= now && now <= proved.plus_ms(FRESH_MS));
    if fresh { Ok(()) } else { Err(SignInError::NotFresh) }
}

/// Begins to enrol a second factor. Whoever has one proves it afresh first. `issuer` is the platform's name in the app.
///
/// # Errors
/// [`SignInError::NotFresh`], or the store's.
pub async fn begin_enrolment(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    issuer: &str,
    rng: &mut (impl CryptoRng + Send),
) -> Result<Enrolment, SignInError> {
    check_enrolment(context, sign_in, session).await?;
    let secret = totp::new_secret(rng);
    let mut plain = Zeroizing::new(context.now.plus_ms(pending::PENDING_MS).0.to_be_bytes().to_vec());
    plain.extend_from_slice(&*secret);
    let sealed = sign_in.people.keys().tokens().seal_text(&plain, &enrolment_of(session), rng);
    let sealed = sealed.map_err(|_| SignInError::Ended)?;
    let secret = totp::base32(&*secret);
    let issuer: String = form_urlencoded::byte_serialize(issuer.as_bytes()).collect::<String>().replace('+', "%20");
    let uri = format!("otpauth://totp/{issuer}?secret={}&issuer={issuer}", *secret);
    Ok(Enrolment { uri: Zeroizing::new(uri), secret, pending: Zeroizing::new(sealed) })
}

/// Ends the enrolment with a first code: the person gets ten recovery codes, shown once, and the session a new token.
///
/// # Errors
/// [`SignInError::Ended`], [`SignInError::SecondFactor`], or the store's.
pub async fn confirm_enrolment(
    context: &Context,
    sign_in: &SignIn,
    session: &SessionRecord,
    form: SecondFactorForm<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(SignedIn, Vec<Zeroizing<String>>), SignInError> {
    check_enrolment(context, sign_in, session).await?;
    let opened = sign_in.people.keys().tokens().open_text(form.pending, &enrolment_of(session));
    let opened = opened.map_err(|_| SignInError::Ended)?;
    let (ends, secret) = opened.split_first_chunk::<8>().ok_or(SignInError::Ended)?;
    if u64::from_be_bytes(*ends) <= context.now.0 {
        return Err(SignInError::Ended);
    }
    let step = totp::step_of(secret, form.code.trim(), context.now)?.ok_or(SignInError::SecondFactor)?;
    let codes: Vec<_> = (0..totp::RECOVERY_CODES).map(|_| totp::new_recovery_code(rng)).collect();
    let mut credentials = credentials_of(sign_in, &session.person).await?;
    let sealed = sign_in.people.seal_secret(&session.person, SEALED_AS, secret, rng).await?;
    credentials.totp = Some(TotpRecord { sealed, used_step: step });
    credentials.reset = None;
    credentials.recovery = codes.iter().map(|code| recovery_hash(sign_in, &session.person, code)).collect();
    let actor = format!("person:{}", session.person);
    let record = AuditRecord::new(context.id, context.now, actor, "credentials.second-factor-set", "ok");
    // Whoever changed them meanwhile may have enrolled another one: begin again.
    if !sign_in.store().put_credentials(credentials, Trail::of(record)).await? {
        return Err(SignInError::Ended);
    }
    let signed_in = sessions::replace(context, sign_in, session, with_factor(session, context.now), rng).await?;
    Ok((signed_in, codes))
}

async fn check_enrolment(context: &Context, sign_in: &SignIn, session: &SessionRecord) -> Result<(), SignInError> {
    match credentials_of(sign_in, &session.person).await?.totp {
        Some(_) => require_fresh(session, context.now),
        None => Ok(()),
    }
}

/// Proves a code of the app or a recovery code; a refusal is audited.
pub(crate) async fn prove(
    context: &Context,
    sign_in: &SignIn,
    person: &PersonId,
    code: &str,
) -> Result<(), SignInError> {
    match try_prove(context, sign_in, person, code.trim()).await {
        Ok(()) => Ok(()),
        Err(error) => Err(refused(context, sign_in, "otp", None, error).await),
    }
}

async fn try_prove(context: &Context, sign_in: &SignIn, person: &PersonId, code: &str) -> Result<(), SignInError> {
    let tried = throttle::enter_as(context, sign_in, person).await?;
    let credentials = credentials_of(sign_in, person).await?;
    let enrolled = credentials.totp.ok_or(SignInError::SecondFactor)?;
    let actor = format!("person:{person}");
    let used = |action| Trail::of(AuditRecord::new(context.id, context.now, actor.as_str(), action, "ok"));
    let right = if code.len() == 6 {
        let secret = sign_in.people.open_secret(person, SEALED_AS, &enrolled.sealed).await?;
        match totp::step_of(&secret, code, context.now)? {
            Some(step) => sign_in.store().use_totp_step(person, step, used("second-factor.proved")).await?,
            None => false,
        }
    } else {
        let hash = recovery_hash(sign_in, person, code);
        sign_in.store().use_recovery_code(person, &hash, used("second-factor.recovery-used")).await?
    };
    if right { tried.right(sign_in).await } else { Err(SignInError::SecondFactor) }
}

fn recovery_hash(sign_in: &SignIn, person: &PersonId, code: &str) -> SecretHash {
    let code = totp::normalized_recovery_code(code);
    let text = Zeroizing::new([person.as_str().as_bytes(), &[0], code.as_bytes()].concat());
    sign_in.people.keys().code_hash("recovery", &text)
}

fn with_factor(session: &SessionRecord, now: Timestamp) -> SessionRecord {
    let mut session = session.clone();
    session.second_factor = Some(now);
    if !session.amr.iter().any(|method| method == "otp") {
        session.amr.push("otp".to_owned());
    }
    session
}

/// The session keeps its public name when its token changes, so an enrolment survives a step in between.
fn enrolment_of(session: &SessionRecord) -> Vec<u8> {
    format!("totp-enrolment\0{}\0{}", session.person, session.id).into_bytes()
}
