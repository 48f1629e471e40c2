//! Client authentication: who is calling the back-channel endpoints? Signed assertions (RFC 7523); secrets for development
//! registrations alone. The first thing of steps 2 and 4.

mod assertion;
mod credentials;
mod secret;

pub use credentials::ClientCredentials;
pub use secret::hash_secret;

use crate::jose::JwkSet;
use crate::provider::{Provider, Step};
use crate::refusal::Refusal;
use yizhan_domain::{ClientId, Context};
use yizhan_store::records::{ClientAuthMethod, ClientRecord};

/// A client that has proved who it is. Only [`authenticate`] makes one.
#[derive(Debug, Clone)]
pub struct AuthenticatedClient {
    pub(crate) record: ClientRecord,
}

impl AuthenticatedClient {
    /// Its registration.
    #[must_use]
    pub fn record(&self) -> &ClientRecord {
        &self.record
    }
}

/// Authenticates a client. A failure is written down under the name of the client that was claimed.
///
/// # Errors
/// [`Refusal::UnknownClient`], [`Refusal::WrongClient`], [`Refusal::SecretForbidden`], or one of the assertion.
pub async fn authenticate(
    context: &Context,
    provider: &Provider,
    credentials: &ClientCredentials,
) -> Result<AuthenticatedClient, Refusal> {
    let id = credentials.claimed_client()?;
    let record = provider.known_client(&id).await?;
    let proved = prove(context, provider, &record, credentials).await;
    match proved {
        Ok(()) => Ok(AuthenticatedClient { record }),
        Err(Refusal::Unavailable) => Err(Refusal::Unavailable),
        Err(refusal) => {
            let actor = format!("client:{id}");
            Err(Step { context, provider, actor: &actor, action: "client.refused" }.refused(refusal).await)
        }
    }
}

async fn prove(
    context: &Context,
    provider: &Provider,
    client: &ClientRecord,
    credentials: &ClientCredentials,
) -> Result<(), Refusal> {
    match (&client.auth_method, credentials) {
        (ClientAuthMethod::PrivateKeyJwt, ClientCredentials::Assertion { assertion, .. }) => {
            assertion::verify(context, provider, client, assertion).await
        }
        (ClientAuthMethod::ClientSecretBasic(kept), ClientCredentials::Basic { secret, .. }) => {
            secret::verify(client, kept, secret)
        }
        (ClientAuthMethod::PrivateKeyJwt, ClientCredentials::Basic { .. }) => Err(Refusal::SecretForbidden),
        _ => Err(Refusal::WrongClient),
    }
}

/// The keys of a client that were not revoked. A revoked one carries the member `revoked` (OpenID Federation 1.0, section
/// 8.7.2: historical keys); none when every key is.
pub(crate) fn live_keys(client: &ClientRecord) -> Result<Option<JwkSet>, Refusal> {
    let listed = client.jwks.get("keys").and_then(serde_json::Value::as_array);
    let live: Vec<_> = listed.into_iter().flatten().filter(|key| key.get("revoked").is_none()).cloned().collect();
    if live.is_empty() {
        return Ok(None);
    }
    JwkSet::from_value(&serde_json::json!({ "keys": live })).map(Some).map_err(|_| Refusal::BadRegistration)
}

/// Whether a client has a revoked key of this use.
pub(crate) fn has_revoked(client: &ClientRecord, key_use: &str) -> bool {
    let listed = client.jwks.get("keys").and_then(serde_json::Value::as_array);
    listed
        .into_iter()
        .flatten()
        .any(|key| key.get("revoked").is_some() && key.get("use").and_then(serde_json::Value::as_str) == Some(key_use))
}

/// The client that an id names.
pub(crate) fn client_id(text: &str) -> ClientId {
    ClientId(text.to_owned())
}
