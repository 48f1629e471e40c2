//! One public key (RFC 7517). Read strictly: private and symmetric keys are refused, points are checked.

use super::algorithm::{JwsAlgorithm, KeyUse};
use super::{JoseError, compact, national};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fmt;
use yizhan_domain::authorization::Suite;

/// Longest `kid`, in bytes.
pub(crate) const KID_BYTES_MAX: usize = 128;
/// `alg` of the key agreement (RFC 7518, section 4.6).
pub(crate) const KEY_AGREEMENT: &str = "ECDH-ES+A256KW";

/// A public key. `Debug` prints its `kid`.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    kid: Option<String>,
    key_use: Option<KeyUse>,
    material: Material,
}

/// The public numbers of a key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Material {
    /// An uncompressed point of P-256 (SEC 1, section 2.3.3).
    P256([u8; 65]),
    /// An uncompressed point of sm2p256v1.
    Sm2([u8; 65]),
    /// A point of Curve25519 for key agreement (RFC 7748).
    X25519([u8; 32]),
    /// A public key of Ed25519 (RFC 8032).
    Ed25519([u8; 32]),
    /// Modulus (2048 to 4096 bits) and exponent (65537).
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Jwk {
    /// Reads a key; `index` is its place in the set, for the error.
    ///
    /// # Errors
    /// [`JoseError::Key`] says what is wrong with it.
    pub fn parse(value: &Value, index: usize) -> Result<Self, JoseError> {
        let members = value.as_object().ok_or(JoseError::Key { index, problem: "is not a JSON object" })?;
        read(members).map_err(|problem| JoseError::Key { index, problem })
    }

    pub(crate) fn of(material: Material, key_use: KeyUse) -> Self {
        let mut key = Self { kid: None, key_use: Some(key_use), material };
        key.kid = Some(key.thumbprint());
        key
    }

    pub(crate) fn with_kid(mut self, kid: &str) -> Self {
        self.kid = Some(kid.to_owned());
        self
    }

    /// Its `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Its `use`.
    #[must_use]
    pub fn key_use(&self) -> Option<KeyUse> {
        self.key_use
    }

    /// The suite whose envelopes it can be the recipient of, when it may encrypt.
    #[must_use]
    pub fn recipient_suite(&self) -> Option<Suite> {
        match self.material {
            _ if self.key_use == Some(KeyUse::Sign) => None,
            Material::P256(_) | Material::X25519(_) => Some(Suite::International),
            Material::Sm2(_) => Some(Suite::National),
            Material::Ed25519(_) | Material::Rsa { .. } => None,
        }
    }

    /// The one algorithm whose signatures it verifies; none for a key that is for encryption.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<JwsAlgorithm> {
        match self.material {
            _ if self.key_use == Some(KeyUse::Decrypt) => None,
            Material::P256(_) => Some(JwsAlgorithm::Es256),
            Material::Sm2(_) => Some(JwsAlgorithm::SgdSm3Sm2),
            Material::Ed25519(_) => Some(JwsAlgorithm::EdDsa),
            Material::Rsa { .. } => Some(JwsAlgorithm::Ps256),
            Material::X25519(_) => None,
        }
    }

    /// Whether it verifies signatures of this algorithm. An RSA key verifies both of its paddings; which of them a caller
    /// takes is the caller's to say.
    pub(crate) fn verifies(&self, algorithm: JwsAlgorithm) -> bool {
        let own = self.signature_algorithm();
        own == Some(algorithm) || (own == Some(JwsAlgorithm::Ps256) && algorithm == JwsAlgorithm::Rs256)
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    /// The key as JSON, with `kid`, `use` and `alg`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = self.numbers();
        if let Some(kid) = &self.kid {
            value["kid"] = json!(kid);
        }
        if let Some(key_use) = self.key_use {
            value["use"] = json!(key_use.name());
            value["alg"] = json!(self.algorithm_name());
        }
        value
    }

    /// SHA-256 of the key's required members, base64url (RFC 7638; RFC 8037, section 2): 43 characters.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // serde_json keeps names in order of their text, as RFC 7638 section 3 asks.
        let mut members: Vec<(String, Value)> = match self.numbers() {
            Value::Object(members) => members.into_iter().collect(),
            _ => Vec::new(),
        };
        members.sort_by(|a, b| a.0.cmp(&b.0));
        let text: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        compact::encode(&Sha256::digest(format!("{{{}}}", text.join(","))))
    }

    /// The members that the thumbprint covers.
    pub(crate) fn numbers(&self) -> Value {
        let text = |bytes: &[u8]| compact::encode(bytes);
        match &self.material {
            Material::P256(p) => json!({"kty": "EC", "crv": "P-256", "x": text(&p[1..33]), "y": text(&p[33..])}),
            Material::Sm2(p) => {
                json!({"kty": "EC", "crv": national::CURVE, "x": text(&p[1..33]), "y": text(&p[33..])})
            }
            Material::X25519(x) => json!({"kty": "OKP", "crv": "X25519", "x": text(x)}),
            Material::Ed25519(x) => json!({"kty": "OKP", "crv": "Ed25519", "x": text(x)}),
            Material::Rsa { n, e } => json!({"kty": "RSA", "n": text(n), "e": text(e)}),
        }
    }

    fn algorithm_name(&self) -> &'static str {
        match (self.signature_algorithm(), self.recipient_suite()) {
            (Some(algorithm), _) => algorithm.name(),
            (None, Some(Suite::National)) => national::KEY_ENCRYPTION,
            (None, _) => KEY_AGREEMENT,
        }
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwk({})", self.kid.as_deref().unwrap_or("no kid"))
    }
}

