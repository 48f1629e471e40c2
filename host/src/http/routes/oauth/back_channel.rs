//! What clients ask without the browser: pushed requests, tokens, introspection, revocation. Each proves who it is first.

use super::parameters_of;
use crate::http::caller::{Caller, FORM_BYTES_MAX, HubAnswer, is_form};
use crate::http::oauth_error::{self, Endpoint, no_store};
use crate::hub_side::HubSide;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Serialize;
use std::sync::Arc;
use yizhan_auth::Refusal;
use yizhan_auth::flow::verify::{self, AuthenticatedClient, ClientCredentials};
use yizhan_auth::flow::{RequestParameters, revoke};

/// A form that may come from anywhere, as it was read.
pub(super) struct ClientForm {
    pub(super) caller: Caller,
    pub(super) form: Result<RequestParameters, Refusal>,
}

impl FromRequest<Arc<HubSide>> for ClientForm {
    type Rejection = StatusCode;

    async fn from_request(request: Request, hub: &Arc<HubSide>) -> Result<Self, StatusCode> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, hub).await?;
        let form = if is_form(&caller.headers) || caller.method == http::Method::GET {
            match Limited::new(body, FORM_BYTES_MAX).collect().await {
                Ok(body) => Ok(parameters_of(&body.to_bytes())),
                Err(_) => Err(Refusal::TooLarge),
            }
        } else {
            Err(Refusal::BadParameter)
        };
        Ok(Self { caller, form })
    }
}

impl ClientForm {
    fn refused(&self, refusal: Refusal) -> HubAnswer {
        let basic = self.caller.headers.contains_key(header::AUTHORIZATION);
        oauth_error::answer(refusal, Endpoint::BackChannel { basic })
    }

    fn form(&self) -> Result<&RequestParameters, Refusal> {
        self.form.as_ref().map_err(|refusal| *refusal)
    }

    async fn client(&self) -> Result<AuthenticatedClient, Refusal> {
        let authorization =
            one(&self.caller.headers, header::AUTHORIZATION.as_str()).map_err(|_| Refusal::WrongClient)?;
        let credentials = ClientCredentials::read(authorization, self.form()?)?;
        verify::authenticate(&self.caller.context, &self.caller.hub.provider, &credentials).await
    }

    fn dpop(&self) -> Result<Option<&str>, Refusal> {
        one(&self.caller.headers, "dpop").map_err(|_| Refusal::WrongDpop)
    }
}

/// A header that may be sent once (RFC 9449, section 4.3), as text.
pub(super) fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// RFC 9126: 201 with the address of the request.
pub(super) async fn push(request: ClientForm) -> HubAnswer {
    let pushed = async {
        let client = request.client().await?;
        let Caller { context, hub, .. } = &request.caller;
        verify::push(context, &hub.provider, &client, request.form()?, request.dpop()?).await
    };
    match pushed.await {
        Ok(answer) => json(StatusCode::CREATED, &answer),
        Err(refusal) => request.refused(refusal),
    }
}

/// RFC 6749, section 3.2.
pub(super) async fn token(request: ClientForm) -> HubAnswer {
    let issued = async {
        let client = request.client().await?;
        let Caller { context, hub, .. } = &request.caller;
        verify::token(context, &hub.provider, &client, request.form()?, request.dpop()?).await
    };
    match issued.await {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(refusal) => request.refused(refusal),
    }
}

/// RFC 7662; as a signed JWT when the client accepts that alone (RFC 9701, section 4).
pub(super) async fn introspect(request: ClientForm) -> HubAnswer {
    const SIGNED: &str = "application/token-introspection+jwt";
    let accept = request.caller.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let signed = accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == SIGNED));
    let answered = async {
        let client = request.client().await?;
        let Caller { context, hub, .. } = &request.caller;
        let token = request.form()?.get("token").ok_or(Refusal::BadParameter)?;
        if signed {
            let jwt = verify::introspect_signed(context, &hub.provider, &client, token).await?;
            return Ok(text(jwt, SIGNED));
        }
        let answer = verify::introspect(context, &hub.provider, &client, token).await?;
        Ok(json(StatusCode::OK, &answer))
    };
    answered.await.unwrap_or_else(|refusal| request.refused(refusal))
}

/// RFC 7009: 200 for every token that no longer stands, known or not.
pub(super) async fn revoke(request: ClientForm) -> HubAnswer {
    let revoked = async {
        let client = request.client().await?;
        let Caller { context, hub, .. } = &request.caller;
        let token = request.form()?.get("token").ok_or(Refusal::BadParameter)?;
        revoke::token(context, &hub.provider, &client, token).await
    };
    match revoked.await {
        Ok(()) => {
            let mut answer = Response::new(Body::empty());
            no_store(answer.headers_mut());
            answer
        }
        Err(refusal) => request.refused(refusal),
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> HubAnswer {
    match serde_json::to_string(value) {
        Ok(body) => {
            let mut answer = text(body, "application/json");
            *answer.status_mut() = status;
            answer
        }
        Err(_) => oauth_error::answer(Refusal::Unavailable, Endpoint::BackChannel { basic: false }),
    }
}

/// A body that is never stored.
pub(super) fn text(body: String, kind: &'static str) -> HubAnswer {
    let mut answer = Response::new(Body::from(body));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    no_store(answer.headers_mut());
    answer
}
