//! A sign-in that waits for its second factor: sealed into a cookie, bound to the browser's transaction, five minutes.

use super::finish::Proof;
use super::{Browser, SignIn, SignInError};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId, SecretHash, Timestamp};
use zeroize::Zeroizing;

/// Life of a half-done sign-in, ms.
pub const PENDING_MS: u64 = 5 * 60_000;

#[derive(Serialize, Deserialize)]
struct Pending {
    person: PersonId,
    assurance_max: Assurance,
    amr: Vec<String>,
    device_for: Option<SecretHash>,
    expires: Timestamp,
}

pub(super) fn seal(
    context: &Context,
    sign_in: &SignIn,
    proof: &Proof,
    browser: &Browser<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SignInError> {
    let pending = Pending {
        person: proof.person.clone(),
        assurance_max: proof.assurance_max,
        amr: proof.amr.clone(),
        device_for: proof.device_for,
        expires: context.now.plus_ms(PENDING_MS),
    };
    let plain = serde_json::to_vec(&pending).map_err(|_| SignInError::Ended)?;
    let sealed = sign_in.people.keys().tokens().seal_text(&plain, &bound_to(browser), rng);
    sealed.map(Zeroizing::new).map_err(|_| SignInError::Ended)
}

/// # Errors
/// [`SignInError::Ended`] for another transaction, after five minutes, or for any other text.
pub(super) fn open(
    context: &Context,
    sign_in: &SignIn,
    token: &str,
    browser: &Browser<'_>,
) -> Result<Proof, SignInError> {
    let plain = sign_in.people.keys().tokens().open_text(token, &bound_to(browser));
    let plain = plain.map_err(|_| SignInError::Ended)?;
    let pending: Pending = serde_json::from_slice(&plain).map_err(|_| SignInError::Ended)?;
    if pending.expires <= context.now {
        return Err(SignInError::Ended);
    }
    Ok(Proof {
        person: pending.person,
        assurance_max: pending.assurance_max,
        amr: pending.amr,
        device_for: pending.device_for,
        second_factor: None,
    })
}

fn bound_to(browser: &Browser<'_>) -> Vec<u8> {
    [b"pending-sign-in\0".as_slice(), &browser.transaction.0].concat()
}