/// Members that only private or symmetric keys have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

fn read(members: &Map<String, Value>) -> Result<Jwk, &'static str> {
    if members.get("kty").and_then(Value::as_str) == Some("oct") {
        return Err("is symmetric; register a public key");
    }
    if PRIVATE.iter().any(|name| members.contains_key(*name)) {
        return Err("is private: send the public members only, and replace this key, since it has left its holder");
    }
    let kid = read_kid(members)?;
    let key_use = match members.get("use").map(Value::as_str) {
        None => None,
        Some(Some("sig")) => Some(KeyUse::Sign),
        Some(Some("enc")) => Some(KeyUse::Decrypt),
        Some(_) => return Err("`use` is neither `sig` nor `enc`"),
    };
    let key = Jwk { kid, key_use, material: read_material(members)? };
    if key.signature_algorithm().is_none() && key.recipient_suite().is_none() {
        return Err("cannot be used for what `use` says");
    }
    match members.get("alg") {
        None => Ok(key),
        Some(alg) if alg.as_str().is_some_and(|alg| accepts(&key, alg)) => Ok(key),
        Some(_) => Err("`alg` is not accepted for this key: ES256, PS256, EdDSA or ECDH-ES+A256KW as its type says"),
    }
}

fn accepts(key: &Jwk, alg: &str) -> bool {
    let encrypts = match key.recipient_suite() {
        Some(Suite::International) => alg == KEY_AGREEMENT,
        Some(Suite::National) => alg == national::KEY_ENCRYPTION,
        None => false,
    };
    encrypts || key.signature_algorithm().is_some_and(|own| JwsAlgorithm::find(alg) == Some(own))
}

fn read_kid(members: &Map<String, Value>) -> Result<Option<String>, &'static str> {
    match members.get("kid").map(Value::as_str) {
        None => Ok(None),
        Some(Some(kid)) if is_kid(kid) => Ok(Some(kid.to_owned())),
        Some(_) => Err("`kid` is not 1 to 128 printable ASCII characters"),
    }
}

pub(crate) fn is_kid(text: &str) -> bool {
    (1..=KID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

fn read_material(members: &Map<String, Value>) -> Result<Material, &'static str> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) => {
            let point = read_point(members)?;
            p256::PublicKey::from_sec1_bytes(&point).map_err(|_| "is not a point of its curve")?;
            Ok(Material::P256(point))
        }
        (Some("EC"), Some(national::CURVE)) => {
            let point = read_point(members)?;
            sm2::PublicKey::from_sec1_bytes(&point).map_err(|_| "is not a point of its curve")?;
            Ok(Material::Sm2(point))
        }
        (Some("OKP"), Some("X25519")) => Ok(Material::X25519(read_array(members, "x")?)),
        (Some("OKP"), Some("Ed25519")) => Ok(Material::Ed25519(read_array(members, "x")?)),
        (Some("RSA"), None) => read_rsa(members),
        _ => Err("type or curve is not accepted: EC with P-256 or sm2p256v1, OKP with X25519 or Ed25519, RSA"),
    }
}

fn read_point(members: &Map<String, Value>) -> Result<[u8; 65], &'static str> {
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&read_array::<32>(members, "x")?);
    point[33..].copy_from_slice(&read_array::<32>(members, "y")?);
    Ok(point)
}

fn read_array<const N: usize>(members: &Map<String, Value>, name: &str) -> Result<[u8; N], &'static str> {
    let text = members.get(name).and_then(Value::as_str).ok_or("lacks a coordinate")?;
    compact::decode_array(text).map_err(|_| "has a coordinate that is not 32 bytes in base64url")
}

fn read_rsa(members: &Map<String, Value>) -> Result<Material, &'static str> {
    let bytes = |name: &str| members.get(name).and_then(Value::as_str).and_then(|text| compact::decode(text).ok());
    let (Some(n), Some(e)) = (bytes("n"), bytes("e")) else { return Err("lacks `n` or `e` in base64url") };
    if !(256..=512).contains(&n.len()) || n[0] == 0 {
        return Err("modulus is not 2048 to 4096 bits without leading zeros");
    }
    if e != [1, 0, 1] {
        return Err("exponent is not 65537");
    }
    Ok(Material::Rsa { n, e })
}
