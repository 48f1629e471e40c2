//! The OpenID provider's endpoints: discovery, keys, authorization in the browser, the back channel. No answer carries CORS
//! headers; what holds a secret is never stored.

mod back_channel;
mod end_session;
mod userinfo;

pub(crate) use end_session::{sign_out, signed_out};

use super::consent;
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::oauth_error::{self, Endpoint};
use crate::hub_side::HubSide;
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{HeaderValue, Response, header};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use yizhan_auth::flow::{
    AUTHORIZE_PATH, END_SESSION_PATH, INTROSPECT_PATH, JWKS_PATH, NATIONAL_JWKS_PATH, PAR_PATH, REVOKE_PATH,
    RequestParameters, TOKEN_PATH, USERINFO_PATH,
};
use yizhan_auth::jose::{Jwk, JwsAlgorithm};
use yizhan_auth::provider::discovery;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route(JWKS_PATH, get(jwks))
        .route(NATIONAL_JWKS_PATH, get(national_jwks))
        .route(AUTHORIZE_PATH, get(authorize).post(authorize_posted))
        .route(PAR_PATH, post(back_channel::push))
        .route(TOKEN_PATH, post(back_channel::token))
        .route(INTROSPECT_PATH, post(back_channel::introspect))
        .route(REVOKE_PATH, post(back_channel::revoke))
        .route(USERINFO_PATH, get(userinfo::read).post(userinfo::read))
        .route(END_SESSION_PATH, get(end_session::asked).post(end_session::asked_posted))
        .route("/oauth/end_session/confirm", post(end_session::confirmed))
}

/// OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3.
async fn metadata(caller: Caller) -> HubAnswer {
    public_json(&discovery::metadata(&caller.hub.provider))
}

/// The keys of algorithms that every JOSE library may know.
async fn jwks(caller: Caller) -> HubAnswer {
    keys(&caller, |algorithm| algorithm != JwsAlgorithm::SgdSm3Sm2).await
}

/// All keys.
async fn national_jwks(caller: Caller) -> HubAnswer {
    keys(&caller, |_| true).await
}

async fn keys(caller: &Caller, shown: impl Fn(JwsAlgorithm) -> bool) -> HubAnswer {
    match caller.hub.provider.jwks(caller.context.now).await {
        Ok(keys) => {
            let keys = keys.keys().filter(|key| key.signature_algorithm().is_some_and(&shown));
            public_json(&json!({ "keys": keys.map(Jwk::to_value).collect::<Vec<_>>() }))
        }
        Err(refusal) => oauth_error::answer(refusal, Endpoint::BackChannel { basic: false }),
    }
}

/// RFC 6749, section 3.1: the browser comes with GET.
async fn authorize(caller: Caller) -> HubAnswer {
    let parameters = parameters_of(caller.uri.query().unwrap_or_default().as_bytes());
    consent::begin(&caller, &parameters).await
}

/// OpenID Connect Core 1.0, section 3.1.2.1: POST must be offered too. The request may come from any origin.
async fn authorize_posted(request: back_channel::ClientForm) -> HubAnswer {
    match request.form {
        Ok(form) => consent::begin(&request.caller, &form).await,
        Err(refusal) => consent::refused(&request.caller, refusal),
    }
}

/// What anyone may keep for five minutes.
fn public_json(value: &impl Serialize) -> HubAnswer {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut answer = Response::new(Body::from(text));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// Names and values of a query or a form, decoded.
fn parameters_of(bytes: &[u8]) -> RequestParameters {
    RequestParameters(form_urlencoded::parse(bytes).into_owned().collect())
}

/// The fields of a form of our own pages.
fn fields_of(posted: &Posted) -> RequestParameters {
    RequestParameters::of(posted.fields.iter())
}
