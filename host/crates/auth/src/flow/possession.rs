//! Proof of possession (DPoP, RFC 9449): is a proof needed, does it fit, was it used before? Steps 2 and 4 ask.

use crate::jose::dpop::{self, Proof};
use crate::provider::{Provider, hash};
use crate::refusal::Refusal;
use yizhan_domain::Context;
use yizhan_domain::authorization::Tier;
use yizhan_store::records::Trail;

/// Verifies a proof and uses its `jti` up; answers the thumbprint of its key.
pub(crate) async fn verify(context: &Context, provider: &Provider, proof: &Proof<'_>) -> Result<String, Refusal> {
    let proven = dpop::verify(proof, context.now).map_err(|_| Refusal::WrongDpop)?;
    let mark = hash(&format!("{}\0{}", proven.thumbprint, proven.jti));
    let first = provider.store.use_once("dpop", mark, proven.until, context.now, Trail::default()).await?;
    if first { Ok(proven.thumbprint) } else { Err(Refusal::DpopReplayed) }
}

/// At the hub's own endpoints: verifies the proof if one was sent.
pub(crate) async fn at_endpoint(
    context: &Context,
    provider: &Provider,
    path: &str,
    proof: Option<&str>,
) -> Result<Option<String>, Refusal> {
    let Some(token) = proof else { return Ok(None) };
    let url = provider.url(path);
    verify(context, provider, &Proof { token, method: "POST", url: &url, access_token: None }).await.map(Some)
}

/// The key that new tokens are bound to: the one that code or refresh token name, and in the high tier always one.
pub(crate) fn binding(tier: Tier, bound: Option<&str>, proven: Option<String>) -> Result<Option<String>, Refusal> {
    match (bound, proven) {
        (Some(bound), Some(proven)) if bound != proven => Err(Refusal::WrongDpopKey),
        (Some(_), None) => Err(Refusal::MissingDpop),
        (None, None) if tier == Tier::High => Err(Refusal::MissingDpop),
        (_, proven) => Ok(proven),
    }
}
