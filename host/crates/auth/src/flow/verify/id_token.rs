//! ID tokens: ES256, without personal data (OpenID Connect Core 1.0, section 2).

use super::issue::Basis;
use crate::flow::{acr, standing};
use crate::provider::{ID_TOKEN_MS, Provider};
use crate::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use yizhan_domain::{ClientId, Context, SessionId};
use yizhan_store::records::CodeRecord;

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a ClientId,
    exp: u64,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'static str,
    amr: &'a [String],
    auth_time: u64,
    sid: &'a SessionId,
    at_hash: String,
}

/// Signs the ID token of an exchange.
pub(super) async fn sign(
    context: &Context,
    provider: &Provider,
    basis: &Basis<'_>,
    code: &CodeRecord,
    access_token: &str,
) -> Result<String, Refusal> {
    let session = basis.session.ok_or(Refusal::SessionEnded)?;
    let sub = standing::subject(provider, basis.app, basis.grant);
    let token = IdToken {
        iss: &provider.issuer,
        sub: &sub,
        aud: &basis.client.id,
        exp: context.now.plus_ms(ID_TOKEN_MS).0 / 1000,
        iat: context.now.0 / 1000,
        nonce: code.nonce.as_deref(),
        acr: acr::name(session.assurance),
        amr: &session.amr,
        auth_time: session.auth_time.0 / 1000,
        sid: &session.id,
        at_hash: left_half(access_token),
    };
    provider.sign("JWT", &token).await
}

/// `at_hash`: the left half of the token's SHA-256, base64url.
fn left_half(token: &str) -> String {
    let digest = Sha256::digest(token.as_bytes());
    let (left, _) = digest.split_at(16);
    URL_SAFE_NO_PAD.encode(left)
}
