//! Signed tokens that must not verify.

use proptest::prelude::*;
use serde_json::{Value, json};
use yizhan_auth::jose::{Expect, JoseError, JwkSet, JwsAlgorithm, JwsHeader, SigningKey, TOKEN_BYTES_MAX, verify};
use yizhan_domain::authorization::Suite;

const ANY: &[JwsAlgorithm] = &[JwsAlgorithm::Es256, JwsAlgorithm::Ps256, JwsAlgorithm::EdDsa, JwsAlgorithm::SgdSm3Sm2];
const EXPECT: Expect<'_> = Expect { types: Expect::UNTYPED, algorithms: ANY };

fn token(key: &SigningKey) -> String {
    key.sign(&JwsHeader::default(), &json!({ "sub": "somebody", "n": 1 })).unwrap()
}

#[test]
fn both_suites_verify_what_they_sign() {
    for suite in crate::SUITES {
        let key = crate::signer(suite, 1).with_kid("key 1").unwrap();
        let header = JwsHeader { typ: Some("application/Thing+JWT"), cty: Some("JWT"), with_key: false };
        let token = key.sign(&header, &json!({ "sub": "somebody" })).unwrap();
        let expect = Expect { types: &["thing+jwt"], algorithms: &[JwsAlgorithm::of_suite(suite)] };
        let verified = verify(&token, &crate::published(&[&key]), &expect).unwrap();
        assert_eq!(verified.header.kid.as_deref(), Some("key 1"));
        assert_eq!(verified.header.algorithm, key.algorithm());
        assert_eq!(verified.claims.text("sub"), Some("somebody"));
        assert!(!format!("{verified:?}{key:?}").contains("somebody"));
    }
}

#[test]
fn another_type_is_refused() {
    let key = crate::signer(Suite::International, 1);
    let keys = crate::published(&[&key]);
    let typed = key.sign(&JwsHeader { typ: Some("dpop+jwt"), ..JwsHeader::default() }, &json!({})).unwrap();
    assert_eq!(verify(&typed, &keys, &EXPECT), Err(JoseError::Type("typ")));
    let only_typed = Expect { types: &["dpop+jwt"], ..EXPECT };
    assert!(verify(&typed, &keys, &only_typed).is_ok());
    assert_eq!(verify(&token(&key), &keys, &only_typed), Err(JoseError::Type("typ")));
}

#[test]
fn no_signature_and_other_algorithms_are_refused() {
    let key = crate::signer(Suite::International, 1);
    let keys = crate::published(&[&key]);
    let payload = crate::base64url("{}");
    for name in ["none", "None", "NONE", "nOnE", "HS256", "RS256", "ES384", "ES512", "es256", ""] {
        let header = crate::base64url(json!({ "alg": name, "kid": key.kid() }).to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert_eq!(verify(&token, &keys, &EXPECT), Err(JoseError::Algorithm), "{name}");
        }
    }
    let header = crate::base64url(json!({ "kid": key.kid() }).to_string());
    assert_eq!(verify(&format!("{header}.{payload}."), &keys, &EXPECT), Err(JoseError::Algorithm));
    let not_taken = Expect { algorithms: &[JwsAlgorithm::Ps256], ..EXPECT };
    assert_eq!(verify(&token(&key), &keys, &not_taken), Err(JoseError::Algorithm));
}

#[test]
fn a_key_verifies_its_own_algorithm_only() {
    let (es, sm) = (crate::signer(Suite::International, 1), crate::signer(Suite::National, 2));
    let keys = crate::published(&[&es, &sm]);
    for (key, name) in [(&es, "SGD_SM3_SM2"), (&es, "PS256"), (&es, "EdDSA"), (&sm, "ES256")] {
        let swapped = crate::with_header(&token(key), |header| header["alg"] = json!(name));
        assert_eq!(verify(&swapped, &keys, &EXPECT), Err(JoseError::UnknownKey), "{name}");
    }
}

