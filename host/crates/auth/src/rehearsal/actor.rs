//! A registered client of a rehearsal as it is at its owner: keys of its own, assertions, DPoP proofs.

use super::stage::ISSUER;
use super::{Met, stage::Stage};
use crate::flow::verify::{AuthenticatedClient, ClientCredentials, authenticate};
use crate::jose::{DecryptionKey, JwsHeader, SigningKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey as ProofKey, signature::Signer as _};
use rand::CryptoRng;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{ClientId, Clock as _};
use zeroize::Zeroizing;

/// A client with its keys.
pub(super) struct Actor {
    pub(super) id: ClientId,
    signing: SigningKey,
    decryption: DecryptionKey,
    proof: ProofKey,
}

impl Actor {
    pub(super) fn new(id: &str, rng: &mut impl CryptoRng) -> Result<Self, Met> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        // Below the order of the curve.
        bytes[0] &= 0x7f;
        Ok(Self {
            id: ClientId(id.to_owned()),
            signing: SigningKey::generate(Suite::International, rng),
            decryption: DecryptionKey::generate(Suite::International, rng),
            proof: ProofKey::from_slice(bytes.as_slice()).map_err(|_| Met::Broken("the proof's key"))?,
        })
    }

    /// Its origin.
    pub(super) fn origin(&self) -> String {
        format!("https://{}.apps.example", self.id.as_str().rsplit('.').next().unwrap_or_default())
    }

    pub(super) fn redirect_uri(&self) -> String {
        self.origin() + "/.yizhan/callback"
    }

    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": [self.signing.public().to_value(), self.decryption.public().to_value()] })
    }

    /// A right assertion (RFC 7523), changed by the scene.
    pub(super) fn credentials(&self, stage: &Stage, change: impl FnOnce(&mut Value)) -> Result<ClientCredentials, Met> {
        let now = stage.clock.now().0 / 1000;
        let jti = stage.context().id.to_string();
        let mut claims =
            json!({ "iss": self.id, "sub": self.id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti });
        change(&mut claims);
        let signed = self.signing.sign(&JwsHeader { typ: Some("JWT"), ..JwsHeader::default() }, &claims);
        let assertion = Zeroizing::new(signed.map_err(|_| Met::Broken("the assertion"))?);
        Ok(ClientCredentials::Assertion { client_id: None, assertion })
    }

    /// The client after it proved itself.
    pub(super) async fn proved(&self, stage: &Stage) -> Result<AuthenticatedClient, Met> {
        self.proved_with(stage, &self.credentials(stage, |_| ())?).await
    }

    pub(super) async fn proved_with(
        &self,
        stage: &Stage,
        credentials: &ClientCredentials,
    ) -> Result<AuthenticatedClient, Met> {
        authenticate(&stage.context(), &stage.provider, credentials).await.map_err(Met::BackChannel)
    }

    fn proof_jwk(&self) -> Value {
        let point = self.proof.verifying_key().to_sec1_point(false);
        let bytes = point.as_bytes();
        let text = |part: Option<&[u8]>| URL_SAFE_NO_PAD.encode(part.unwrap_or_default());
        json!({ "kty": "EC", "crv": "P-256", "x": text(bytes.get(1..33)), "y": text(bytes.get(33..)) })
    }

    /// Thumbprint of the proof's key (RFC 7638): what `dpop_jkt` names.
    pub(super) fn thumbprint(&self) -> String {
        let jwk = self.proof_jwk();
        let part = |name: &str| jwk[name].as_str().unwrap_or_default().to_owned();
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, part("x"), part("y"));
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    /// A DPoP proof for a POST to this path (RFC 9449, section 4.2).
    pub(super) fn dpop(&self, stage: &Stage, path: &str) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.proof_jwk() });
        let claims = json!({
            "jti": stage.context().id.to_string(), "htm": "POST", "htu": format!("{ISSUER}{path}"),
            "iat": stage.clock.now().0 / 1000,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature: Signature = self.proof.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}
