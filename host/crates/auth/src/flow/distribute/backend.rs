//! An envelope that a runtime asks for in the name of the app's own back end: sealed to that client's key, on what the person
//! granted to that client. The runtime passes it on and cannot open it.

use super::Ask;
use crate::flow::scope::{ClaimUse, Scope};
use crate::flow::standing::Standing;
use crate::provider::Provider;
use crate::refusal::Refusal;
use yizhan_domain::authorization::Custody;
use yizhan_domain::{ClientId, Context};

/// The back end's client in place of the runtime's: with the person's grant to it, and of that no more than the runtime's
/// token carries.
///
/// # Errors
/// [`Refusal::BadParameter`] for a token that is not a runtime's, [`Refusal::NoRecipientKey`] when the app has no back end,
/// [`Refusal::ClaimNotGranted`] when the person granted it nothing.
pub(super) async fn standing(context: &Context, provider: &Provider, asking: &Standing) -> Result<Standing, Refusal> {
    if asking.client.custody != Custody::Runtime {
        return Err(Refusal::BadParameter);
    }
    let id = ClientId(format!("{}:backend", asking.app.app));
    let client = provider.store.find_client(&id).await?.filter(|client| client.custody == Custody::Backend);
    let client = client.ok_or(Refusal::NoRecipientKey)?;
    let runtimes = &asking.grant;
    let found =
        provider.store.find_live_grant(&runtimes.person, runtimes.acting_for.as_ref(), &id, context.now).await?;
    let grant = found.ok_or(Refusal::ClaimNotGranted)?;
    let scope = Scope { offline: false, ..asking.scope.granted(&asking.app, &grant.uses) };
    let (token, app, session) = (asking.token.clone(), asking.app.clone(), asking.session.clone());
    Ok(Standing { token, client, app, grant, session, scope })
}

/// What is asked for of what was granted to the back end.
pub(super) fn chosen(backend: &Standing, ask: &Ask) -> Result<Vec<ClaimUse>, Refusal> {
    if ask.claims.len() > super::CLAIMS_MAX {
        return Err(Refusal::TooLarge);
    }
    let wanted = |(claim, purpose): &&ClaimUse| {
        ask.purpose.as_ref().is_none_or(|asked| asked == purpose)
            && (ask.claims.is_empty() || ask.claims.contains(claim))
    };
    let uses: Vec<ClaimUse> = backend.scope.uses.iter().filter(wanted).cloned().collect();
    let found = |claim: &yizhan_domain::Claim| uses.iter().any(|(granted, _)| granted == claim);
    if uses.is_empty() || !ask.claims.iter().all(found) { Err(Refusal::ClaimNotGranted) } else { Ok(uses) }
}
