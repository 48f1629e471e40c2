//! The exchange of a code for an ID token, with the hub's proof of who it is (RFC 6749, section 4.1.3; RFC 7523).

use super::{ClientProof, Form, Upstream, UpstreamError};
use crate::jose::JwsHeader;
use crate::provider::new_id;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use yizhan_domain::Context;
use yizhan_domain::authorization::Suite;
use zeroize::Zeroizing;

/// Life of an assertion, seconds.
const ASSERTION_S: u64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What of the answer is used: access and refresh tokens are not kept.
#[derive(Deserialize)]
struct Answer {
    id_token: Zeroizing<String>,
}

/// Exchanges a code.
pub(super) async fn exchange(
    context: &Context,
    upstream: &Upstream,
    code: &str,
    verifier: &str,
) -> Result<Zeroizing<String>, UpstreamError> {
    let metadata = upstream.metadata(context).await?;
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", upstream.redirect_uri.as_str()),
        ("code_verifier", verifier),
    ];
    let assertion;
    let basic;
    let authorization = match &upstream.settings.proof {
        ClientProof::PrivateKeyJwt => {
            assertion = sign(context, upstream)?;
            fields.extend([
                ("client_id", upstream.settings.client_id.as_str()),
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.as_str()),
            ]);
            None
        }
        ClientProof::SecretBasic(secret) => {
            basic = basic_of(&upstream.settings.client_id, secret);
            Some(basic.as_str())
        }
    };
    let reply = upstream.link.post(&metadata.token, Form { fields: &fields, authorization }).await?;
    if !reply.ok {
        return Err(UpstreamError::Refused);
    }
    let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| UpstreamError::Token("missing"))?;
    Ok(answer.id_token)
}

/// An assertion for the provider as such: its audience is the issuer, one text, so that no other server can use it.
fn sign(context: &Context, upstream: &Upstream) -> Result<Zeroizing<String>, UpstreamError> {
    let now = context.now.0 / 1000;
    let client = &upstream.settings.client_id;
    let claims = json!({
        "iss": client, "sub": client, "aud": upstream.settings.issuer,
        "jti": format!("{:032x}", new_id()?), "iat": now, "exp": now + ASSERTION_S,
    });
    let header = JwsHeader { typ: Some("JWT"), ..JwsHeader::default() };
    let signed =
        upstream.keys.sign(&upstream.key_owner(), Suite::International, &header, claims.to_string().as_bytes());
    signed.map(Zeroizing::new).map_err(|_| upstream.unfit("the hub's own key for it"))
}

/// RFC 6749, section 2.3.1: both parts are form-encoded first.
fn basic_of(client: &str, secret: &str) -> Zeroizing<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encoded(client), encoded(secret)));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_and_secret_are_form_encoded_before_they_are_joined() {
        let basic = basic_of("a:b", "p ü");
        assert_eq!(basic.as_str(), format!("Basic {}", STANDARD.encode("a%3Ab:p+%C3%BC")));
    }
}
