//! Pushed authorization requests (RFC 9126).

use crate::client_auth::AuthenticatedClient;
use crate::flow::authorize::{registered_redirect, request};
use crate::flow::{PAR_PATH, RequestParameters, possession};
use crate::provider::{PUSHED_MS, Provider, hash, new_secret};
use crate::refusal::Refusal;
use serde::Serialize;
use yizhan_domain::Context;
use yizhan_store::records::{RequestRecord, Trail};

/// Answer to a pushed request (RFC 9126, section 2.2). No `Debug`: the address is a secret until it is used.
#[derive(Serialize)]
pub struct PushAnswer {
    /// Names the request, once.
    pub request_uri: String,
    /// Seconds until it ends.
    pub expires_in: u64,
}

pub(super) async fn push(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    form: &RequestParameters,
    dpop: Option<&str>,
) -> Result<PushAnswer, Refusal> {
    form.bounded()?;
    let client = &client.record;
    // RFC 9126, section 2.1: a pushed request names no other.
    if form.get("request_uri").is_some() {
        return Err(Refusal::ForeignRequestUri);
    }
    if form.get("client_id").is_some_and(|named| named != client.id.as_str()) {
        return Err(Refusal::WrongClient);
    }
    let app = provider.released_app(&client.app).await?;
    registered_redirect(client, form)?;
    let mut asked = request::read(form, client, &app, context.now)?;
    let proven = possession::at_endpoint(context, provider, PAR_PATH, dpop).await?;
    // RFC 9449, section 10.1: a proof at this endpoint binds the code as `dpop_jkt` does.
    if let (Some(named), Some(proven)) = (&asked.dpop_jkt, &proven)
        && named != proven
    {
        return Err(Refusal::WrongDpopKey);
    }
    asked.dpop_jkt = asked.dpop_jkt.or(proven);
    let secret = new_secret()?;
    let record = RequestRecord {
        hash: hash(&secret),
        client: client.id.clone(),
        parameters: serde_json::to_value(&asked).map_err(|_| Refusal::Unavailable)?,
        expires: context.now.plus_ms(PUSHED_MS),
    };
    provider.store.put_request(record, Trail::default()).await?;
    let request_uri = format!("{}{}", request::REQUEST_URI_PREFIX, secret.as_str());
    Ok(PushAnswer { request_uri, expires_in: PUSHED_MS / 1000 })
}
