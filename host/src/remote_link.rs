//! The way of a runtime to a hub in another process: the public protocol over HTTP, through the one checked connector.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use yizhan_auth::Refusal;
use yizhan_auth::flow::distribute::SealedFor;
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
/// Longest nonce of the hub that is repeated, bytes.
const NONCE_BYTES_MAX: usize = 256;
/// `client_assertion_type` of RFC 7523, section 2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A hub elsewhere.
pub(crate) struct RemoteLink {
    issuer: String,
    egress: Egress,
    hub: Arc<[Target]>,
    ticks: Arc<dyn Ticks>,
    keys: Mutex<Option<(u64, Arc<JwkSet>)>>,
    /// The nonce for DPoP proofs that the hub gave last, where it gives any (RFC 9449, section 8.2).
    nonce: Mutex<Option<String>>,
}

/// What the hub answered.
struct Answered {
    status: StatusCode,
    body: Zeroizing<Vec<u8>>,
    /// It asks for the same again, with the nonce that it gave along.
    wants_nonce: bool,
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
        Self { issuer, egress, hub: Arc::new([target]), ticks, keys: Mutex::default(), nonce: Mutex::default() }
    }

    async fn send(&self, asking: Asking<'_>) -> Result<Answered, LinkError> {
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
        let body = Zeroizing::new(bytes.to_bytes().to_vec());
        let wants_nonce = asking.dpop.is_some() && self.keep_nonce(&head.headers) && asks_for_nonce(&head, &body);
        Ok(Answered { status: head.status, body, wants_nonce })
    }

    /// Keeps the nonce of an answer, if it brings one; whether it did. At most 256 visible characters.
    fn keep_nonce(&self, headers: &HeaderMap) -> bool {
        let Some(nonce) = headers.get("dpop-nonce").and_then(|nonce| nonce.to_str().ok()) else { return false };
        let fits = (1..=NONCE_BYTES_MAX).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce.to_owned());
        }
        fits
    }

    fn nonce(&self) -> Option<String> {
        self.nonce.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let mut answered = self.call_once((context, prover), path, form, ms_max).await?;
        if answered.wants_nonce {
            answered = self.call_once((context, prover), path, form, ms_max).await?;
        }
        taken(answered)
    }

    async fn call_once(
        &self,
        (context, prover): (&Context, Prover<'_>),
        path: &str,
        form: &[(&str, &str)],
        ms_max: u64,
    ) -> Result<Answered, LinkError> {
        let (url, nonce) = (format!("{}{path}", self.issuer), self.nonce());
        let call = Call { method: "POST", url: &url, access: None, nonce: nonce.as_deref() };
        let Caller { client, assertion, dpop } = prover.caller(context, call)?;
        let mut fields = vec![
            ("client_id", client.as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        fields.extend(form.iter().filter(|(name, _)| *name != "client_id"));
        let dpop = dpop.as_ref().map(|proof| proof.as_str());
        self.send(Asking { path, form: Some(&fields), access: None, dpop, ms_max }).await
    }

    /// Asks UserInfo once, with a proof of its own.
    async fn userinfo_once(
        &self,
        (context, prover): (&Context, Prover<'_>),
        access: &str,
        form: &[(&str, &str)],
    ) -> Result<Answered, LinkError> {
        let (url, nonce) = (format!("{}{USERINFO_PATH}", self.issuer), self.nonce());
        let call = Call { method: "POST", url: &url, access: Some(access), nonce: nonce.as_deref() };
        let dpop = prover.possession(context, call)?;
        let dpop = dpop.as_ref().map(|proof| proof.as_str());
        let (path, access) = (USERINFO_PATH, Some(access));
        self.send(Asking { path, form: Some(form), access, dpop, ms_max: ANSWER_MS_MAX }).await
    }
}

/// `use_dpop_nonce` at an endpoint (RFC 9449, section 8) or where a token is presented (section 9). Nothing was done then, so
/// asking again uses nothing up.
fn asks_for_nonce(head: &http::response::Parts, body: &[u8]) -> bool {
    const ERROR: &str = "use_dpop_nonce";
    let told = || serde_json::from_slice::<ErrorBody>(body).is_ok_and(|told| told.error == ERROR);
    let challenged = || {
        let mut challenges = head.headers.get_all(header::WWW_AUTHENTICATE).iter();
        challenges.any(|value| value.to_str().is_ok_and(|value| value.contains("error=\"use_dpop_nonce\"")))
    };
    match head.status {
        StatusCode::BAD_REQUEST => told(),
        StatusCode::UNAUTHORIZED => challenged() || told(),
        _ => false,
    }
}

/// The body of a good answer, or the hub's refusal.
fn taken(Answered { status, body, .. }: Answered) -> Result<Zeroizing<Vec<u8>>, LinkError> {
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
            let claims = ask.claims.iter().map(Claim::to_string).collect::<Vec<_>>().join(" ");
            let mut form = vec![("purpose", ask.purpose), ("claims", claims.as_str())];
            if ask.sealed_for == SealedFor::Backend {
                form.push(("recipient", "backend"));
            }
            let mut answered = self.userinfo_once((&context, prover), access, &form).await?;
            if answered.wants_nonce {
                answered = self.userinfo_once((&context, prover), access, &form).await?;
            }
            let body = taken(answered)?;
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
mod tests;
