//! Tokens that the hub signs for this runtime: ID tokens (OpenID Connect Core 1.0, section 3.1.3.7) and logout tokens
//! (Back-Channel Logout 1.0, section 2.6).

use super::{AppClient, LoginError, Runtime};
use crate::jose::{Claims, Expect, JoseError, JwsAlgorithm, Verified, verify};
use serde_json::Value;
use yizhan_domain::{Context, SessionId};

/// How far the clocks of hub and runtime may differ, seconds.
const SKEW_S: u64 = 30;
/// How old a logout token may be, seconds.
const LOGOUT_AGE_S: u64 = 300;

/// What the runtime takes from an ID token.
pub(super) struct IdToken {
    pub(super) subject: String,
    pub(super) session: SessionId,
}

/// What the runtime takes from a logout token.
pub(super) struct LogoutToken {
    pub(super) session: SessionId,
    pub(super) jti: String,
    /// Until when its `jti` must be remembered, seconds since the epoch.
    pub(super) until_s: u64,
}

/// Verifies an ID token against the nonce of its request.
pub(super) async fn id_token(
    context: &Context,
    runtime: &Runtime,
    client: &AppClient,
    (token, nonce): (&str, &str),
) -> Result<IdToken, LoginError> {
    let claims = verified(context, runtime, token, Expect::UNTYPED).await?;
    let now = context.now.0 / 1000;
    issued_for(runtime, client, &claims)?;
    if claims.seconds("exp").is_none_or(|exp| exp <= now) {
        return Err(LoginError::Token("exp"));
    }
    if claims.seconds("iat").is_none_or(|iat| iat > now + SKEW_S) {
        return Err(LoginError::Token("iat"));
    }
    if claims.text("nonce") != Some(nonce) {
        return Err(LoginError::Token("nonce"));
    }
    let subject = claims.text("sub").ok_or(LoginError::Token("sub"))?.to_owned();
    Ok(IdToken { subject, session: session(&claims)? })
}

/// Verifies a logout token; whether its `jti` is new is for the caller.
pub(super) async fn logout_token(
    context: &Context,
    runtime: &Runtime,
    client: &AppClient,
    token: &str,
) -> Result<LogoutToken, LoginError> {
    let claims = verified(context, runtime, token, &["logout+jwt"]).await?;
    let now = context.now.0 / 1000;
    issued_for(runtime, client, &claims)?;
    let issued = claims.seconds("iat").ok_or(LoginError::Token("iat"))?;
    if issued > now + SKEW_S || issued + LOGOUT_AGE_S < now || claims.seconds("exp").is_none_or(|exp| exp <= now) {
        return Err(LoginError::Token("exp"));
    }
    let event =
        claims.get("events").and_then(|events| events.get("http://schemas.openid.net/event/backchannel-logout"));
    if !event.is_some_and(Value::is_object) {
        return Err(LoginError::Token("events"));
    }
    // An ID token can never pass for a logout token.
    if claims.get("nonce").is_some() {
        return Err(LoginError::Token("nonce"));
    }
    let jti = claims.text("jti").ok_or(LoginError::Token("jti"))?.to_owned();
    Ok(LogoutToken { session: session(&claims)?, jti, until_s: issued + LOGOUT_AGE_S + SKEW_S })
}

/// The claims of a token that the hub signed; its keys are asked for again once when the token names one that is new.
async fn verified(context: &Context, runtime: &Runtime, token: &str, types: &[&str]) -> Result<Claims, LoginError> {
    let expect = Expect { types, algorithms: &[JwsAlgorithm::Es256] };
    let mut keys = runtime.link.jwks(*context, false).await?;
    let mut result = verify(token, &keys, &expect);
    if matches!(result, Err(JoseError::UnknownKey)) {
        keys = runtime.link.jwks(*context, true).await?;
        result = verify(token, &keys, &expect);
    }
    let Verified { claims, .. } = result.map_err(|_| LoginError::Token("signature"))?;
    Ok(claims)
}

fn issued_for(runtime: &Runtime, client: &AppClient, claims: &Claims) -> Result<(), LoginError> {
    if claims.text("iss") != Some(runtime.issuer()) {
        return Err(LoginError::Token("iss"));
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == client.id.as_str(),
        Some(Value::Array(many)) => matches!(many.as_slice(), [one] if one == client.id.as_str()),
        _ => false,
    };
    if for_us { Ok(()) } else { Err(LoginError::Token("aud")) }
}

fn session(claims: &Claims) -> Result<SessionId, LoginError> {
    claims.text("sid").map(|sid| SessionId(sid.to_owned())).ok_or(LoginError::Token("sid"))
}
