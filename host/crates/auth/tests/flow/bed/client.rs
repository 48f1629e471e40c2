//! A client with keys of its own: assertions, DPoP proofs, opening of envelopes.

use super::{Bed, ISSUER};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey as EcdsaKey, signature::Signer as _};
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use yizhan_auth::flow::seal::Envelope;
use yizhan_auth::flow::verify::{AuthenticatedClient, ClientCredentials, authenticate};
use yizhan_auth::jose::{self, DecryptionKey, JwsHeader, SigningKey};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{ClientId, Clock as _};
use zeroize::Zeroizing;

/// A registered client as it is at its owner.
pub(crate) struct TestClient {
    pub(crate) id: ClientId,
    pub(crate) signing: SigningKey,
    pub(crate) decryption: DecryptionKey,
    pub(crate) dpop: DpopKey,
}

impl TestClient {
    pub(crate) fn new(id: &str, seed: u64, suite: Suite) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        Self {
            id: ClientId(id.to_owned()),
            signing: SigningKey::generate(Suite::International, &mut rng),
            decryption: DecryptionKey::generate(suite, &mut rng),
            dpop: DpopKey::new(seed + 100),
        }
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.signing.public().to_value(), self.decryption.public().to_value()] })
    }

    /// A right assertion, changed by the test.
    pub(crate) fn assertion(&self, bed: &Bed, change: impl FnOnce(&mut Value)) -> String {
        let now = bed.clock.now().0 / 1000;
        let jti = format!("{}", bed.context().id);
        let mut claims =
            json!({ "iss": self.id, "sub": self.id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti });
        change(&mut claims);
        self.signing.sign(&JwsHeader { typ: Some("JWT"), ..JwsHeader::default() }, &claims).expect("signed")
    }

    pub(crate) fn credentials(&self, bed: &Bed, change: impl FnOnce(&mut Value)) -> ClientCredentials {
        let assertion = Zeroizing::new(self.assertion(bed, change));
        ClientCredentials::Assertion { client_id: None, assertion }
    }

    pub(crate) async fn proved(&self, bed: &Bed) -> AuthenticatedClient {
        let credentials = self.credentials(bed, |_| ());
        authenticate(&bed.context(), &bed.provider, &credentials).await.expect("authenticated")
    }

    /// Opens an envelope as its recipient does and answers the claims.
    pub(crate) async fn open(&self, bed: &Bed, envelope: &Envelope) -> Value {
        let keys = bed.provider.jwks(bed.clock.now()).await.expect("keys");
        let sealed = jose::Envelope(envelope.jwe.clone());
        let opened = jose::unseal(&sealed, &self.decryption, &keys).expect("opened");
        Value::Object(opened.claims.object().clone())
    }
}

/// A key of a DPoP client.
pub(crate) struct DpopKey(EcdsaKey);

/// A proof that the test may change before it is signed.
pub(crate) struct Proving<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) access_token: Option<&'a str>,
}

impl DpopKey {
    pub(crate) fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        StdRng::seed_from_u64(seed).fill_bytes(&mut bytes);
        Self(EcdsaKey::from_slice(&bytes).expect("key"))
    }

    fn jwk(&self) -> Value {
        let point = self.0.verifying_key().to_sec1_point(false);
        let text = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let bytes = point.as_bytes();
        json!({ "kty": "EC", "crv": "P-256", "x": text(&bytes[1..33]), "y": text(&bytes[33..]) })
    }

    pub(crate) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let (x, y) = (jwk["x"].as_str().expect("x"), jwk["y"].as_str().expect("y"));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    pub(crate) fn proof(&self, bed: &Bed, proving: &Proving<'_>) -> String {
        self.proof_with(bed, proving, |_| ())
    }

    pub(crate) fn proof_with(&self, bed: &Bed, proving: &Proving<'_>, change: impl FnOnce(&mut Value)) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        let mut claims = json!({
            "jti": format!("{}", bed.context().id), "htm": proving.method, "htu": format!("{ISSUER}{}", proving.path),
            "iat": bed.clock.now().0 / 1000,
        });
        if let Some(token) = proving.access_token {
            claims["ath"] = URL_SAFE_NO_PAD.encode(Sha256::digest(token)).into();
        }
        change(&mut claims);
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The claims of a token, unverified.
pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}
