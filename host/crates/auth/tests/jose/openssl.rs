//! The national suite against OpenSSL, another implementation: signatures, key encryption and hash, both ways.

use serde_json::json;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use std::path::Path;
use std::process::Command;
use yizhan_auth::jose::{DecryptionKey, Expect, JwsAlgorithm, JwsHeader, SigningKey, jwe, national, verify};
use yizhan_domain::authorization::Suite;

fn openssl(directory: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(directory).output();
    let output = output.expect("openssl 3 is needed; type: apt-get install openssl");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A key that OpenSSL made; `key.pem` and `public.pem` are in the directory.
fn key(directory: &Path) -> sm2::SecretKey {
    openssl(directory, "genpkey -algorithm SM2 -out key.pem");
    openssl(directory, "pkey -in key.pem -pubout -out public.pem");
    let der = openssl(directory, "pkcs8 -topk8 -nocrypt -in key.pem -outform DER");
    sm2::SecretKey::from_pkcs8_der(&der).unwrap()
}

fn number(key: &sm2::SecretKey) -> [u8; 32] {
    key.to_bytes().into()
}

#[test]
fn openssl_verifies_our_signature_and_we_verify_its() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let signer = SigningKey::from_secret(Suite::National, &number(&key(directory))).unwrap();
    let token = signer.sign(&JwsHeader::default(), &json!({ "sub": "somebody" })).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let options = format!("-sigopt distid:{}", national::SIGNER_ID);

    std::fs::write(directory.join("signed"), signed).unwrap();
    std::fs::write(directory.join("signature"), decode(signature)).unwrap();
    openssl(directory, &format!("dgst -sm3 -verify public.pem {options} -signature signature signed"));

    openssl(directory, &format!("dgst -sm3 -sign key.pem {options} -out theirs signed"));
    let theirs = crate::base64url(std::fs::read(directory.join("theirs")).unwrap());
    let expect = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::SgdSm3Sm2] };
    let keys = crate::published(&[&signer]);
    assert!(verify(&format!("{signed}.{theirs}"), &keys, &expect).is_ok());

    std::fs::write(directory.join("signed"), "altered").unwrap();
    openssl(directory, &format!("dgst -sm3 -sign key.pem {options} -out theirs signed"));
    let theirs = crate::base64url(std::fs::read(directory.join("theirs")).unwrap());
    assert!(verify(&format!("{signed}.{theirs}"), &keys, &expect).is_err());
}

#[test]
fn openssl_decrypts_our_content_key() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let key = DecryptionKey::from_secret(Suite::National, &number(&key(directory))).unwrap();
    let token = jwe::encrypt(b"plain", key.public(), "SGD_JWS", &mut crate::rng(3)).unwrap();
    let encrypted = token.split('.').nth(1).unwrap();
    std::fs::write(directory.join("encrypted"), decode(encrypted)).unwrap();
    let content_key = openssl(directory, "pkeyutl -decrypt -inkey key.pem -in encrypted");
    assert_eq!(content_key.len(), 16);

    // The same content key, encrypted by OpenSSL: the rest of the token stays as it is.
    std::fs::write(directory.join("content"), content_key).unwrap();
    openssl(directory, "pkeyutl -encrypt -pubin -inkey public.pem -in content -out theirs");
    let theirs = crate::base64url(std::fs::read(directory.join("theirs")).unwrap());
    let mut parts: Vec<&str> = token.split('.').collect();
    assert_ne!(parts[1], theirs);
    parts[1] = &theirs;
    assert_eq!(jwe::decrypt(&parts.join("."), &key).unwrap().plain.as_slice(), b"plain");
}

#[test]
fn openssl_reads_our_keys_and_hashes_the_same() {
    use sm3::Digest as _;
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let key = sm2::SecretKey::from_slice(&[5; 32]).unwrap();
    std::fs::write(directory.join("ours.pem"), key.to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
    let public = openssl(directory, "pkey -in ours.pem -pubout -outform DER");
    assert_eq!(public, key.public_key().to_public_key_der().unwrap().as_bytes());
    std::fs::write(directory.join("text"), "abc").unwrap();
    assert_eq!(openssl(directory, "dgst -sm3 -binary text"), sm3::Sm3::digest("abc").to_vec());
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}
