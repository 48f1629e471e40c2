//! An app's own back end: it proves itself by a signed assertion, takes its tokens and opens its own envelope.

use super::needle::Needle;
use crate::serving::Answer;
use crate::visitor::Visitor;
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use yizhan_auth::jose::{self, DecryptionKey, JwkSet, JwsHeader, SigningKey};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{Clock as _, SystemClock};

/// Challenge and verifier of RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Whose back end it is.
const APP: &str = "cn.gov.test.identity";

/// The back end.
pub(super) struct BackEnd {
    hub: String,
    redirect: String,
    signing: SigningKey,
    decryption: DecryptionKey,
    rng: StdRng,
    /// Its way to the hub; no cookies come of it.
    pub(super) wire: Visitor,
    /// What it sent and got that nobody else may see.
    pub(super) secrets: Vec<Needle>,
}

impl BackEnd {
    /// Keys of this run alone; `redirect` is where the browser comes back to.
    pub(super) fn new(hub: &str, redirect: &str) -> Self {
        let mut rng = StdRng::from_os_rng();
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        Self {
            hub: hub.to_owned(),
            redirect: redirect.to_owned(),
            signing: SigningKey::from_secret(Suite::International, &secret).expect("a key"),
            decryption: DecryptionKey::generate(Suite::International, &mut rng),
            rng,
            wire: Visitor::default(),
            secrets: vec![Needle::new("signing key of the back end", secret), Needle::new("code verifier", VERIFIER)],
        }
    }

    /// Its registration, as the operator's file has it.
    pub(super) fn registration(&self) -> Value {
        json!({
            "app": APP, "custody": "backend", "tier": "baseline", "suite": "international",
            "auth_method": "private-key-jwt", "redirect_uris": [self.redirect], "offline_access": true,
            "jwks": { "keys": [self.signing.public().to_value(), self.decryption.public().to_value()] },
        })
    }

    /// Where it sends the browser.
    pub(super) fn authorize(&self, scope: &str) -> String {
        let encode = yizhan_domain::path::encode;
        format!(
            "{}/oauth/authorize?response_type=code&client_id={APP}:backend&redirect_uri={}&scope={}&state=0123456789\
             &nonce=9876543210&code_challenge={CHALLENGE}&code_challenge_method=S256&prompt=consent",
            self.hub,
            encode(&self.redirect),
            encode(scope),
        )
    }

    /// A call that proves who it is.
    pub(super) fn call(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let seconds = SystemClock.now().0 / 1000;
        let jti = format!("{:016x}{:016x}", self.rng.next_u64(), self.rng.next_u64());
        let id = format!("{APP}:backend");
        let claims = json!({ "iss": id, "sub": id, "aud": self.hub, "iat": seconds, "exp": seconds + 60, "jti": jti });
        let header = JwsHeader { typ: Some("JWT"), ..JwsHeader::default() };
        let assertion = self.signing.sign(&header, &claims).expect("an assertion");
        let mut all = vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        all.extend(fields);
        let answer = self.wire.post(&format!("{}{path}", self.hub), &all);
        self.secrets.push(Needle::new("client assertion", assertion));
        answer
    }

    /// The code of an address that the browser came back to.
    pub(super) fn code_of(&mut self, address: &str) -> String {
        let code = address.split(['?', '&']).find_map(|part| part.strip_prefix("code="));
        let code = code.unwrap_or_else(|| panic!("no code: {address}")).to_owned();
        self.secrets.push(Needle::new("code", &code));
        code
    }

    /// Tokens for a code; each is kept as a secret.
    pub(super) fn exchange(&mut self, code: &str) -> Value {
        let redirect = self.redirect.clone();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.call("/oauth/token", &fields);
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.keep(answer.json())
    }

    /// New tokens for a refresh token.
    pub(super) fn refresh(&mut self, token: &str) -> Value {
        let answer = self.call("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]);
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.keep(answer.json())
    }

    fn keep(&mut self, tokens: Value) -> Value {
        for name in ["access_token", "refresh_token", "id_token"] {
            if let Some(token) = tokens[name].as_str() {
                self.secrets.push(Needle::new(name, token));
            }
        }
        tokens
    }

    /// UserInfo: a JWE that only this key opens.
    pub(super) fn user_info(&mut self, access: &str) -> Value {
        let head = format!("Authorization: Bearer {access}\r\n");
        let answer = self.wire.send("GET", &format!("{}/oauth/userinfo", self.hub), &head, "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let keys = self.wire.get(&format!("{}/oauth/jwks", self.hub));
        let keys = JwkSet::parse(&keys.text()).expect("the hub's keys");
        let opened = jose::unseal(&jose::Envelope(answer.text()), &self.decryption, &keys).expect("opened");
        Value::Object(opened.claims.object().clone())
    }
}
