//! The way of a runtime to a hub in another process: the public protocol over HTTP, through the one checked connector.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_auth::Refusal;
use yizhan_auth::flow::verify::Introspection;
use yizhan_auth::flow::{INTROSPECT_PATH, NATIONAL_JWKS_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH, USERINFO_PATH};
use yizhan_auth::jose::{JwkSet, TOKEN_BYTES_MAX};
use yizhan_auth::runtime::link::{CodeAnswer, EnvelopeAsk, LinkFuture, Standing, Tokens};
use yizhan_auth::runtime::{Call, Caller, HubLink, LinkError, Prover, Ticks};
use yizhan_domain::limits::AppLimits;
use yizhan_domain::{Claim, Context};
use yizhan_sandbox::egress::{self, Egress, EgressSession, Target, Timeouts};
use zeroize::Zeroizing;

/// How long the hub's keys are kept, milliseconds, and how soon they may be asked for again.
const KEYS_MS: u64 = 300_000;
const KEYS_AGAIN_MS: u64 = 10_000;
/// How long a confirmation counts, milliseconds: revocation reaches this runtime within a second.
const CONFIRMATION_MS: u64 = 800;
/// How long the hub may take to answer, milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;
/// `client_assertion_type` of RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A hub elsewhere.
pub(crate) struct RemoteLink {
    issuer: String,
    egress: Egress,
    hub: Arc<[Target]>,
    ticks: Arc<dyn Ticks>,
    keys: Mutex<Option<(u64, Arc<JwkSet>)>>,
}

/// One request to the hub.
struct Asking<'a> {
    path: &'a str,
    /// None asks with GET.
    form: Option<&'a [(&'a str, &'a str)]>,
    /// Access token, where one is presented.
    access: Option<&'a str>,
    dpop: Option<&'a str>,
    ms_max: u64,
}

/// Answer of the token endpoint.
#[derive(Deserialize)]
struct TokenBody {
    access_token: Zeroizing<String>,
    expires_in: u64,
    refresh_token: Option<Zeroizing<String>>,
    id_token: Option<Zeroizing<String>>,
}

#[derive(Deserialize)]
struct PushBody {
    request_uri: String,
}

