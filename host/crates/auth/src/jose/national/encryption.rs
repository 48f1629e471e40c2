//! SM2 encryption of content keys (GM/T 0003.4) and SM4-GCM. Called by the encryption of tokens.

use super::{ENCODING, Encoding};
use crate::jose::JoseError;
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use rand::CryptoRng;
use sm2::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use sm2::pke::{DecryptingKey, EncryptingKey, Mode};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// SM4 in Galois/counter mode: 96-bit nonce, 128-bit tag (RFC 8998, section 3.2.1).
pub(crate) type SmGcm = AesGcm<sm4::Sm4, U12>;

/// Encrypts a content key to an uncompressed point.
pub(crate) fn encrypt_key<R: CryptoRng + ?Sized>(
    point: &[u8; 65],
    key: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, JoseError> {
    let failed = |_| JoseError::Failed("SM2 refuses to encrypt");
    let public = sm2::PublicKey::from_sec1_bytes(point).map_err(|_| JoseError::Failed("not a point of its curve"))?;
    let recipient = EncryptingKey::new_with_mode(public, Mode::C1C3C2);
    match ENCODING {
        Encoding::Der => recipient.encrypt_der(&mut Random(rng), key).map_err(failed),
        Encoding::Raw => recipient.encrypt(&mut Random(rng), key).map_err(failed),
    }
}

/// Decrypts a content key.
pub(crate) fn decrypt_key(key: &sm2::SecretKey, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let recipient = DecryptingKey::new_with_mode(key.to_nonzero_scalar(), Mode::C1C3C2);
    let decrypted = match ENCODING {
        Encoding::Der => recipient.decrypt_der(encrypted),
        Encoding::Raw => recipient.decrypt(encrypted),
    };
    decrypted.map(Zeroizing::new).map_err(|_| JoseError::Unopened)
}

/// The caller's randomness under the newer trait that `sm2` asks for.
struct Random<'a, R: ?Sized>(&'a mut R);

impl<R: CryptoRng + ?Sized> TryRng for Random<'_, R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng + ?Sized> TryCryptoRng for Random<'_, R> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        text.as_bytes().chunks(2).map(digits).collect()
    }

    #[test]
    fn the_published_encryption_example_of_gm_t_0003_5_decrypts() {
        let key = hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
        let key = sm2::SecretKey::from_slice(&key).unwrap();
        let point = concat!(
            "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73",
            "E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
        );
        let hash = "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766";
        let text = "21886CA989CA9C7D58087307CA93092D651EFA";
        // 04EBFC… is the first coordinate itself here, not the mark of an uncompressed point.
        let der = [
            hex("307C0220"),
            hex(&point[..64]),
            hex("022100"),
            hex(&point[64..]),
            hex("0420"),
            hex(hash),
            hex("0413"),
            hex(text),
        ];
        assert_eq!(decrypt_key(&key, &der.concat()).unwrap().as_slice(), b"encryption standard");
    }
}
