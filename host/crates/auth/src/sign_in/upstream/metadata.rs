//! What a provider says of itself (OpenID Connect Discovery 1.0, sections 3 and 4) and its keys: asked for once, kept an hour,
//! checked before anything is believed. A provider that fails is left alone for ten seconds.

use super::{ClientProof, Upstream, UpstreamError, UpstreamSettings};
use crate::jose::{SignerSet, object_of};
use serde_json::{Map, Value};
use std::sync::Arc;
use yizhan_domain::{Context, Timestamp};

/// How long metadata and keys are kept, ms.
const KEEP_MS: u64 = 60 * 60_000;
/// How soon a provider that failed, or its keys, may be asked again, ms.
const AGAIN_MS: u64 = 10_000;
/// Longest endpoint, bytes.
const URL_BYTES_MAX: usize = 2048;

/// What is known of a provider.
#[derive(Default)]
pub(super) struct Known {
    metadata: Option<(Timestamp, Arc<Metadata>)>,
    keys: Option<(Timestamp, Arc<SignerSet>)>,
    failed: Option<Timestamp>,
}

/// What of the metadata is used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) authorization: String,
    pub(super) token: String,
    jwks: String,
    /// Whether its answers name their issuer (RFC 9207, section 3).
    pub(super) names_issuer: bool,
}

impl Upstream {
    /// The metadata; asked for when it is not known or old.
    pub(super) async fn metadata(&self, context: &Context) -> Result<Arc<Metadata>, UpstreamError> {
        let mut known = self.known.lock().await;
        self.metadata_of(context, &mut known).await
    }

    async fn metadata_of(&self, context: &Context, known: &mut Known) -> Result<Arc<Metadata>, UpstreamError> {
        if let Some((at, metadata)) = &known.metadata
            && age(*at, context.now) < KEEP_MS
        {
            return Ok(Arc::clone(metadata));
        }
        if known.failed.is_some_and(|at| age(at, context.now) < AGAIN_MS) {
            return Err(UpstreamError::Unavailable);
        }
        known.failed = Some(context.now);
        let url = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let metadata =
            Arc::new(read(&self.document(&url).await?, &self.settings).map_err(|reason| self.unfit(reason))?);
        known.failed = None;
        known.metadata = Some((context.now, Arc::clone(&metadata)));
        Ok(metadata)
    }

    /// The keys; `again` asks once more, because a token names one that is new, unless they were just asked for.
    pub(super) async fn signers(&self, context: &Context, again: bool) -> Result<Arc<SignerSet>, UpstreamError> {
        let mut known = self.known.lock().await;
        let keep_ms = if again { AGAIN_MS } else { KEEP_MS };
        if let Some((at, keys)) = &known.keys
            && age(*at, context.now) < keep_ms
        {
            return Ok(Arc::clone(keys));
        }
        let metadata = self.metadata_of(context, &mut known).await?;
        let document = self.document(&metadata.jwks).await?;
        let keys = Arc::new(SignerSet::parse(&document).map_err(|_| self.unfit("its key set"))?);
        known.keys = Some((context.now, Arc::clone(&keys)));
        Ok(keys)
    }

    async fn document(&self, url: &str) -> Result<zeroize::Zeroizing<Vec<u8>>, UpstreamError> {
        let reply = self.link.get(url).await?;
        if reply.ok { Ok(reply.body) } else { Err(self.unfit("a document that it does not give")) }
    }

    pub(super) fn unfit(&self, reason: &'static str) -> UpstreamError {
        tracing::warn!(upstream = %self.settings.id, reason, "an upstream provider cannot be used");
        UpstreamError::Unavailable
    }
}

fn age(at: Timestamp, now: Timestamp) -> u64 {
    now.0.saturating_sub(at.0)
}

