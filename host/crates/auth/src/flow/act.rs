//! In whose name an app acts: does its token stand, did review let it do this, and did the person agree to it? Asked by the
//! runtime's link before every call of a service that acts for people.

use super::authorize::agreed_acts;
use super::standing;
use crate::provider::{Provider, hash};
use crate::refusal::Refusal;
use yizhan_domain::authorization::Capacity;
use yizhan_domain::person::Assurance;
use yizhan_domain::{AppId, ClientId, Context, Permission, PersonId};
use yizhan_store::records::TokenKind;

/// The person whom an app acts for. Never leaves the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// Who.
    pub person: PersonId,
    /// The legal person acted for.
    pub acting_for: Option<Capacity>,
    /// How sure the hub is of the person.
    pub assurance: Assurance,
    /// The app.
    pub app: AppId,
}

/// Checks an access token of a client of the runtime for an act.
///
/// # Errors
/// Every refusal of a token that does not stand; [`Refusal::UnreviewedClaim`] when review did not let the app do this,
/// [`Refusal::ClaimNotGranted`] when the person did not agree to it.
pub async fn check(
    context: &Context,
    provider: &Provider,
    client: &ClientId,
    token: &str,
    permission: &Permission,
) -> Result<Acting, Refusal> {
    let standing = standing::check(context, provider, &hash(token), Some(client)).await?;
    if standing.token.kind != TokenKind::Access {
        return Err(Refusal::RevokedToken);
    }
    let grant = &standing.grant;
    provider.held_mandate(&grant.person, grant.acting_for.as_ref()).await?;
    if !standing.app.lets(permission) {
        return Err(Refusal::UnreviewedClaim);
    }
    let consent = provider.store.find_consent(&grant.consent).await?.ok_or(Refusal::ClaimNotGranted)?;
    if !agreed_acts(&consent).contains(permission) {
        return Err(Refusal::ClaimNotGranted);
    }
    let person = provider.people.find_record(&grant.person).await?.ok_or(Refusal::GrantEnded)?;
    Ok(Acting {
        assurance: standing.session.as_ref().map_or(person.assurance, |session| session.assurance),
        person: grant.person.clone(),
        acting_for: grant.acting_for.clone(),
        app: standing.app.app.clone(),
    })
}