/// RFC 6749, section 5.2; the hub's stable code stands first in the description.
#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl RemoteLink {
    /// The hub with this issuer, which the connector reaches by `target` alone.
    pub(crate) fn new(issuer: String, target: Target, egress: Egress, ticks: Arc<dyn Ticks>) -> Self {
        Self { issuer, egress, hub: Arc::new([target]), ticks, keys: Mutex::default() }
    }

    async fn send(&self, asking: Asking<'_>) -> Result<(StatusCode, Zeroizing<Vec<u8>>), LinkError> {
        let request = self.request(&asking).map_err(|_| LinkError::Unreachable)?;
        let limits = AppLimits { egress_total_ms_max: asking.ms_max, ..AppLimits::default() };
        let session = EgressSession::new(&self.egress, egress::Caller::Platform, Arc::clone(&self.hub), &limits);
        let unreachable = |error: &dyn std::fmt::Display| {
            tracing::warn!(path = asking.path, %error, "the hub does not answer");
            LinkError::Unreachable
        };
        let answer = session.send(request, Timeouts::default()).await.map_err(|error| unreachable(&error))?;
        let (head, body) = answer.into_parts();
        let bytes = Limited::new(body, 2 * TOKEN_BYTES_MAX).collect().await.map_err(|error| unreachable(&error))?;
        Ok((head.status, Zeroizing::new(bytes.to_bytes().to_vec())))
    }

    fn request(&self, asking: &Asking<'_>) -> Result<Request<Full<Bytes>>, http::Error> {
        let method = if asking.form.is_some() { Method::POST } else { Method::GET };
        let url = format!("{}{}", self.issuer, asking.path);
        let mut request = Request::builder().method(method).uri(url).header(header::ACCEPT, "application/json, */*");
        if let Some(access) = asking.access {
            let scheme = if asking.dpop.is_some() { "DPoP" } else { "Bearer" };
            let mut value = HeaderValue::try_from(format!("{scheme} {access}"))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(proof) = asking.dpop {
            request = request.header("dpop", proof);
        }
        let body = match asking.form {
            None => String::new(),
            Some(form) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
            }
        };
        request.body(Full::new(Bytes::from(body)))
    }

    /// A back-channel call of a client, with its proofs.
    async fn call(
        &self,
        (context, prover): (&Context, Prover<'_>),
        path: &str,
        form: &[(&str, &str)],
        ms_max: u64,
    ) -> Result<Zeroizing<Vec<u8>>, LinkError> {
        let url = format!("{}{path}", self.issuer);
        let Caller { client, assertion, dpop } =
            prover.caller(context, Call { method: "POST", url: &url, access: None })?;
        let mut fields = vec![
            ("client_id", client.as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        fields.extend(form.iter().filter(|(name, _)| *name != "client_id"));
        let dpop = dpop.as_ref().map(|proof| proof.as_str());
        taken(self.send(Asking { path, form: Some(&fields), access: None, dpop, ms_max }).await?)
    }
}

/// The body of a good answer, or the hub's refusal.
fn taken((status, body): (StatusCode, Zeroizing<Vec<u8>>)) -> Result<Zeroizing<Vec<u8>>, LinkError> {
    if status.is_success() {
        return Ok(body);
    }
    let told: Option<ErrorBody> = serde_json::from_slice(&body).ok();
    let Some(told) = told.filter(|_| status.is_client_error()) else { return Err(LinkError::Unreachable) };
    let code = told.error_description.split(':').next().unwrap_or_default();
    let known = Refusal::ALL.iter().find(|refusal| refusal.code() == code);
    let known = known.or_else(|| Refusal::ALL.iter().find(|refusal| refusal.oauth_error() == told.error));
    Err(known.map_or(LinkError::Refused("refused-by-hub"), |refusal| (*refusal).into()))
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, LinkError> {
    serde_json::from_slice(body).map_err(|_| LinkError::Unreachable)
}

impl HubLink for RemoteLink {
    fn issuer(&self) -> &str {
        &self.issuer
    }

    fn confirmation_ms(&self) -> u64 {
        CONFIRMATION_MS
    }

    fn push<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        request: &'a [(String, String)],
    ) -> LinkFuture<'a, String> {
        Box::pin(async move {
            let form: Vec<(&str, &str)> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let body = self.call((&context, prover), PAR_PATH, &form, ANSWER_MS_MAX).await?;
            json::<PushBody>(&body).map(|body| body.request_uri)
        })
    }

    fn exchange<'a>(&'a self, context: Context, prover: Prover<'a>, answer: CodeAnswer) -> LinkFuture<'a, Tokens> {
        Box::pin(async move {
            let form = [
                ("grant_type", "authorization_code"),
                ("code", answer.code.as_str()),
                ("code_verifier", answer.verifier.as_str()),
                ("redirect_uri", answer.redirect_uri.as_str()),
            ];
            let body = self.call((&context, prover), TOKEN_PATH, &form, ANSWER_MS_MAX).await?;
            json::<TokenBody>(&body).map(Tokens::from)
        })
    }

    fn refresh<'a>(&'a self, context: Context, prover: Prover<'a>, refresh: &'a str) -> LinkFuture<'a, Tokens> {
        Box::pin(async move {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
            let body = self.call((&context, prover), TOKEN_PATH, &form, ANSWER_MS_MAX).await?;
            json::<TokenBody>(&body).map(Tokens::from)
        })
    }

    fn envelope<'a>(
        &'a self,
        context: Context,
        prover: Prover<'a>,
        access: &'a str,
        ask: EnvelopeAsk<'a>,
    ) -> LinkFuture<'a, String> {
        Box::pin(async move {
            let url = format!("{}{USERINFO_PATH}", self.issuer);
            let dpop = prover.possession(&context, Call { method: "POST", url: &url, access: Some(access) })?;
            let claims = ask.claims.iter().map(Claim::to_string).collect::<Vec<_>>().join(" ");
            let form = [("purpose", ask.purpose), ("claims", claims.as_str())];
            let asking = Asking {
                path: USERINFO_PATH,
                form: Some(&form),
                access: Some(access),
                dpop: dpop.as_ref().map(|proof| proof.as_str()),
                ms_max: ANSWER_MS_MAX,
            };
            let body = taken(self.send(asking).await?)?;
            String::from_utf8(body.to_vec()).map_err(|_| LinkError::Unreachable)
        })
    }

    fn confirm<'a>(&'a self, context: Context, prover: Prover<'a>, access: &'a str) -> LinkFuture<'a, Standing> {
        Box::pin(async move {
            let form = [("token", access)];
            let body = self.call((&context, prover), INTROSPECT_PATH, &form, CONFIRMATION_MS).await?;
            json::<Introspection>(&body).map(Standing::from)
        })
    }

    fn revoke<'a>(&'a self, context: Context, prover: Prover<'a>, token: &'a str) -> LinkFuture<'a, ()> {
        Box::pin(async move {
            let form = [("token", token)];
            self.call((&context, prover), REVOKE_PATH, &form, ANSWER_MS_MAX).await.map(drop)
        })
    }

    fn jwks(&self, _: Context, again: bool) -> LinkFuture<'_, Arc<JwkSet>> {
        Box::pin(async move {
            let now = self.ticks.ms();
            let keep_ms = if again { KEYS_AGAIN_MS } else { KEYS_MS };
            if let Some((at, keys)) = &*self.keys.lock().unwrap_or_else(PoisonError::into_inner)
                && now.saturating_sub(*at) < keep_ms
            {
                return Ok(Arc::clone(keys));
            }
            let asking =
                Asking { path: NATIONAL_JWKS_PATH, form: None, access: None, dpop: None, ms_max: ANSWER_MS_MAX };
            let body = taken(self.send(asking).await?)?;
            let keys = JwkSet::from_value(&json(&body)?).map(Arc::new).map_err(|_| LinkError::Unreachable)?;
            *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&keys)));
            Ok(keys)
        })
    }
}

impl From<TokenBody> for Tokens {
    fn from(body: TokenBody) -> Self {
        let TokenBody { access_token, expires_in, refresh_token, id_token } = body;
        Self { access: access_token, expires_in, refresh: refresh_token, id_token }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: StatusCode, text: &str) -> LinkError {
        taken((status, Zeroizing::new(text.as_bytes().to_vec()))).expect_err("refused")
    }

    #[test]
    fn a_refusal_keeps_its_stable_code_over_the_wire() {
        let body = r#"{"error":"invalid_grant","error_description":"code-replayed: the code was used before"}"#;
        assert_eq!(refused(StatusCode::BAD_REQUEST, body), LinkError::Refused("code-replayed"));
        let body = r#"{"error":"something_else"}"#;
        assert_eq!(refused(StatusCode::BAD_REQUEST, body), LinkError::Refused("refused-by-hub"));
    }

    #[test]
    fn a_hub_that_fails_is_none_that_refuses() {
        assert_eq!(refused(StatusCode::SERVICE_UNAVAILABLE, "{}"), LinkError::Unreachable);
        assert_eq!(refused(StatusCode::BAD_GATEWAY, r#"{"error":"invalid_grant"}"#), LinkError::Unreachable);
        assert_eq!(refused(StatusCode::NOT_FOUND, "<html>"), LinkError::Unreachable);
    }
}
