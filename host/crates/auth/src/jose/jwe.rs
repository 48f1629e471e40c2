//! Encryption of tokens (RFC 7516), one way per suite: ECDH-ES+A256KW with A256GCM, or SM2 with SM4-GCM. The suite
//! follows from the recipient's key. The sealing of envelopes and the key store call it.

mod agreement;
mod content;
mod decryption_key;

pub use decryption_key::DecryptionKey;

use super::jwk::{KEY_AGREEMENT, Material};
use super::verifying::media_type;
use super::{JoseError, Jwk, TOKEN_BYTES_MAX, compact, national};
use content::Cipher;
use rand::CryptoRng;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Encrypts to a recipient whose key has a `kid`. `content_type` becomes `cty`.
///
/// # Errors
/// [`JoseError::UnknownKey`] when the key has no `kid` or may not encrypt; [`JoseError::TooLarge`] when the token would be
/// larger than is read; [`JoseError::Failed`] when a library refuses.
pub fn encrypt<R: CryptoRng + ?Sized>(
    plain: &[u8],
    recipient: &Jwk,
    content_type: &str,
    rng: &mut R,
) -> Result<String, JoseError> {
    let kid = recipient.kid().filter(|_| recipient.recipient_suite().is_some()).ok_or(JoseError::UnknownKey)?;
    let mut header = Map::new();
    header.insert("kid".into(), kid.into());
    header.insert("cty".into(), content_type.into());
    let cipher = Cipher::of(recipient);
    header.insert("enc".into(), cipher.name().into());
    let mut content_key = Zeroizing::new(vec![0; cipher.key_bytes()]);
    rng.fill_bytes(&mut content_key);
    let encrypted_key = match recipient.material() {
        Material::Sm2(point) => {
            header.insert("alg".into(), national::KEY_ENCRYPTION.into());
            national::encrypt_key(point, &content_key, rng)?
        }
        curve => {
            header.insert("alg".into(), KEY_AGREEMENT.into());
            let (ephemeral, shared) = agreement::send(curve, rng)?;
            header.insert("epk".into(), ephemeral);
            agreement::wrap(&agreement::derive(&shared, b"", b""), &content_key)?
        }
    };
    let mut nonce = [0; 12];
    rng.fill_bytes(&mut nonce);
    let header = compact::encode(Value::Object(header).to_string().as_bytes());
    let (sealed, tag) = cipher.seal(&content_key, &nonce, header.as_bytes(), plain)?;
    let parts = [&encrypted_key[..], &nonce, &sealed, &tag].map(compact::encode);
    let token = format!("{header}.{}", parts.join("."));
    if token.len() > TOKEN_BYTES_MAX {
        return Err(JoseError::TooLarge { what: "the token", bytes_max: TOKEN_BYTES_MAX });
    }
    Ok(token)
}

/// An opened token.
pub struct Opened {
    /// `cty`, lower case, without `application/`; empty when absent.
    pub content_type: String,
    /// What was encrypted.
    pub plain: Zeroizing<Vec<u8>>,
}

/// Decrypts a token for this key, which its `kid` names.
///
/// # Errors
/// [`JoseError::UnknownKey`] for another or no `kid`, [`JoseError::Algorithm`], [`JoseError::Header`] for `crit`, `zip` and
/// keys in the header, [`JoseError::Unopened`] for whatever was altered.
pub fn decrypt(token: &str, key: &DecryptionKey) -> Result<Opened, JoseError> {
    let [protected, encrypted_key, nonce, sealed, tag] = compact::segments(token)?;
    let header = compact::object(&compact::decode(protected)?)?;
    compact::refuse_members(&header, &["crit", "zip", "b64", "jku", "jwk", "x5u", "x5c"])?;
    if compact::text_member(&header, "kid")? != Some(key.kid()) {
        return Err(JoseError::UnknownKey);
    }
    let cipher = Cipher::of(key.public());
    let (algorithm, encryption) = (compact::text_member(&header, "alg")?, compact::text_member(&header, "enc")?);
    if algorithm != Some(key.algorithm()) || encryption != Some(cipher.name()) {
        return Err(JoseError::Algorithm);
    }
    let content_key = key.content_key(&header, &compact::decode(encrypted_key)?)?;
    let (nonce, tag) = (compact::decode_array(nonce)?, compact::decode_array(tag)?);
    let plain = cipher.open(&content_key, &nonce, protected.as_bytes(), (compact::decode(sealed)?, tag))?;
    let content_type = compact::text_member(&header, "cty")?.map(media_type).unwrap_or_default();
    Ok(Opened { content_type, plain })
}

/// The `kid` that a token names, before anything of it is verified: to choose the key.
///
/// # Errors
/// [`JoseError::Malformed`] or [`JoseError::UnknownKey`] when it names none.
pub fn named_key(token: &str) -> Result<String, JoseError> {
    let [protected, ..] = compact::segments::<5>(token)?;
    let header = compact::object(&compact::decode(protected)?)?;
    compact::text_member(&header, "kid")?.map(str::to_owned).ok_or(JoseError::UnknownKey)
}
