//! Step 4, 分发授权信息 `distribute`: does the token stand, and does its holder have its key? Then one envelope with exactly the
//! asked claims leaves, after audit and access log have it. Called by the UserInfo endpoint and by the runtime's link.

mod backend;
mod log;

use crate::flow::USERINFO_PATH;
use crate::flow::possession;
use crate::flow::scope::ClaimUse;
use crate::flow::seal::{self, Envelope, Sealing};
use crate::flow::standing::{self, Standing};
use crate::jose::dpop::Proof;
use crate::provider::{Provider, hash};
use crate::refusal::Refusal;
use yizhan_domain::{Claim, ClientId, Context};

/// Most claims that one request may narrow to.
pub const CLAIMS_MAX: usize = 32;

/// An access token as it was presented. No `Debug`: it holds secrets.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The access token.
    pub token: &'a str,
    /// Value of the DPoP header.
    pub dpop: Option<&'a str>,
    /// Method of the request, `GET` or `POST`.
    pub method: &'a str,
    /// Who presents it, when the caller knows.
    pub client: Option<&'a ClientId>,
}

/// Whose key an envelope is sealed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SealedFor {
    /// The client of the token.
    #[default]
    Holder,
    /// The app's `backend` client; for the token of a runtime alone, which passes the envelope on closed.
    Backend,
}

/// What is asked of UserInfo. Without purpose and claims: everything that the token carries. Our extension: form fields
/// `purpose` and `claims` narrow it, `recipient=backend` seals it to the app's own back end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// One purpose.
    pub purpose: Option<String>,
    /// These claims and no other.
    pub claims: Vec<Claim>,
    /// Whose key it is sealed to.
    pub sealed_for: SealedFor,
}

/// What leaves: `application/jwt`, `no-store`.
pub type Distributed = Envelope;

/// Seals what is asked to the client of the token and hands it out. Refusals are written down too, once the token says whose
/// data it was about.
///
/// # Errors
/// Every refusal of steps 3 and 4.
pub async fn distribute(
    context: &Context,
    provider: &Provider,
    presented: Presented<'_>,
    ask: &Ask,
) -> Result<Distributed, Refusal> {
    let hash = hash(presented.token);
    let standing = match standing::check(context, provider, &hash, presented.client).await {
        Ok(standing) => standing,
        Err(refusal) => return Err(log::refused_token(context, provider, (&hash, ask), refusal).await),
    };
    match deliver(context, provider, &standing, (presented, ask)).await {
        Err(refusal) if refusal != Refusal::Unavailable => {
            Err(log::refused(context, provider, &standing, ask, refusal).await)
        }
        delivered => delivered,
    }
}

async fn deliver(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    (presented, ask): (Presented<'_>, &Ask),
) -> Result<Distributed, Refusal> {
    access_only(standing)?;
    holds_key(context, provider, standing, presented).await?;
    match ask.sealed_for {
        SealedFor::Holder => hand_out(context, provider, standing, &chosen(standing, ask)?).await,
        SealedFor::Backend => {
            let backend = backend::standing(context, provider, standing).await?;
            hand_out(context, provider, &backend, &backend::chosen(&backend, ask)?).await
        }
    }
}

/// Seals to the client of the standing and lets go, once the trail is durable.
async fn hand_out(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    uses: &[ClaimUse],
) -> Result<Distributed, Refusal> {
    let sealed = seal::seal(context, provider, Sealing { standing, uses }).await?;
    let trail = log::delivered(context, provider, standing, uses, sealed.jti());
    sealed.release(provider, trail).await
}

/// A refresh token opens nothing.
fn access_only(standing: &Standing) -> Result<(), Refusal> {
    match standing.token.kind {
        yizhan_store::records::TokenKind::Access => Ok(()),
        yizhan_store::records::TokenKind::Refresh => Err(Refusal::RevokedToken),
    }
}

/// RFC 9449, section 7: a bound token needs a proof of its key, made for this token; a bearer token takes none.
async fn holds_key(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    presented: Presented<'_>,
) -> Result<(), Refusal> {
    let (bound, proof) = match (&standing.token.dpop_jkt, presented.dpop) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return Err(Refusal::WrongDpopKey),
        (Some(_), None) => return Err(Refusal::MissingDpop),
        (Some(bound), Some(proof)) => (bound, proof),
    };
    let url = provider.url(USERINFO_PATH);
    let proof = Proof { token: proof, method: presented.method, url: &url, access_token: Some(presented.token) };
    let proven = possession::verify(context, provider, &proof).await?;
    if proven == *bound { Ok(()) } else { Err(Refusal::WrongDpopKey) }
}

/// What is asked for, each claim with its purpose; nothing beyond what the token was issued for. Whether it is still granted
/// is the question of step 3.
fn chosen(standing: &Standing, ask: &Ask) -> Result<Vec<ClaimUse>, Refusal> {
    if ask.purpose.is_none() && ask.claims.is_empty() {
        return Ok(standing.scope.uses.iter().cloned().collect());
    }
    if ask.claims.len() > CLAIMS_MAX {
        return Err(Refusal::TooLarge);
    }
    let carried = crate::flow::Scope::of_kept(&standing.token.scopes)?.uses;
    let wanted = |(claim, purpose): &&ClaimUse| {
        ask.purpose.as_ref().is_none_or(|asked| asked == purpose)
            && (ask.claims.is_empty() || ask.claims.contains(claim))
    };
    let uses: Vec<ClaimUse> = carried.iter().filter(wanted).cloned().collect();
    let found = |claim: &Claim| uses.iter().any(|(carried, _)| carried == claim);
    if uses.is_empty() || !ask.claims.iter().all(found) { Err(Refusal::ClaimNotGranted) } else { Ok(uses) }
}