/// Reads the metadata; the error names the member that does not fit.
fn read(json: &[u8], settings: &UpstreamSettings) -> Result<Metadata, &'static str> {
    let members = object_of(json).map_err(|_| "its metadata")?;
    // Discovery 1.0, section 4.3: another issuer could stand in for this one.
    if members.get("issuer").and_then(Value::as_str) != Some(settings.issuer.as_str()) {
        return Err("issuer");
    }
    let listed = |name: &'static str, wanted: &[&str]| match members.get(name).map(Value::as_array) {
        None => Ok(()),
        Some(Some(list)) if list.iter().any(|one| wanted.iter().any(|wanted| one == wanted)) => Ok(()),
        Some(_) => Err(name),
    };
    listed("response_types_supported", &["code"])?;
    listed("response_modes_supported", &["query"])?;
    listed("code_challenge_methods_supported", &["S256"])?;
    let algorithms: Vec<&str> = settings.algorithms.iter().map(|algorithm| algorithm.name()).collect();
    listed("id_token_signing_alg_values_supported", &algorithms)?;
    let proof = match settings.proof {
        ClientProof::PrivateKeyJwt => "private_key_jwt",
        ClientProof::SecretBasic(_) => "client_secret_basic",
    };
    listed("token_endpoint_auth_methods_supported", &[proof])?;
    let names_issuer = members.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true));
    Ok(Metadata {
        authorization: endpoint(&members, "authorization_endpoint", settings)?,
        token: endpoint(&members, "token_endpoint", settings)?,
        jwks: endpoint(&members, "jwks_uri", settings)?,
        names_issuer,
    })
}

/// An https address; plain http only where the configured issuer has it, which development alone allows.
fn endpoint(
    members: &Map<String, Value>,
    name: &'static str,
    settings: &UpstreamSettings,
) -> Result<String, &'static str> {
    let url = members.get(name).and_then(Value::as_str).ok_or(name)?;
    let plain = settings.issuer.starts_with("http://") && url.starts_with("http://");
    let rest = url.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let clean = url.len() <= URL_BYTES_MAX
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\\"<>".contains(&byte))
        && !authority.is_empty()
        && !authority.contains('@');
    if clean && (url.starts_with("https://") || plain) { Ok(url.to_owned()) } else { Err(name) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::settings;
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "issuer": "https://up.example",
            "authorization_endpoint": "https://up.example/auth",
            "token_endpoint": "https://up.example/token",
            "jwks_uri": "https://keys.up.example/jwks",
        })
    }

    #[test]
    fn metadata_that_does_not_fit_is_named_and_refused() {
        let take = |change: fn(&mut Value)| {
            let mut document = document();
            change(&mut document);
            read(document.to_string().as_bytes(), &settings())
        };
        assert!(take(|_| ()).is_ok());
        assert_eq!(take(|it| it["issuer"] = json!("https://up.example/")), Err("issuer"), "compared as it is");
        assert_eq!(take(|it| it["token_endpoint"] = json!("http://up.example/token")), Err("token_endpoint"));
        assert_eq!(take(|it| it["jwks_uri"] = json!("file:///etc/passwd")), Err("jwks_uri"));
        assert_eq!(take(|it| it["jwks_uri"] = json!("https://me@up.example/")), Err("jwks_uri"));
        let authorization = Err("authorization_endpoint");
        assert_eq!(take(|it| it["authorization_endpoint"] = json!("javascript:alert(1)")), authorization);
        assert_eq!(take(|it| it["authorization_endpoint"] = json!("https://up.example/auth#x")), authorization);
        let methods = "code_challenge_methods_supported";
        assert_eq!(take(|it| it["code_challenge_methods_supported"] = json!(["plain"])), Err(methods));
        let algorithms = "id_token_signing_alg_values_supported";
        assert_eq!(take(|it| it["id_token_signing_alg_values_supported"] = json!(["HS256", "none"])), Err(algorithms));
        assert!(take(|it| it["token_endpoint_auth_methods_supported"] = json!(["none"])).is_err());
        assert!(read(br#"{"issuer":"https://up.example","issuer":"https://up.example"}"#, &settings()).is_err());
    }
}
