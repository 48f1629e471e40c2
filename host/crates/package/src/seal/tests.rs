//! Signatures against published test vectors, and every way in which one is refused.

use super::envelope::pre_authentication_encoding;
use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn key(algorithm: Algorithm, hex: &str) -> SigningKey {
    SigningKey::from_seed(algorithm, &bytes(hex).try_into().expect("32 bytes")).expect("key")
}

fn keys() -> [SigningKey; 2] {
    [Algorithm::Es256, Algorithm::Ed25519].map(|algorithm| SigningKey::from_seed(algorithm, &[7; 32]).expect("key"))
}

fn signed(listing: &[u8], keys: &[SigningKey]) -> Envelope {
    let mut envelope = Envelope::new(listing.to_vec());
    keys.iter().for_each(|key| envelope.sign(key).expect("room for a signature"));
    envelope
}

#[test]
fn dsse_protocol_vector_is_reproduced() {
    let message = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
    assert_eq!(message, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    let key = key(Algorithm::Es256, "d73ec437fd6346e3619c5ebfdfff0f6916804955ad32ac9ac492b0ede1f6ffb7");
    let signature = key.sign(&message);
    let published = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==";
    assert_eq!(STANDARD.encode(&signature), published);
    assert!(key.verifying_key().verifies(&message, &signature));
}

#[test]
fn rfc_6979_a_2_5_p256_sha256_vectors_are_reproduced() {
    let key = key(Algorithm::Es256, "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let sample = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                  F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
    let test = "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367\
                019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083";
    assert_eq!(key.sign(b"sample"), bytes(sample));
    assert_eq!(key.sign(b"test"), bytes(test));
}

#[test]
fn rfc_8032_ed25519_test_2_is_reproduced() {
    let key = key(Algorithm::Ed25519, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let published = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                     085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_eq!(key.sign(&[0x72]), bytes(published));
}

#[test]
fn keys_read_back_from_their_pem_and_key_ids_are_of_the_spki() {
    use sha2::{Digest, Sha256};
    for key in keys() {
        let secret = SigningKey::from_pem(&key.to_pem().expect("PEM")).expect("key");
        assert_eq!(secret.verifying_key(), key.verifying_key());
        let pem = key.verifying_key().to_pem().expect("PEM");
        assert_eq!(VerifyingKey::from_pem(&pem).expect("key"), key.verifying_key());
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let digest = Sha256::digest(STANDARD.decode(base64).expect("base64"));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(key.verifying_key().key_id().to_string(), hex);
    }
}

#[test]
fn texts_that_are_no_keys_are_refused() {
    for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(matches!(SigningKey::from_pem(pem), Err(SealError::BadKey { .. })));
        assert!(matches!(VerifyingKey::from_pem(pem), Err(SealError::BadKey { .. })));
    }
    assert!(SigningKey::from_seed(Algorithm::Es256, &[0; 32]).is_err());
    let secret = keys()[1].to_pem().expect("PEM");
    assert!(VerifyingKey::from_pem(&secret).is_err(), "a secret key is no public key");
}

#[test]
fn debug_output_of_a_signing_key_has_no_secret() {
    let key = &keys()[1];
    assert_eq!(format!("{key:?}"), format!("SigningKey(Ed25519, {})", key.verifying_key().key_id()));
}

#[test]
fn new_keys_differ_and_sign() {
    for algorithm in [Algorithm::Es256, Algorithm::Ed25519] {
        let (one, two) = (SigningKey::generate(algorithm).expect("key"), SigningKey::generate(algorithm).expect("key"));
        assert_ne!(one.verifying_key(), two.verifying_key());
        assert!(signed(b"listing", std::slice::from_ref(&one)).verify(b"listing", &[one.verifying_key()]).is_ok());
    }
}

#[test]
fn a_signature_of_either_algorithm_is_verified_and_names_its_key() {
    for key in keys() {
        let envelope =
            Envelope::from_json(&signed(b"listing", std::slice::from_ref(&key)).to_json()).expect("envelope");
        assert_eq!(envelope.verify(b"listing", &[key.verifying_key()]), Ok(key.verifying_key().key_id()));
    }
}

#[test]
fn signing_again_with_the_same_key_gives_the_same_bytes() {
    for key in keys() {
        let once = signed(b"listing", std::slice::from_ref(&key));
        assert_eq!(once, signed(b"listing", &[key.clone(), key]));
    }
}

#[test]
fn each_reason_to_refuse_a_signature_has_its_own_error() {
    let [es256, ed25519] = keys();
    let known = [es256.verifying_key()];
    assert_eq!(signed(b"a", &[]).verify(b"a", &known), Err(SealError::Unsigned));
    let key_ids = vec![ed25519.verifying_key().key_id()];
    assert_eq!(
        signed(b"a", std::slice::from_ref(&ed25519)).verify(b"a", &known),
        Err(SealError::UnknownKey { key_ids })
    );
    assert_eq!(signed(b"b", std::slice::from_ref(&es256)).verify(b"a", &known), Err(SealError::OtherListing));
    let mut forged = signed(b"a", std::slice::from_ref(&es256)).to_json();
    forged =
        String::from_utf8(forged).expect("UTF-8").replace(&STANDARD.encode("a"), &STANDARD.encode("b")).into_bytes();
    let key_id = es256.verifying_key().key_id();
    let forged = Envelope::from_json(&forged).expect("envelope");
    assert_eq!(forged.verify(b"b", &known), Err(SealError::WrongKey { key_id }));
}

#[test]
fn one_bad_signature_of_a_known_key_spoils_a_good_one() {
    let [es256, ed25519] = keys();
    let json = String::from_utf8(signed(b"a", &[es256.clone(), ed25519.clone()]).to_json()).expect("UTF-8");
    let good = STANDARD.encode(ed25519.sign(&pre_authentication_encoding(LISTING_PAYLOAD_TYPE, b"a")));
    let bad = STANDARD.encode(ed25519.sign(b"other"));
    let envelope = Envelope::from_json(json.replace(&good, &bad).as_bytes()).expect("envelope");
    let known = [es256.verifying_key(), ed25519.verifying_key()];
    let key_id = ed25519.verifying_key().key_id();
    assert_eq!(envelope.verify(b"a", &known), Err(SealError::WrongKey { key_id }));
    assert_eq!(
        envelope.verify(b"a", &known[..1]),
        Ok(es256.verifying_key().key_id()),
        "foreign signatures count for nothing"
    );
}

#[test]
fn a_fifth_signature_is_refused_when_made_and_when_read() {
    let five: Vec<SigningKey> =
        (1..=5).map(|seed| SigningKey::from_seed(Algorithm::Ed25519, &[seed; 32]).expect("key")).collect();
    let mut envelope = signed(b"a", &five[..4]);
    assert_eq!(envelope.sign(&five[4]), Err(SealError::TooManySignatures { found: 5 }));
    let json = String::from_utf8(envelope.to_json()).expect("UTF-8");
    let fifth = String::from_utf8(signed(b"a", &five[4..]).to_json()).expect("UTF-8");
    let (_, fifth) = fifth.split_once("\"signatures\":[").expect("signatures");
    let json = json.replace("]}", &format!(",{fifth}"));
    assert_eq!(Envelope::from_json(json.as_bytes()), Err(SealError::TooManySignatures { found: 5 }));
}

#[test]
fn an_envelope_has_one_form_only() {
    let json = String::from_utf8(signed(b"a", &keys()).to_json()).expect("UTF-8");
    assert!(Envelope::from_json(json.as_bytes()).is_ok());
    let (_, one) = json.split_once("\"signatures\":[").expect("signatures");
    let one = one.split_once("},").expect("two signatures").0;
    let changed = [
        format!("{json}\n"),
        json.replacen(':', ": ", 1),
        json.replacen("{\"payload\"", "{\"more\":1,\"payload\"", 1),
        json.replace(LISTING_PAYLOAD_TYPE, "text/plain"),
        json.replace("=\"}", "\"}"),
        json.replace("]}", &format!(",{one}}}]}}")),
        "{}".to_owned(),
    ];
    for json in changed {
        assert!(matches!(Envelope::from_json(json.as_bytes()), Err(SealError::BadEnvelope { .. })), "{json}");
    }
}
