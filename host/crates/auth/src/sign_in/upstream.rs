//! Sign-in through an upstream OpenID provider: who an upstream account is here. The HTTP part, and the checks of the
//! upstream's ID token, are the front door's.

use super::finish::{Proof, finish};
use super::{Browser, SignIn, SignInError, SignInStep};
use crate::people::{HandleText, NewPerson, People, PeopleError, PersonData, UpstreamAccount, Whom};
use rand::CryptoRng;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::SessionRecord;

/// What a verified ID token of the upstream says. It has no `Debug`.
#[derive(Clone, Copy)]
pub struct UpstreamProfile<'a> {
    /// `iss`, exactly as configured.
    pub issuer: &'a str,
    /// `sub`.
    pub subject: &'a str,
    /// `name`, if given.
    pub name: Option<&'a str>,
}

/// The person of an upstream account; a new one with `basic` assurance the first time. An account here is never found by a
/// number or name that the upstream claims: who has one already links the upstream while signed in ([`link_to`]).
///
/// # Errors
/// Those of [`People::register`].
pub async fn link(
    context: &Context,
    people: &People,
    profile: UpstreamProfile<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<PersonId, PeopleError> {
    let handle = HandleText::Upstream { issuer: profile.issuer, subject: profile.subject };
    if let Some(person) = people.find(handle).await? {
        return Ok(person);
    }
    let mut data = PersonData::default();
    data.name = profile.name.unwrap_or_default().chars().filter(|letter| !letter.is_control()).take(64).collect();
    data.upstream.push(account_of(profile));
    let new = NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data };
    match people.register(context, "system", new, rng).await {
        // Another request of the same account was first.
        Err(PeopleError::Taken) => people.find(handle).await?.ok_or(PeopleError::Taken),
        registered => registered,
    }
}

/// Links an upstream account to the person who is signed in.
///
/// # Errors
/// [`PeopleError::Taken`] when it belongs to somebody else, and those of [`People::change`].
pub async fn link_to(
    context: &Context,
    people: &People,
    session: &SessionRecord,
    profile: UpstreamProfile<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), PeopleError> {
    let actor = format!("person:{}", session.person);
    let account = account_of(profile);
    let edit = |data: &mut PersonData| {
        if !data.upstream.contains(&account) {
            data.upstream.push(account);
        }
    };
    people.change(context, Whom { person: &session.person, by: &actor }, edit, rng).await
}

/// The person of an upstream account, and how sure that upstream can be at most: configured, never what it says of itself.
#[derive(Debug, Clone)]
pub struct LinkedPerson {
    /// Who.
    pub person: PersonId,
    /// The bound of the upstream.
    pub assurance_max: Assurance,
}

/// Signs in the person of an upstream account.
///
/// # Errors
/// The store's.
pub async fn with_upstream(
    context: &Context,
    sign_in: &SignIn,
    linked: LinkedPerson,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignInStep, SignInError> {
    let proof = Proof {
        person: linked.person,
        assurance_max: linked.assurance_max,
        amr: vec!["upstream".to_owned()],
        device_for: None,
        second_factor: None,
    };
    finish(context, sign_in, proof, browser, rng).await
}

fn account_of(profile: UpstreamProfile<'_>) -> UpstreamAccount {
    UpstreamAccount { issuer: profile.issuer.to_owned(), subject: profile.subject.to_owned() }
}