#[test]
fn keys_and_addresses_of_keys_in_the_header_are_refused() {
    let (key, thief) = (crate::signer(Suite::International, 1), crate::signer(Suite::International, 2));
    let keys = crate::published(&[&key]);
    let own = thief.public().to_value();
    for (name, value) in [
        ("jwk", own),
        ("jku", json!("https://thief.example/jwks")),
        ("x5u", json!("https://thief.example/x")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let token = crate::with_header(&token(&thief), |header| {
            header.insert(name.into(), value);
        });
        assert_eq!(verify(&token, &keys, &EXPECT), Err(JoseError::Header(name)));
    }
    assert_eq!(verify(&token(&thief), &keys, &EXPECT), Err(JoseError::UnknownKey));
    let posing = thief.with_kid(key.kid()).unwrap();
    assert_eq!(verify(&token(&posing), &keys, &EXPECT), Err(JoseError::Signature));
}

#[test]
fn a_token_without_kid_needs_the_only_key_of_its_algorithm() {
    let (one, two) = (crate::signer(Suite::International, 1), crate::signer(Suite::International, 2));
    let nameless = |header: &mut serde_json::Map<String, Value>| {
        header.remove("kid");
    };
    // The header is signed, so a token without kid is made by hand.
    let unsigned = crate::with_header(&token(&one), nameless);
    assert_eq!(verify(&unsigned, &crate::published(&[&one, &two]), &EXPECT), Err(JoseError::UnknownKey));
    assert_eq!(verify(&unsigned, &crate::published(&[&one]), &EXPECT), Err(JoseError::Signature));
    assert_eq!(verify(&unsigned, &JwkSet::default(), &EXPECT), Err(JoseError::UnknownKey));
}

#[test]
fn encryption_keys_verify_nothing() {
    let key = crate::signer(Suite::International, 1);
    let mut public = key.public().to_value();
    public["use"] = json!("enc");
    public["alg"] = json!("ECDH-ES+A256KW");
    let keys = JwkSet::from_value(&json!({ "keys": [public] })).unwrap();
    assert_eq!(verify(&token(&key), &keys, &EXPECT), Err(JoseError::UnknownKey));
}

#[test]
fn names_that_stand_twice_are_refused_in_header_and_claims() {
    let key = crate::signer(Suite::International, 1);
    let keys = crate::published(&[&key]);
    let twice = key.sign_bytes(&JwsHeader::default(), br#"{"sub":"a","sub":"b"}"#).unwrap();
    assert!(matches!(verify(&twice, &keys, &EXPECT), Err(JoseError::Malformed(_))));
    let (_, rest) = twice.split_once('.').unwrap();
    let header = crate::base64url(r#"{"alg":"ES256","alg":"none"}"#);
    assert!(matches!(verify(&format!("{header}.{rest}"), &keys, &EXPECT), Err(JoseError::Malformed(_))));
    for payload in ["[]", "1", "", "{", "{} {}"] {
        let token = key.sign_bytes(&JwsHeader::default(), payload.as_bytes()).unwrap();
        assert!(matches!(verify(&token, &keys, &EXPECT), Err(JoseError::Malformed(_))), "{payload}");
    }
}

#[test]
fn a_token_over_16_kib_is_refused_before_it_is_read() {
    let key = crate::signer(Suite::International, 1);
    let large = key.sign(&JwsHeader::default(), &json!({ "x": "a".repeat(TOKEN_BYTES_MAX) })).unwrap();
    let refused = verify(&large, &crate::published(&[&key]), &EXPECT);
    assert!(matches!(refused, Err(JoseError::TooLarge { bytes_max: TOKEN_BYTES_MAX, .. })));
}

#[test]
fn every_truncation_and_every_changed_character_is_refused() {
    for suite in crate::SUITES {
        let key = crate::signer(suite, 1);
        let (keys, token) = (crate::published(&[&key]), token(&key));
        for end in 0..token.len() {
            assert!(verify(&token[..end], &keys, &EXPECT).is_err(), "{end}");
        }
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(verify(&changed, &keys, &EXPECT).is_err(), "{place}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_verification_fall(text in "[A-Za-z0-9_.{}\":,-]{0,200}") {
        let key = crate::signer(Suite::International, 1);
        prop_assert!(verify(&text, &crate::published(&[&key]), &EXPECT).is_err());
    }

    #[test]
    fn no_signature_bytes_make_verification_fall(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
        for suite in crate::SUITES {
            let key = crate::signer(suite, 1);
            let token = token(&key);
            let (signed, _) = token.rsplit_once('.').unwrap();
            let forged = format!("{signed}.{}", crate::base64url(&bytes));
            prop_assert_eq!(verify(&forged, &crate::published(&[&key]), &EXPECT), Err(JoseError::Signature));
        }
    }
}
