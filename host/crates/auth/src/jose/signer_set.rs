//! Public keys of a signer who is no client of this hub: an upstream OpenID provider. Its set is read leniently, key by key,
//! because it may hold keys of kinds that are never used here; what is used is read as strictly as any other key.

use super::verifying::Unverified;
use super::{Expect, JoseError, Jwk, JwsAlgorithm, Verified, compact};
use serde_json::Value;

/// Most keys of such a set that are looked at.
pub const SIGNER_KEYS_MAX: usize = 32;

/// Keys that verify signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignerSet(Vec<Signer>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signer {
    key: Jwk,
    /// `alg` of the key (RFC 7517, section 4.4): then it verifies nothing else.
    only: Option<JwsAlgorithm>,
}

impl SignerSet {
    /// Reads a set (RFC 7517, section 5). Keys for encryption and of unknown kinds are left out; the caller bounds the bytes.
    ///
    /// # Errors
    /// [`JoseError::Malformed`] when it is no set, holds more than [`SIGNER_KEYS_MAX`] keys, or none that verifies.
    pub fn parse(json: &[u8]) -> Result<Self, JoseError> {
        let set = compact::object(json)?;
        let listed = set.get("keys").and_then(Value::as_array);
        let listed = listed.ok_or(JoseError::Malformed("a key set is an object with an array `keys`"))?;
        if listed.len() > SIGNER_KEYS_MAX {
            return Err(JoseError::Malformed("a key set holds at most 32 keys"));
        }
        let signers: Vec<Signer> = listed.iter().filter_map(Signer::find).collect();
        if signers.is_empty() {
            return Err(JoseError::Malformed("the key set holds no key that verifies"));
        }
        Ok(Self(signers))
    }

    /// Verifies a signed token in compact form, at most 16 KiB, with the key that its `kid` names, or the only fitting one.
    ///
    /// # Errors
    /// As [`super::verify`].
    pub fn verify(&self, token: &str, expect: &Expect<'_>) -> Result<Verified, JoseError> {
        let unverified = Unverified::parse(token, expect)?;
        compact::refuse_members(&unverified.header, &["jwk"])?;
        let kid = compact::text_member(&unverified.header, "kid")?;
        let algorithm = unverified.algorithm;
        let fits = |signer: &&Signer| {
            signer.key.verifies(algorithm)
                && signer.only.is_none_or(|only| only == algorithm)
                && (kid.is_none() || signer.key.kid() == kid)
        };
        let mut fitting = self.0.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(signer), None) => unverified.verify(&signer.key),
            _ => Err(JoseError::UnknownKey),
        }
    }
}

impl Signer {
    fn find(value: &Value) -> Option<Self> {
        let mut members = value.as_object()?.clone();
        let only = match members.remove("alg") {
            None => None,
            Some(alg) => Some(JwsAlgorithm::find(alg.as_str()?)?),
        };
        if members.get("use").is_some_and(|found| found != "sig") {
            return None;
        }
        members.insert("use".into(), "sig".into());
        let key = Jwk::parse(&Value::Object(members), 0).ok()?;
        Some(Self { key, only })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::{JwsHeader, SigningKey};
    use rand::{SeedableRng as _, rngs::StdRng};
    use serde_json::json;
    use yizhan_domain::authorization::Suite;

    const EXPECT: Expect<'_> =
        Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::Es256, JwsAlgorithm::Rs256] };

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(Suite::International, &mut StdRng::seed_from_u64(seed))
    }

    fn parse(keys: &Value) -> Result<SignerSet, JoseError> {
        SignerSet::parse(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn keys_of_other_kinds_are_left_out_and_a_set_without_any_is_refused() {
        let (mine, mut encrypting) = (key(1), key(2).public().to_value());
        encrypting["use"] = json!("enc");
        encrypting["alg"] = json!("ECDH-ES");
        let strange = json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "strange"});
        let symmetric = json!({"kty": "oct", "k": "AAAA", "alg": "HS256"});
        let set = parse(&json!([strange, encrypting, symmetric, mine.public().to_value()])).expect("one verifies");
        let token = mine.sign(&JwsHeader::default(), &json!({"sub": "s"})).expect("signed");
        assert_eq!(set.verify(&token, &EXPECT).expect("verified").claims.text("sub"), Some("s"));
        assert!(parse(&json!([strange, encrypting, symmetric])).is_err());
        assert!(parse(&json!([])).is_err() && SignerSet::parse(b"[]").is_err());
    }

    #[test]
    fn a_key_verifies_only_the_algorithm_that_it_names_and_only_when_it_is_the_one() {
        let mine = key(1);
        let token = mine.sign(&JwsHeader::default(), &json!({})).expect("signed");
        let mut pinned = mine.public().to_value();
        pinned["alg"] = json!("PS256");
        let pinned = parse(&json!([pinned]));
        assert!(pinned.is_err() || pinned.expect("a set").verify(&token, &EXPECT) == Err(JoseError::UnknownKey));
        let twice = parse(&json!([mine.public().to_value(), mine.public().to_value()])).expect("a set");
        assert_eq!(twice.verify(&token, &EXPECT), Err(JoseError::UnknownKey), "which of them is not said");
        assert_eq!(
            parse(&json!([key(2).public().to_value()])).expect("a set").verify(&token, &EXPECT),
            Err(JoseError::UnknownKey)
        );
    }
}
