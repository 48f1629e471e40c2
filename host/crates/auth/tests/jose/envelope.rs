//! Envelopes of both suites, and those that must not open.

use proptest::prelude::*;
use serde_json::{Value, json};
use yizhan_auth::jose::{
    DecryptionKey, Envelope, JoseError, Jwk, JwsHeader, SigningKey, TOKEN_BYTES_MAX, jwe, seal, unseal, verify_inner,
};
use yizhan_domain::authorization::Suite;

fn recipient(suite: Suite, seed: u64) -> DecryptionKey {
    DecryptionKey::generate(suite, &mut crate::rng(100 + seed))
}

fn sealed(signer: &SigningKey, to: &DecryptionKey) -> Envelope {
    seal(signer, to.public(), &json!({ "sub": "somebody", "name": "Test" }), &mut crate::rng(5)).unwrap()
}

fn opens(envelope: &Envelope, key: &DecryptionKey, signer: &SigningKey) -> Result<String, JoseError> {
    let verified = unseal(envelope, key, &crate::published(&[signer]))?;
    Ok(verified.claims.text("name").unwrap().to_owned())
}

#[test]
fn every_kind_of_recipient_opens_its_envelope() {
    for suite in crate::SUITES {
        let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
        assert_eq!(opens(&sealed(&signer, &key), &key, &signer).unwrap(), "Test");
    }
    let (signer, key) = (crate::signer(Suite::International, 1), DecryptionKey::x25519(&[3; 32]));
    assert_eq!(opens(&sealed(&signer, &key), &key, &signer).unwrap(), "Test");
}

