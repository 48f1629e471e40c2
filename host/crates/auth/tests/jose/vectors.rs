//! Published tokens and thumbprints.

use serde_json::json;
use yizhan_auth::jose::{
    DecryptionKey, Envelope, Expect, JoseError, Jwk, JwkSet, JwsAlgorithm, SigningKey, jwe, unseal, verify,
};
use yizhan_domain::authorization::Suite;

const ES256: Expect<'_> = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::Es256] };

fn set(mut key: serde_json::Value) -> JwkSet {
    key["kid"] = json!("published");
    key["use"] = json!("sig");
    JwkSet::from_value(&json!({ "keys": [key] })).unwrap()
}

#[test]
fn rfc_7515_appendix_a_3_verifies() {
    let keys = set(json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    }));
    let token = concat!(
        "eyJhbGciOiJFUzI1NiJ9.",
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let verified = verify(token, &keys, &ES256).unwrap();
    assert_eq!(verified.claims.text("iss"), Some("joe"));
    assert_eq!(verified.claims.seconds("exp"), Some(1_300_819_380));
}

#[test]
fn rfc_8037_appendix_a_4_has_a_right_signature_but_no_claims() {
    let keys = set(json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }));
    let expect = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::EdDsa] };
    let token = concat!(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
    assert!(matches!(verify(token, &keys, &expect), Err(JoseError::Malformed(_))));
    // The newer name of the same algorithm (RFC 9864): here only the signature no longer fits.
    let renamed = crate::with_header(token, |header| header["alg"] = json!("Ed25519"));
    assert_eq!(verify(&renamed, &keys, &expect), Err(JoseError::Signature));
    let other = token.replace(".RXhh", ".RXhi");
    assert_eq!(verify(&other, &keys, &expect), Err(JoseError::Signature));
}

