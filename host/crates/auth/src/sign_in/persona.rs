//! Sign-in as a test person by one click: in development stores only, refused everywhere else with its own code.

use super::finish::{Proof, finish, refused};
use super::{Browser, SignIn, SignInError, SignInStep};
use rand::CryptoRng;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::StoreMode;

/// How sure a sign-in with a test person can be at most.
pub(super) const PERSONA_MAX: Assurance = Assurance::Face;

/// Signs in as a test person, with the whole assurance of the person.
///
/// # Errors
/// [`SignInError::TestDouble`] in a production store, [`SignInError::Refused`] when there is no such test person, or the
/// store's.
pub async fn as_persona(
    context: &Context,
    sign_in: &SignIn,
    persona: &PersonId,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignInStep, SignInError> {
    if sign_in.store().mode() != StoreMode::Development {
        return Err(refused(context, sign_in, "persona", None, SignInError::TestDouble).await);
    }
    let found = sign_in.people.find_record(persona).await?;
    if found.is_none_or(|person| !person.persona) {
        return Err(refused(context, sign_in, "persona", None, SignInError::Refused).await);
    }
    let proof = Proof {
        person: persona.clone(),
        assurance_max: PERSONA_MAX,
        amr: vec!["persona".to_owned()],
        device_for: None,
        second_factor: None,
    };
    finish(context, sign_in, proof, browser, rng).await
}
