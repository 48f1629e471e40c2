//! Proofs of possession (RFC 9449).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use serde_json::{Value, json};
use yizhan_auth::jose::dpop::{self, JTI_BYTES_MAX, Proof};
use yizhan_auth::jose::{JoseError, Jwk};
use yizhan_domain::Timestamp;

const NOW: Timestamp = Timestamp(1_700_000_000_000);
const URL: &str = "https://hub.example/oauth/token";

fn key() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()
}

fn public() -> Value {
    let point = key().verifying_key().to_sec1_point(false);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({ "kty": "EC", "crv": "P-256", "x": text(&point.as_bytes()[1..33]), "y": text(&point.as_bytes()[33..]) })
}

/// A proof that fits, changed, and signed as a client would.
fn proof(change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let mut header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": public() });
    let mut claims = json!({ "jti": "one", "htm": "POST", "htu": URL, "iat": NOW.0 / 1000 });
    change(&mut header, &mut claims);
    let signed = format!("{}.{}", crate::base64url(header.to_string()), crate::base64url(claims.to_string()));
    let signature: p256::ecdsa::Signature = key().sign(signed.as_bytes());
    format!("{signed}.{}", crate::base64url(signature.to_bytes()))
}

fn check(token: &str, access_token: Option<&str>) -> Result<dpop::Proven, JoseError> {
    dpop::verify(&Proof { token, method: "POST", url: URL, access_token }, NOW)
}

#[test]
fn a_proof_that_fits_gives_thumbprint_and_jti() {
    let token = proof(|header, claims| {
        header["kid"] = json!("some libraries add it");
        claims["nonce"] = json!("n");
    });
    let proven = check(&token, None).unwrap();
    assert_eq!(proven.thumbprint, Jwk::parse(&public(), 0).unwrap().thumbprint());
    assert_eq!((proven.jti.as_str(), proven.nonce.as_deref()), ("one", Some("n")));
    assert!(proven.until > NOW && proven.until <= NOW.plus_ms(122_000));
}

#[test]
fn method_and_address_must_be_those_of_the_request() {
    let claim = |name: &'static str, value: &str| {
        let token = proof(|_, claims| claims[name] = json!(value));
        matches!(check(&token, None), Err(JoseError::Claim { claim, .. }) if claim == name)
    };
    assert!(claim("htm", "GET"));
    assert!(claim("htm", "post"));
    assert!(claim("htu", "https://hub.example/oauth/userinfo"));
    assert!(claim("htu", "https://thief.example/oauth/token"));
    assert!(
        check(&proof(|_, claims| claims["htu"] = json!("https://HUB.example:443/oauth/token?x=1#y")), None).is_ok()
    );
}

#[test]
fn a_proof_holds_for_a_minute_either_way() {
    let at = |iat: u64| check(&proof(|_, claims| claims["iat"] = json!(iat)), None);
    let now = NOW.0 / 1000;
    assert!(at(now - 60).is_ok());
    assert!(at(now + 60).is_ok());
    assert!(matches!(at(now - 61), Err(JoseError::Claim { claim: "iat", .. })));
    assert!(matches!(at(now + 61), Err(JoseError::Claim { claim: "iat", .. })));
    let text = proof(|_, claims| claims["iat"] = json!(now.to_string()));
    assert!(matches!(check(&text, None), Err(JoseError::Claim { claim: "iat", .. })));
}

#[test]
fn with_an_access_token_its_hash_is_asked_for() {
    let hash = dpop::access_token_hash("token");
    let token = proof(|_, claims| claims["ath"] = json!(hash));
    assert!(check(&token, Some("token")).is_ok());
    for wrong in [check(&token, Some("other")), check(&proof(|_, _| ()), Some("token"))] {
        assert!(matches!(wrong, Err(JoseError::Claim { claim: "ath", .. })));
    }
}

#[test]
fn the_key_inside_is_public_and_asymmetric() {
    let with_key = |change: fn(&mut Value)| check(&proof(|header, _| change(&mut header["jwk"])), None);
    assert!(matches!(with_key(|key| key["d"] = json!("AA")), Err(JoseError::Key { .. })));
    assert!(matches!(with_key(|key| *key = json!({ "kty": "oct", "k": "AA" })), Err(JoseError::Key { .. })));
    assert!(matches!(with_key(|key| *key = Value::Null), Err(JoseError::Key { .. })));
    assert_eq!(with_key(|key| key["use"] = json!("enc")), Err(JoseError::UnknownKey));
    let missing = proof(|header, _| {
        header.as_object_mut().unwrap().remove("jwk");
    });
    assert_eq!(check(&missing, None), Err(JoseError::Header("jwk")));
}

#[test]
fn another_key_type_or_algorithm_is_refused() {
    let other = crate::signer(yizhan_domain::authorization::Suite::International, 1).public().to_value();
    let swapped = proof(|header, _| header["jwk"] = other);
    assert_eq!(check(&swapped, None), Err(JoseError::Signature));
    assert_eq!(check(&proof(|header, _| header["typ"] = json!("JWT")), None), Err(JoseError::Type("typ")));
    assert_eq!(check(&proof(|header, _| header["alg"] = json!("none")), None), Err(JoseError::Algorithm));
    assert_eq!(check(&proof(|header, _| header["alg"] = json!("HS256")), None), Err(JoseError::Algorithm));
    assert_eq!(check(&proof(|header, _| header["alg"] = json!("SGD_SM3_SM2")), None), Err(JoseError::Algorithm));
}

#[test]
fn the_jti_is_there_and_bounded() {
    for wrong in [json!(""), json!(1), Value::Null, json!("a".repeat(JTI_BYTES_MAX + 1))] {
        let token = proof(|_, claims| claims["jti"] = wrong);
        assert!(matches!(check(&token, None), Err(JoseError::Claim { claim: "jti", .. })));
    }
}