#[test]
fn rfc_7638_and_rfc_8037_thumbprints_are_met() {
    let rsa = concat!(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn",
        "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q",
        "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa",
        "pJzKnqDKgw"
    );
    let rsa = Jwk::parse(&json!({ "kty": "RSA", "e": "AQAB", "n": rsa, "kid": "2011-04-29" }), 0).unwrap();
    assert_eq!(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    assert_eq!(Jwk::parse(&ed, 0).unwrap().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn the_algorithms_of_rfc_7520_that_are_not_ours_are_refused() {
    // Headers of sections 4.3 (ES512), 5.4 (ECDH-ES+A128KW) and 5.5 (ECDH-ES with A128CBC-HS256).
    let keys = crate::published(&[&crate::signer(Suite::International, 1)]);
    let header = |text: &str| crate::base64url(text);
    let signed = format!("{}.e30.AAAA", header(r#"{"alg":"ES512","kid":"bilbo.baggins@hobbiton.example"}"#));
    assert_eq!(verify(&signed, &keys, &ES256), Err(JoseError::Algorithm));
    let key = DecryptionKey::x25519(&[7; 32]).with_kid("meriadoc").unwrap();
    for names in [
        r#"{"alg":"ECDH-ES+A128KW","kid":"meriadoc","enc":"A128GCM"}"#,
        r#"{"alg":"ECDH-ES","kid":"meriadoc","enc":"A128CBC-HS256"}"#,
        r#"{"alg":"ECDH-ES+A256KW","kid":"meriadoc","enc":"A256CBC-HS512"}"#,
        r#"{"alg":"dir","kid":"meriadoc","enc":"A256GCM"}"#,
    ] {
        let token = format!("{}.AAAA.AAAA.AAAA.AAAA", header(names));
        assert_eq!(jwe::decrypt(&token, &key).err(), Some(JoseError::Algorithm), "{names}");
    }
}

#[test]
fn an_envelope_that_another_implementation_made_opens() {
    // Made once, with `apu` and `apv`, to the private numbers 01… (signer) and 02… (recipient).
    let envelope = concat!(
        "eyJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiSldUIiwia2lkIjoiX2RXOEEtR0xYVnFiUFAtdkl2TUp3WWF0RWVXdUdLdS1tUHhJMVptSWtU",
        "cyIsImFwdSI6IlFXeHBZMlUiLCJhcHYiOiJRbTlpIiwiZXBrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4Ijoib1p0UDRLRWNo",
        "MjVOMTRnUWJ0aU56YXptRFJCNVp3NlBzbGI0a3c5YU1wYyIsInkiOiJlM191cTg3X0dZR3dXQzNYM3BlU1dFSm4tV1hBR2xyMDVQNzd5",
        "NnlyWUM0In0sImFsZyI6IkVDREgtRVMrQTI1NktXIn0.zgJIsSADrqf5dN9DGt-dzYKOXbz7bXs7RYNjvxdWtnxhK7eL0BwLJw.Wt4r3",
        "Oz_0iGivMI1.9hQSiYBPOtLHMDpcB_DHMtBgoom-iCBwpL8S1hRRWzWdLRSllJYedTdGtGeUdoqfH4eOEdYKkb-4PqqMXJDPIQn5XOpa",
        "eZSUiDJVnJ0PF5FLPg-dvUIxjB4u1KrwhG-JhVlHE84iwvhwEjFbhwU9suZHCFcLgKZRCqWkuZBXya0Xwn1DnFlkT1LvkvUmSIEH4_dy",
        "XxKVBg0JBIBt3CAzgFJyaumX-RAu6gLn9_ipBKXVf6jtV5Q9u7TGUIlOX5bnjbO6sK5Yg9vYAfJXaewztsfnOCAHAYjZLqc.tzHpcxMm",
        "9lbriDGgmxrUeA"
    );
    let signer = SigningKey::from_secret(Suite::International, &[1; 32]).unwrap();
    let key = DecryptionKey::from_secret(Suite::International, &[2; 32]).unwrap();
    let verified = unseal(&Envelope(envelope.into()), &key, &crate::published(&[&signer])).unwrap();
    assert_eq!(verified.claims.text("sub"), Some("somebody"));
}

#[test]
fn a_ps256_assertion_that_another_implementation_made_verifies() {
    let n = concat!(
        "p8_XowigQjEh5LqTKZ5zTtCFQGB51hk07XvHvvTvl8Q9Vx6xX8in7wDMZd5-qcKvH0oodkinjtIkPs71qYGl0fxCx2xh90Q6iJPG5apw",
        "zATBt-wi7JGw1bKH3KoC01Bqyjm3lpftWIvn35kAcNw_zFlyUGJpzkokvgjJcWUeZaH7aqYfgyTL1LEgFlqQeGHJuGhBIDlpZ-h5cG82",
        "Obbn2MFWAwoJavx-F6hvWosCYHgjT76YkkULbBLfixoPuE3HN2fggMDE0bTQoXo-5Gyqum7LnyarhAYan04VMjIj--aYKksN251Oek-h",
        "lUGmI_tpqCxLCa3hPZDVqFLSEn-2cw"
    );
    let token = concat!(
        "eyJraWQiOiJyIiwiYWxnIjoiUFMyNTYifQ.eyJpc3MiOiJjIn0.DWpz3z0By-qMOaYHATosgVJTHC0bjwvoEtVbW_vzVvEZDPzk6cLSM",
        "yy5NEiZezyoSUDx1NI4tfRfwZSKqC79G9cravTa1bFlbsOznZUyLxQ7F1HCyY3tpubnxeIIIdk8UCMBSq0U7fIKcawwof6r4GRlzVt5p",
        "KpgC2DN5FO9GUwzmZDZAHhYy5hNdKGuFNvMBeX4A-zJ7kq8mGsnQX2jNDES4rlFwKyrcXmZcZqjoVxaAj_X_0-o-olsJXwBTXEAIlKMI",
        "jAsNK_khTlGPw4fvKkFgp6YLn7UNhtkkuKd3XoS32sKRc_Ibq4UbVM6NgpzuffHeGmimemBoeOmDJvuSw"
    );
    let keys = JwkSet::from_value(
        &json!({ "keys": [{ "kty": "RSA", "e": "AQAB", "n": n, "kid": "r", "use": "sig", "alg": "PS256" }] }),
    );
    let expect = Expect { types: Expect::UNTYPED, algorithms: JwsAlgorithm::CLIENT };
    assert_eq!(verify(token, &keys.clone().unwrap(), &expect).unwrap().claims.text("iss"), Some("c"));
    let altered = token.replace(".DW", ".DX");
    assert_eq!(verify(&altered, &keys.unwrap(), &expect), Err(JoseError::Signature));
}
