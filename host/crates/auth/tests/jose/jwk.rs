//! Which public keys are taken.

use serde_json::{Value, json};
use yizhan_auth::jose::{DecryptionKey, JoseError, Jwk, JwkSet, KEY_SET_BYTES_MAX};
use yizhan_domain::authorization::Suite;

/// A key that is taken, changed.
fn problem(change: impl FnOnce(&mut Value)) -> &'static str {
    let mut key = crate::signer(Suite::International, 1).public().to_value();
    change(&mut key);
    match Jwk::parse(&key, 3) {
        Err(JoseError::Key { index: 3, problem }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_key_writes_it_reads() {
    let mut rng = crate::rng(4);
    let mut keys = Vec::new();
    for suite in crate::SUITES {
        keys.push(crate::signer(suite, 2).public().clone());
        keys.push(DecryptionKey::generate(suite, &mut rng).public().clone());
    }
    keys.push(DecryptionKey::x25519(&[9; 32]).public().clone());
    let text = json!({ "keys": keys.iter().map(Jwk::to_value).collect::<Vec<_>>() }).to_string();
    let set = JwkSet::parse(&text).unwrap();
    assert!(set.keys().eq(keys.iter()));
    assert_eq!(set.to_value().to_string().len(), text.len());
    assert_eq!(set.find_recipient(Suite::International), Some(&keys[1]));
    assert_eq!(set.find_recipient(Suite::National), Some(&keys[3]));
    assert_eq!(set.find(keys[4].kid().unwrap()), Some(&keys[4]));
    assert!(set.to_value()["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
}

#[test]
fn private_and_symmetric_keys_are_refused_with_what_to_do() {
    assert!(problem(|key| key["d"] = json!("AA")).contains("replace this key"));
    assert!(problem(|key| *key = json!({ "kty": "oct", "k": "AAAA" })).contains("symmetric"));
    assert!(problem(|key| key["k"] = json!("AA")).contains("private"));
}

#[test]
fn keys_of_other_types_curves_and_uses_are_refused() {
    assert!(problem(|key| key["crv"] = json!("P-384")).contains("P-256"));
    assert!(problem(|key| key["kty"] = json!("RSA")).contains("not accepted"));
    assert!(problem(|key| key["use"] = json!("both")).contains("use"));
    assert!(problem(|key| key["alg"] = json!("ES384")).contains("alg"));
    assert!(problem(|key| key["alg"] = json!("none")).contains("alg"));
    assert!(problem(|key| key["alg"] = json!("ECDH-ES+A256KW")).contains("alg"));
    assert!(problem(|key| key["kid"] = json!("")).contains("kid"));
    assert!(problem(|key| key["kid"] = json!("a\n")).contains("kid"));
    assert!(problem(|key| key["kid"] = json!("a".repeat(129))).contains("kid"));
    assert!(problem(|key| *key = json!([])).contains("object"));
    let x25519 = json!({ "kty": "OKP", "crv": "X25519", "x": crate::base64url([9; 32]), "use": "sig" });
    assert!(problem(|key| *key = x25519).contains("use"));
}

#[test]
fn points_off_their_curve_and_short_coordinates_are_refused() {
    assert!(problem(|key| key["y"] = key["x"].clone()).contains("point of its curve"));
    assert!(problem(|key| key["x"] = json!(crate::base64url([0; 31]))).contains("32 bytes"));
    assert!(problem(|key| key["x"] = json!(crate::base64url([0; 33]))).contains("32 bytes"));
    assert!(problem(|key| key["crv"] = json!("sm2p256v1")).contains("point of its curve"));
}

#[test]
fn rsa_keys_are_2048_to_4096_bits_with_exponent_65537() {
    let rsa = |n: &[u8], e: &str| json!({ "kty": "RSA", "n": crate::base64url(n), "e": e });
    assert!(Jwk::parse(&rsa(&[0xff; 256], "AQAB"), 0).is_ok());
    for refused in [
        rsa(&[0xff; 128], "AQAB"),
        rsa(&[0xff; 513], "AQAB"),
        rsa(&[&[0][..], &[0xff; 256]].concat(), "AQAB"),
        rsa(&[0xff; 256], "Aw"),
    ] {
        assert!(Jwk::parse(&refused, 0).is_err());
    }
}

#[test]
fn a_set_has_no_key_or_kid_twice_and_every_key_says_its_use() {
    let refused = |keys: Value| match JwkSet::from_value(&json!({ "keys": keys })) {
        Err(JoseError::Key { index, problem }) => (index, problem),
        other => panic!("{other:?}"),
    };
    let (first, second) = (crate::signer(Suite::International, 1), crate::signer(Suite::International, 2));
    let (first, mut second) = (first.public().to_value(), second.public().to_value());
    let mut again = first.clone();
    again["kid"] = json!("other");
    again["use"] = json!("enc");
    again.as_object_mut().unwrap().remove("alg");
    assert!(refused(json!([first, again])).1.contains("keys of their own"));
    second["kid"] = first["kid"].clone();
    assert_eq!(refused(json!([first, second])), (1, "has the `kid` of another key"));
    for name in ["kid", "use"] {
        let mut bare = first.clone();
        bare.as_object_mut().unwrap().remove(name);
        assert_eq!(refused(json!([bare])), (0, "lacks `kid` or `use`"));
    }
}

#[test]
fn a_set_is_bounded() {
    let keys: Vec<_> = (0..9).map(|seed| crate::signer(Suite::International, seed).public().to_value()).collect();
    assert!(JwkSet::from_value(&json!({ "keys": keys[..8] })).is_ok());
    assert!(JwkSet::from_value(&json!({ "keys": keys })).is_err());
    assert!(JwkSet::from_value(&json!({ "keys": [] })).is_err());
    assert!(JwkSet::from_value(&json!({})).is_err());
    let mut large = keys[0].clone();
    large["x5c"] = json!(["A".repeat(KEY_SET_BYTES_MAX)]);
    let large = json!({ "keys": [large] });
    assert!(matches!(JwkSet::from_value(&large), Err(JoseError::TooLarge { .. })));
    assert!(matches!(JwkSet::parse(&large.to_string()), Err(JoseError::TooLarge { .. })));
    assert!(JwkSet::parse(r#"{"keys":[],"keys":[]}"#).is_err());
}
