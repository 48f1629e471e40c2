//! Envelopes: claims signed, then encrypted to one recipient (RFC 7519, section 11.2), in both suites.
//! Step 3 of the flow seals, step 5 opens.

use super::{
    DecryptionKey, Expect, JoseError, Jwk, JwkSet, JwsAlgorithm, JwsHeader, SigningKey, Verified, jwe, national,
};
use super::{verify, verifying::media_type};
use rand::CryptoRng;
use serde::Serialize;
use std::fmt;
use yizhan_domain::authorization::Suite;
use zeroize::Zeroizing;

/// A nested token in compact form, at most 16 KiB. `Debug` prints its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope(pub String);

impl Envelope {
    /// The compact form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({} bytes)", self.0.len())
    }
}

/// `cty` of a suite's envelopes.
fn content_type(suite: Suite) -> &'static str {
    match suite {
        Suite::International => "JWT",
        Suite::National => national::NESTED_CONTENT,
    }
}

/// Signs claims and encrypts them to a recipient. The suite is the recipient's; the signer must be of the same.
///
/// # Errors
/// [`JoseError::UnknownKey`] when the recipient cannot receive or the signer is of the other suite; as
/// [`SigningKey::sign`] and [`jwe::encrypt`].
pub fn seal<R: CryptoRng + ?Sized>(
    signer: &SigningKey,
    recipient: &Jwk,
    claims: &impl Serialize,
    rng: &mut R,
) -> Result<Envelope, JoseError> {
    let suite = recipient.recipient_suite().ok_or(JoseError::UnknownKey)?;
    if signer.algorithm() != JwsAlgorithm::of_suite(suite) {
        return Err(JoseError::UnknownKey);
    }
    let signed = Zeroizing::new(signer.sign(&JwsHeader { typ: Some("JWT"), ..JwsHeader::default() }, claims)?);
    enclose(suite, &signed, recipient, rng)
}

/// Encrypts a token that a key store signed. Fails as [`seal`].
pub(crate) fn enclose<R: CryptoRng + ?Sized>(
    suite: Suite,
    signed: &str,
    recipient: &Jwk,
    rng: &mut R,
) -> Result<Envelope, JoseError> {
    if recipient.recipient_suite() != Some(suite) {
        return Err(JoseError::UnknownKey);
    }
    jwe::encrypt(signed.as_bytes(), recipient, content_type(suite), rng).map(Envelope)
}

/// Opens an envelope and verifies what is inside. Issuer, audience, subject, times and `jti` are the caller's to check.
///
/// # Errors
/// As [`jwe::decrypt`] and [`verify_inner`].
pub fn unseal(envelope: &Envelope, key: &DecryptionKey, issuer: &JwkSet) -> Result<Verified, JoseError> {
    let suite = key.public().recipient_suite().ok_or(JoseError::UnknownKey)?;
    let opened = jwe::decrypt(envelope.as_str(), key)?;
    if opened.content_type != media_type(content_type(suite)) {
        return Err(JoseError::Type("cty"));
    }
    verify_inner(suite, &opened.plain, issuer)
}

/// Verifies what was inside an envelope of a suite, once a key store has decrypted it.
///
/// # Errors
/// As [`verify`]; the algorithm is the suite's one.
pub fn verify_inner(suite: Suite, plain: &[u8], issuer: &JwkSet) -> Result<Verified, JoseError> {
    let token = std::str::from_utf8(plain).map_err(|_| JoseError::Malformed("the content is not a token"))?;
    verify(token, issuer, &Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::of_suite(suite)] })
}
