//! Who an upstream account is here: found by issuer and subject, the first time by the one handle that the operator mapped,
//! or a new person.

use super::{HandleKind, Upstream, UpstreamError};
use crate::jose::Claims;
use crate::people::{HandleText, NewPerson, People, PeopleError, PersonData, UpstreamAccount, Whom};
use crate::sign_in::finish::{Proof, finish};
use crate::sign_in::{Browser, SignIn, SignInError, SignInStep};
use rand::CryptoRng;
use serde_json::Value;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::SessionRecord;

/// The person of a verified ID token, as the provider's settings say.
pub(super) async fn of_claims(
    context: &Context,
    (sign_in, upstream): (&SignIn, &Upstream),
    claims: &Claims,
    rng: &mut (impl CryptoRng + Send),
) -> Result<PersonId, UpstreamError> {
    let (people, settings) = (sign_in.people(), &upstream.settings);
    let subject = claims.text("sub").unwrap_or_default();
    let profile = UpstreamProfile { issuer: &settings.issuer, subject, name: claims.text("name") };
    let linked = HandleText::Upstream { issuer: profile.issuer, subject };
    if let Some(person) = people.find(linked).await? {
        return Ok(person);
    }
    if let Some(person) = find_mapped(people, upstream, claims).await? {
        let account = account_of(profile);
        let actor = format!("upstream:{}", settings.id);
        let edit = |data: &mut PersonData| data.upstream.push(account);
        people.change(context, Whom { person: &person, by: &actor }, edit, rng).await?;
        return Ok(person);
    }
    if settings.creates { Ok(link(context, people, profile, rng).await?) } else { Err(UpstreamError::NoAccount) }
}

/// Whom the mapped claim names. A claim that the provider says it has not verified names nobody.
async fn find_mapped(people: &People, upstream: &Upstream, claims: &Claims) -> Result<Option<PersonId>, UpstreamError> {
    let Some(mapped) = &upstream.settings.handle else { return Ok(None) };
    let verified = claims.get(&format!("{}_verified", mapped.claim));
    let unverified = match mapped.claim.as_str() {
        // OpenID Connect Core 1.0, section 5.1: these two are verified only when a claim beside them says so.
        "email" | "phone_number" => verified != Some(&Value::Bool(true)),
        _ => verified.is_some_and(|verified| *verified != Value::Bool(true)),
    };
    let Some(text) = claims.text(&mapped.claim).filter(|text| !text.is_empty() && !unverified) else {
        return Ok(None);
    };
    let handle = match mapped.kind {
        HandleKind::Login => HandleText::Login(text),
        // E.164, as OpenID Connect recommends, or the national number as people write it.
        HandleKind::Mobile => HandleText::Mobile(text.strip_prefix("+86").unwrap_or(text)),
        HandleKind::IdNumber => HandleText::IdNumber(text),
    };
    Ok(people.find(handle).await?)
}

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

/// The person of an upstream account; a new one with `basic` assurance the first time. An account here is not found by a
/// number or name that the upstream claims: the operator maps one, or who has an account links the upstream while signed in
/// ([`link_to`]).
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
