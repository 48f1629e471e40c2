//! Step 2, 授权验证 `verify`: is the caller the client, is the code its own, fresh and unused, is the app still released? Then
//! tokens for what was reviewed and consented. Called by the back-channel endpoints and by the runtime's link.

mod exchange;
mod id_token;
mod introspect;
mod issue;
mod push;
mod refresh;

pub use crate::client_auth::{AuthenticatedClient, ClientCredentials, authenticate};
pub use exchange::Exchanging;
pub use introspect::Introspection;
pub use issue::TokenAnswer;
pub use push::PushAnswer;
pub use refresh::{RETRY_MS, Refreshing};

use crate::flow::RequestParameters;
use crate::provider::{Provider, Step};
use crate::refusal::Refusal;
use yizhan_domain::Context;

/// Takes a pushed authorization request (RFC 9126): every check of step 1 that needs no person. `dpop` is the value of the
/// DPoP header, if one was sent.
///
/// # Errors
/// Those of step 1, and those of DPoP.
pub async fn push(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    form: &RequestParameters,
    dpop: Option<&str>,
) -> Result<PushAnswer, Refusal> {
    let outcome = push::push(context, provider, client, form, dpop).await;
    written(context, provider, client, "request.refused", outcome).await
}

/// The token endpoint: reads the form of an authenticated client (RFC 6749, section 3.2).
///
/// # Errors
/// [`Refusal::GrantType`], and those of [`exchange`] and [`refresh`].
pub async fn token(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    form: &RequestParameters,
    dpop: Option<&str>,
) -> Result<TokenAnswer, Refusal> {
    form.bounded()?;
    match form.needed("grant_type")? {
        "authorization_code" => {
            let code = form.needed("code")?;
            let (verifier, redirect_uri) = (form.get("code_verifier"), form.get("redirect_uri"));
            exchange(context, provider, client, Exchanging { code, verifier, redirect_uri, dpop }).await
        }
        "refresh_token" => {
            let token = form.needed("refresh_token")?;
            refresh(context, provider, client, Refreshing { token, scope: form.get("scope"), dpop }).await
        }
        _ => Err(Refusal::GrantType),
    }
}

/// Exchanges a code. A replay ends everything that was issued from it.
///
/// # Errors
/// [`Refusal::ExpiredCode`], [`Refusal::CodeReplayed`], [`Refusal::OtherClientsCode`], [`Refusal::RedirectMismatch`],
/// [`Refusal::WrongVerifier`], those of DPoP, and whatever ended meanwhile: app, grant, session, mandate.
pub async fn exchange(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    exchanging: Exchanging<'_>,
) -> Result<TokenAnswer, Refusal> {
    let outcome = exchange::exchange(context, provider, client, exchanging).await;
    written(context, provider, client, "token.refused", outcome).await
}

/// Gets new tokens for a refresh token (RFC 6749, section 6).
///
/// # Errors
/// [`Refusal::ExpiredRefresh`], [`Refusal::RefreshReplayed`], [`Refusal::ScopeGrew`], those of DPoP, and whatever ended
/// meanwhile.
pub async fn refresh(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    refreshing: Refreshing<'_>,
) -> Result<TokenAnswer, Refusal> {
    let outcome = refresh::refresh(context, provider, client, refreshing).await;
    written(context, provider, client, "token.refused", outcome).await
}

/// Whether a token of this client stands (RFC 7662). What does not stand, or is another client's, is inactive.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn introspect(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<Introspection, Refusal> {
    introspect::introspect(context, provider, client, token).await
}

/// The same as a signed JWT (RFC 9701), `application/token-introspection+jwt`.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn introspect_signed(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<String, Refusal> {
    let answer = introspect(context, provider, client, token).await?;
    introspect::sign(context, provider, client, &answer).await
}

/// Writes a refusal down, unless the store did so with the replay it found.
async fn written<T>(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    action: &'static str,
    outcome: Result<T, Refusal>,
) -> Result<T, Refusal> {
    match outcome {
        Err(refusal) if !matches!(refusal, Refusal::Unavailable | Refusal::CodeReplayed | Refusal::RefreshReplayed) => {
            let actor = actor(client);
            Err(Step { context, provider, actor: &actor, action }.refused(refusal).await)
        }
        outcome => outcome,
    }
}

fn actor(client: &AuthenticatedClient) -> String {
    format!("client:{}", client.record.id)
}
