//! SM2 signatures over SM3 (GM/T 0003.2) with the default signer id. Called by the signing and verifying of tokens.

use super::{ENCODING, Encoding, SIGNER_ID};
use crate::jose::JoseError;
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

/// A private key with the default signer id.
pub(crate) fn signing_key(secret: &sm2::SecretKey) -> Result<SigningKey, JoseError> {
    SigningKey::new(SIGNER_ID, secret).map_err(|_| JoseError::Failed("SM2 refuses the key"))
}

/// Signs with a deterministic nonce.
pub(crate) fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, JoseError> {
    let signature: Signature = key.try_sign(message).map_err(|_| JoseError::Failed("SM2 refuses to sign"))?;
    Ok(match ENCODING {
        Encoding::Der => signature.to_der().as_ref().to_vec(),
        Encoding::Raw => signature.to_vec(),
    })
}

/// Whether the signature is right; the point is uncompressed.
pub(crate) fn verify(point: &[u8; 65], message: &[u8], signature: &[u8]) -> bool {
    let parsed = match ENCODING {
        Encoding::Der => Signature::from_der(signature),
        Encoding::Raw => Signature::from_slice(signature),
    };
    match (VerifyingKey::from_sec1_bytes(SIGNER_ID, point), parsed) {
        (Ok(key), Ok(signature)) => key.verify(message, &signature).is_ok(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        text.as_bytes().chunks(2).map(digits).collect()
    }

    #[test]
    fn the_published_signature_example_of_gm_t_0003_5_is_right() {
        let point = concat!(
            "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020",
            "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
        );
        let point: [u8; 65] = hex(point).try_into().unwrap();
        let signature = concat!(
            "3046022100F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3",
            "022100B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
        );
        assert!(verify(&point, b"message digest", &hex(signature)));
        assert!(!verify(&point, b"message digesT", &hex(signature)));
        let secret = hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
        let secret = sm2::SecretKey::from_slice(&secret).unwrap();
        assert_eq!(secret.public_key().to_sec1_bytes()[..], point);
        assert!(verify(&point, b"another", &sign(&signing_key(&secret).unwrap(), b"another").unwrap()));
    }
}