#[test]
fn the_header_says_what_the_design_asks() {
    let header = |suite| {
        let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
        let mut header = Value::Null;
        crate::with_header(sealed(&signer, &key).as_str(), |found| header = Value::Object(found.clone()));
        assert_eq!(header["kid"], json!(key.kid()));
        assert!(header["epk"].get("d").is_none());
        [&header["alg"], &header["enc"], &header["cty"]].map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!(header(Suite::International), ["ECDH-ES+A256KW", "A256GCM", "JWT"]);
    assert_eq!(header(Suite::National), ["SGD_SM2_3", "SGD_SM4_GCM", "SGD_JWS"]);
}

#[test]
fn another_recipient_cannot_open_even_under_the_same_kid() {
    for suite in crate::SUITES {
        let signer = crate::signer(suite, 1);
        let envelope = sealed(&signer, &recipient(suite, 1));
        let other = recipient(suite, 2);
        assert_eq!(opens(&envelope, &other, &signer), Err(JoseError::UnknownKey));
        let posing = other.with_kid(recipient(suite, 1).kid()).unwrap();
        assert_eq!(opens(&envelope, &posing, &signer), Err(JoseError::Unopened));
    }
}

#[test]
fn a_key_of_the_other_suite_or_curve_is_refused() {
    let signer = crate::signer(Suite::International, 1);
    let key = recipient(Suite::International, 1);
    let envelope = sealed(&signer, &key);
    let national = recipient(Suite::National, 1).with_kid(key.kid()).unwrap();
    assert_eq!(opens(&envelope, &national, &signer), Err(JoseError::Algorithm));
    let x25519 = DecryptionKey::x25519(&[3; 32]).with_kid(key.kid()).unwrap();
    assert_eq!(opens(&envelope, &x25519, &signer), Err(JoseError::Header("epk")));
}

#[test]
fn sealing_needs_a_recipient_and_a_signer_of_the_same_suite() {
    let mut rng = crate::rng(1);
    let (es, sm) = (crate::signer(Suite::International, 1), crate::signer(Suite::National, 1));
    let refused = |signer: &SigningKey, to: &Jwk, rng: &mut _| seal(signer, to, &json!({}), rng).unwrap_err();
    assert_eq!(refused(&es, recipient(Suite::National, 1).public(), &mut rng), JoseError::UnknownKey);
    assert_eq!(refused(&sm, recipient(Suite::International, 1).public(), &mut rng), JoseError::UnknownKey);
    assert_eq!(refused(&es, es.public(), &mut rng), JoseError::UnknownKey);
}

#[test]
fn what_is_inside_must_be_signed_by_the_issuer() {
    for suite in crate::SUITES {
        let (hub, thief, key) = (crate::signer(suite, 1), crate::signer(suite, 2), recipient(suite, 1));
        let forged = sealed(&thief, &key);
        assert_eq!(opens(&forged, &key, &hub), Err(JoseError::UnknownKey));
        let posing = thief.with_kid(hub.kid()).unwrap();
        assert_eq!(opens(&sealed(&posing, &key), &key, &hub), Err(JoseError::Signature));
        let bare = jwe::encrypt(br#"{"name":"Test"}"#, key.public(), "JWT", &mut crate::rng(1)).unwrap();
        assert!(opens(&Envelope(bare), &key, &hub).is_err());
    }
}

#[test]
fn another_content_type_is_refused() {
    let (signer, key) = (crate::signer(Suite::International, 1), recipient(Suite::International, 1));
    let inner = signer.sign(&JwsHeader::default(), &json!({ "name": "Test" })).unwrap();
    let keys = crate::published(&[&signer]);
    for (cty, expected) in [("SGD_JWS", Err(JoseError::Type("cty"))), ("application/jwt", Ok(()))] {
        let envelope = Envelope(jwe::encrypt(inner.as_bytes(), key.public(), cty, &mut crate::rng(1)).unwrap());
        assert_eq!(unseal(&envelope, &key, &keys).map(|_| ()), expected, "{cty}");
    }
    assert!(verify_inner(Suite::National, inner.as_bytes(), &keys).is_err());
    assert!(verify_inner(Suite::International, &[0xff], &keys).is_err());
}

#[test]
fn header_parameters_that_change_the_reading_are_refused() {
    let (signer, key) = (crate::signer(Suite::International, 1), recipient(Suite::International, 1));
    let envelope = sealed(&signer, &key);
    for name in ["crit", "zip", "jku", "jwk", "x5c", "x5u", "b64"] {
        let changed = crate::with_header(envelope.as_str(), |header| {
            header.insert(name.into(), json!("DEF"));
        });
        assert_eq!(jwe::decrypt(&changed, &key).err(), Some(JoseError::Header(name)));
    }
    for (name, value, refused) in [
        ("alg", json!("dir"), JoseError::Algorithm),
        ("alg", json!("ECDH-ES"), JoseError::Algorithm),
        ("enc", json!("A128GCM"), JoseError::Algorithm),
        ("kid", json!("other"), JoseError::UnknownKey),
        ("kid", Value::Null, JoseError::Header("kid")),
        ("epk", json!({}), JoseError::Header("epk")),
        ("epk", signer.public().to_value(), JoseError::Unopened),
        ("apu", json!("QQ"), JoseError::Unopened),
        ("cty", json!("other"), JoseError::Unopened),
    ] {
        let changed = crate::with_header(envelope.as_str(), |header| {
            header.insert(name.into(), value);
        });
        assert_eq!(jwe::decrypt(&changed, &key).err(), Some(refused), "{name}");
    }
}

#[test]
fn an_invalid_curve_point_of_the_sender_is_refused() {
    let (signer, key) = (crate::signer(Suite::International, 1), recipient(Suite::International, 1));
    let changed = crate::with_header(sealed(&signer, &key).as_str(), |header| {
        header["epk"]["y"] = header["epk"]["x"].clone();
    });
    assert_eq!(jwe::decrypt(&changed, &key).err(), Some(JoseError::Header("epk")));
}

#[test]
fn an_envelope_that_would_not_be_read_is_not_made() {
    let (signer, key) = (crate::signer(Suite::International, 1), recipient(Suite::International, 1));
    let refused = seal(&signer, key.public(), &json!({ "x": "a".repeat(TOKEN_BYTES_MAX) }), &mut crate::rng(1));
    assert!(matches!(refused, Err(JoseError::TooLarge { .. })));
    let long = Envelope("A".repeat(TOKEN_BYTES_MAX + 1));
    assert!(matches!(jwe::decrypt(long.as_str(), &key).err(), Some(JoseError::TooLarge { .. })));
}

#[test]
fn no_two_envelopes_are_alike() {
    let mut rng = crate::rng(1);
    for suite in crate::SUITES {
        let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
        let mut parts = || {
            let envelope = seal(&signer, key.public(), &json!({}), &mut rng).unwrap();
            envelope.0.split('.').map(str::to_owned).collect::<Vec<_>>()
        };
        let (one, two) = (parts(), parts());
        assert!((1..5).all(|part| one[part] != two[part]));
    }
}

#[test]
fn every_truncation_is_refused() {
    for suite in crate::SUITES {
        let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
        let envelope = sealed(&signer, &key);
        for end in (0..envelope.0.len()).filter(|end| end % 7 == 0 || *end + 30 > envelope.0.len()) {
            assert!(jwe::decrypt(&envelope.0[..end], &key).is_err(), "{end}");
        }
        assert!(jwe::decrypt(&format!("{}.", envelope.0), &key).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_claims_come_back_as_they_were(name in "\\PC{0,200}", number in any::<i64>()) {
        for suite in crate::SUITES {
            let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
            let envelope = seal(&signer, key.public(), &json!({ "name": name, "n": number }), &mut crate::rng(2)).unwrap();
            let verified = unseal(&envelope, &key, &crate::published(&[&signer])).unwrap();
            prop_assert_eq!(verified.claims.text("name"), Some(name.as_str()));
            prop_assert_eq!(verified.claims.get("n"), Some(&json!(number)));
        }
    }

    #[test]
    fn any_flipped_bit_is_refused(part in 0_usize..5, place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        use base64::Engine as _;
        let base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        for suite in crate::SUITES {
            let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
            let envelope = sealed(&signer, &key);
            let mut parts: Vec<String> = envelope.0.split('.').map(str::to_owned).collect();
            let mut bytes = base64.decode(&parts[part]).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            parts[part] = base64.encode(bytes);
            prop_assert!(jwe::decrypt(&parts.join("."), &key).is_err());
        }
    }

    #[test]
    fn segments_of_two_envelopes_do_not_mix(part in 0_usize..5) {
        for suite in crate::SUITES {
            let (signer, key) = (crate::signer(suite, 1), recipient(suite, 1));
            let mut rng = crate::rng(9);
            let mut parts = || {
                let envelope = seal(&signer, key.public(), &json!({ "a": 1 }), &mut rng).unwrap();
                envelope.0.split('.').map(str::to_owned).collect::<Vec<_>>()
            };
            let (mut one, two) = (parts(), parts());
            // The header of the national suite holds nothing that differs.
            if one[part] != two[part] {
                one[part].clone_from(&two[part]);
                prop_assert!(jwe::decrypt(&one.join("."), &key).is_err());
            }
        }
    }
}
