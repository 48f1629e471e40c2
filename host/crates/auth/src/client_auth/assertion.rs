//! Client assertions, `private_key_jwt` (RFC 7523, sections 2.2 and 3; FAPI 2.0, section 5.3.2.1).

use super::live_keys;
use crate::flow::TOKEN_PATH;
use crate::jose::{self, Claims, Expect, JwsAlgorithm};
use crate::provider::{Provider, hash};
use crate::refusal::Refusal;
use serde_json::Value;
use yizhan_domain::authorization::Tier;
use yizhan_domain::{Context, Timestamp};
use yizhan_store::records::{ClientRecord, Trail};

/// How long an assertion counts, seconds: until `exp`, and at baseline at the latest so long after `iat`.
const LIFE_S: u64 = 300;
/// Latest `exp` at baseline, seconds from now: common clients write an hour whatever is asked.
const EXP_S_MAX: u64 = 3600;
/// How far a client's clock may be ahead, seconds.
const SKEW_S: u64 = 60;
/// Longest `jti`, bytes.
const JTI_BYTES_MAX: usize = 256;

pub(super) async fn verify(
    context: &Context,
    provider: &Provider,
    client: &ClientRecord,
    assertion: &str,
) -> Result<(), Refusal> {
    let keys = live_keys(client)?.ok_or(Refusal::WrongClient)?;
    let types = &["", "jwt", "client-authentication+jwt"];
    let expect = Expect { types, algorithms: JwsAlgorithm::CLIENT };
    let claims = jose::verify(assertion, &keys, &expect).map_err(|_| Refusal::WrongClient)?.claims;
    same_client(&claims, client)?;
    right_audience(&claims, client, provider)?;
    let until = not_too_old(&claims, client, context)?;
    used_once(&claims, client, context, provider, until).await
}

/// `iss` and `sub` are the client.
fn same_client(claims: &Claims, client: &ClientRecord) -> Result<(), Refusal> {
    let id = Some(client.id.as_str());
    if claims.text("iss") == id && claims.text("sub") == id { Ok(()) } else { Err(Refusal::WrongClient) }
}

/// `aud` is the issuer, or exactly the token endpoint at baseline; never one of several.
fn right_audience(claims: &Claims, client: &ClientRecord, provider: &Provider) -> Result<(), Refusal> {
    let audience = only_audience(claims, client.tier).ok_or(Refusal::AssertionAudience)?;
    let is_token_endpoint = client.tier == Tier::Baseline && audience == provider.url(TOKEN_PATH);
    if audience == provider.issuer || is_token_endpoint { Ok(()) } else { Err(Refusal::AssertionAudience) }
}

/// The one audience: a text, or at baseline a list of exactly one text (RFC 7519, section 4.1.3, lets both forms).
fn only_audience(claims: &Claims, tier: Tier) -> Option<&str> {
    match claims.get("aud")? {
        Value::String(audience) => Some(audience),
        Value::Array(listed) if tier == Tier::Baseline => match listed.as_slice() {
            [audience] => audience.as_str(),
            _ => None,
        },
        _ => None,
    }
}

/// `exp` has not passed and is near, `iat` and `nbf` are not in the future. Answers until when the assertion counts.
fn not_too_old(claims: &Claims, client: &ClientRecord, context: &Context) -> Result<Timestamp, Refusal> {
    let now = context.now.0 / 1000;
    let exp = claims.seconds("exp").ok_or(Refusal::AssertionExpired)?;
    let future = |name| claims.get(name).is_some() && claims.seconds(name).is_none_or(|at| at > now + SKEW_S);
    if future("iat") || future("nbf") {
        return Err(Refusal::AssertionExpired);
    }
    let until = match claims.seconds("iat") {
        _ if exp <= now + LIFE_S => exp,
        Some(iat) if client.tier == Tier::Baseline && exp <= now + EXP_S_MAX => iat + LIFE_S,
        _ => return Err(Refusal::AssertionExpired),
    };
    if until <= now { Err(Refusal::AssertionExpired) } else { Ok(Timestamp((until + 1) * 1000)) }
}

async fn used_once(
    claims: &Claims,
    client: &ClientRecord,
    context: &Context,
    provider: &Provider,
    until: Timestamp,
) -> Result<(), Refusal> {
    let jti = claims.text("jti").filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len())).ok_or(Refusal::WrongClient)?;
    let mark = hash(&format!("{}\0{jti}", client.id));
    let first = provider.store.use_once("client-assertion", mark, until, context.now, Trail::default()).await?;
    if first { Ok(()) } else { Err(Refusal::AssertionReplayed) }
}
