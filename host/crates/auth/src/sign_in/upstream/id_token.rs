//! The checks of an upstream's ID token (OpenID Connect Core 1.0, section 3.1.3.7).

use super::begin::Transaction;
use super::{Upstream, UpstreamError};
use crate::jose::{Claims, Expect, JoseError};
use serde_json::Value;
use yizhan_domain::Context;

/// How far the clocks of hub and provider may differ, seconds.
const SKEW_S: u64 = 30;
/// How old a token may be that comes straight from the token endpoint, seconds.
const AGE_S: u64 = 600;
/// Longest subject, bytes.
const SUBJECT_BYTES_MAX: usize = 255;

/// The claims of an ID token that was issued for this sign-in. The provider's keys are asked for once more when the token
/// names one that is not known.
pub(super) async fn verified(
    context: &Context,
    upstream: &Upstream,
    transaction: &Transaction,
    token: &str,
) -> Result<Claims, UpstreamError> {
    let expect = Expect { types: Expect::UNTYPED, algorithms: &upstream.settings.algorithms };
    let mut result = upstream.signers(context, false).await?.verify(token, &expect);
    if matches!(result, Err(JoseError::UnknownKey)) {
        result = upstream.signers(context, true).await?.verify(token, &expect);
    }
    let claims = result.map_err(|_| UpstreamError::Token("signature"))?.claims;
    check(context, upstream, transaction, &claims).map_err(UpstreamError::Token)?;
    Ok(claims)
}

fn check(
    context: &Context,
    upstream: &Upstream,
    transaction: &Transaction,
    claims: &Claims,
) -> Result<(), &'static str> {
    let now = context.now.0 / 1000;
    let rule = |holds: bool, name: &'static str| if holds { Ok(()) } else { Err(name) };
    rule(claims.text("iss") == Some(upstream.settings.issuer.as_str()), "iss")?;
    rule(is_for(claims, &upstream.settings.client_id), "aud")?;
    let azp = claims.get("azp");
    rule(azp.is_none_or(|azp| *azp == *upstream.settings.client_id), "azp")?;
    rule(claims.seconds("exp").is_some_and(|exp| now < exp), "exp")?;
    rule(claims.seconds("iat").is_some_and(|iat| iat <= now + SKEW_S && now <= iat.saturating_add(AGE_S)), "iat")?;
    rule(claims.seconds("nbf").is_none_or(|nbf| nbf <= now + SKEW_S), "nbf")?;
    rule(claims.text("nonce") == Some(transaction.nonce.as_str()), "nonce")?;
    let subject = claims.text("sub").unwrap_or_default();
    let plain = |text: &str| !text.is_empty() && text.len() <= SUBJECT_BYTES_MAX && !text.chars().any(char::is_control);
    rule(plain(subject), "sub")?;
    let begun = transaction.begun.0 / 1000;
    let proved = || claims.seconds("auth_time").is_some_and(|at| at + SKEW_S >= begun && at <= now + SKEW_S);
    rule(!transaction.fresh || proved(), "auth_time")
}

/// Whether this hub is the audience; of several audiences, `azp` must say that it was issued for this hub.
fn is_for(claims: &Claims, client: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == client,
        Some(Value::Array(many)) => {
            let named = many.iter().any(|one| one == client);
            named && (many.len() == 1 || claims.text("azp") == Some(client))
        }
        _ => false,
    }
}
