//! The national suite (GM/T 0125-2022): THE table of its identifiers and encodings, and its primitives.
//!
//! The text of the standard was not at hand. Names come from secondary sources that agree; encodings are those of
//! GM/T 0009 (DER), on which secondary sources differ. Whatever has to change, changes in this file.

mod encryption;
mod signature;

pub(crate) use encryption::{SmGcm, decrypt_key, encrypt_key};
pub(crate) use signature::{sign, signing_key, verify};

/// `alg` of signatures: SM2 with SM3.
pub const SIGNATURE: &str = "SGD_SM3_SM2";
/// `alg` of key encryption: SM2 public-key encryption of the content key.
pub const KEY_ENCRYPTION: &str = "SGD_SM2_3";
/// `enc`: SM4 in Galois/counter mode (RFC 8998), 96-bit nonce, 128-bit tag.
pub const CONTENT_ENCRYPTION: &str = "SGD_SM4_GCM";
/// `cty` of an envelope whose content is signed.
pub const NESTED_CONTENT: &str = "SGD_JWS";
/// `crv` of keys.
pub const CURVE: &str = "sm2p256v1";
/// The signer's distinguishing identifier when none is agreed (GM/T 0009-2012, section 10).
pub const SIGNER_ID: &str = "1234567812345678";
/// Bytes of a signature or encrypted key: DER as in GM/T 0009-2012, sections 7.2 and 7.3.
pub const ENCODING: Encoding = Encoding::Der;

/// How SM2's results are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// ASN.1 DER: SEQUENCE {r, s}; SEQUENCE {x, y, hash, ciphertext}.
    Der,
    /// Fixed lengths: r ‖ s; C1 ‖ C3 ‖ C2 with an uncompressed point.
    Raw,
}
