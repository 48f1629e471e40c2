//! Sign-out that a client begins in the browser (OpenID Connect RP-Initiated Logout 1.0). The person confirms it on a page of
//! the hub; then the host calls [`super::logout`].

use crate::flow::RequestParameters;
use crate::provider::Provider;
use crate::refusal::Refusal;
use yizhan_domain::{ClientId, Context, SessionId};

/// A sign-out that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogoutAsk {
    /// Which client asks, when it said so.
    pub client: Option<ClientId>,
    /// The session that the hint names; another one of this browser is asked about all the same.
    pub session: Option<SessionId>,
    /// Where the browser goes afterwards, with the client's `state`; none stays at the hub.
    pub redirect: Option<String>,
}

/// Reads the request (section 2).
///
/// # Errors
/// [`Refusal::WrongHint`], [`Refusal::UnknownClient`], [`Refusal::ForeignLogoutRedirect`].
pub async fn end_session(
    context: &Context,
    provider: &Provider,
    parameters: &RequestParameters,
) -> Result<LogoutAsk, Refusal> {
    parameters.bounded()?;
    let (hinted, session) = match parameters.get("id_token_hint") {
        Some(hint) => hinted(context, provider, hint).await?,
        None => (None, None),
    };
    let named = parameters.get("client_id").map(|id| ClientId(id.to_owned()));
    if hinted.is_some() && named.is_some() && hinted != named {
        return Err(Refusal::WrongHint);
    }
    let client = hinted.or(named);
    let redirect = match parameters.get("post_logout_redirect_uri") {
        Some(uri) => Some(registered(provider, client.as_ref(), uri, parameters.get("state")).await?),
        None => None,
    };
    Ok(LogoutAsk { client, session, redirect })
}

/// An ID token of this hub, expired or not.
async fn hinted(
    context: &Context,
    provider: &Provider,
    hint: &str,
) -> Result<(Option<ClientId>, Option<SessionId>), Refusal> {
    let claims = provider.own_claims(context, hint).await?;
    if claims.text("iss") != Some(provider.issuer.as_str()) {
        return Err(Refusal::WrongHint);
    }
    let client = claims.text("aud").map(|audience| ClientId(audience.to_owned()));
    Ok((client, claims.text("sid").map(|session| SessionId(session.to_owned()))))
}

async fn registered(
    provider: &Provider,
    client: Option<&ClientId>,
    uri: &str,
    state: Option<&str>,
) -> Result<String, Refusal> {
    let client = provider.known_client(client.ok_or(Refusal::ForeignLogoutRedirect)?).await?;
    if !client.post_logout_redirect_uris.iter().any(|registered| registered == uri) {
        return Err(Refusal::ForeignLogoutRedirect);
    }
    let Some(state) = state else { return Ok(uri.to_owned()) };
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    Ok(format!("{uri}{}{query}", if uri.contains('?') { '&' } else { '?' }))
}
