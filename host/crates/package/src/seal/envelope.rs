//! The DSSE envelope (Dead Simple Signing Envelope, protocol 1.0.2) in `META/signature.json`.

use super::{KeyId, SealError, SigningKey, VerifyingKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Payload type of a canonical listing.
pub const LISTING_PAYLOAD_TYPE: &str = "application/vnd.yizhan.listing.v1";
/// Signatures that an envelope may have.
pub const SIGNATURES_MAX: usize = 4;

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key that it says it was made by.
    pub key_id: KeyId,
    /// 64 bytes: ES256 as r and s (RFC 7518 section 3.4), or Ed25519 (RFC 8032).
    pub bytes: Vec<u8>,
}

/// A listing with 0 to 4 signatures of different keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub(crate) payload: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeJson {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<SignatureJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureJson {
    keyid: KeyId,
    sig: String,
}

impl Envelope {
    pub(crate) fn new(payload: Vec<u8>) -> Self {
        Self { payload, signatures: Vec::new() }
    }

    /// The signatures, not verified.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Reads an envelope; refuses every form but the one that [`Envelope::to_json`] writes.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, SealError> {
        let bad = |problem: String| SealError::BadEnvelope { problem };
        let read: EnvelopeJson = serde_json::from_slice(json).map_err(|error| bad(error.to_string()))?;
        if read.payload_type != LISTING_PAYLOAD_TYPE {
            return Err(bad(format!("payloadType is {:?}, not {LISTING_PAYLOAD_TYPE:?}", read.payload_type)));
        }
        if read.signatures.len() > SIGNATURES_MAX {
            return Err(SealError::TooManySignatures { found: read.signatures.len() });
        }
        let decode = |text: &str| STANDARD.decode(text).map_err(|error| bad(format!("base64: {error}")));
        let mut envelope = Self::new(decode(&read.payload)?);
        for SignatureJson { keyid, sig } in &read.signatures {
            if envelope.signatures.iter().any(|other| other.key_id == *keyid) {
                return Err(bad(format!("key {keyid} signs twice")));
            }
            envelope.signatures.push(Signature { key_id: *keyid, bytes: decode(sig)? });
        }
        if envelope.to_json() != json {
            return Err(bad("its JSON is written in another way".to_owned()));
        }
        Ok(envelope)
    }

    /// The bytes of `META/signature.json`: compact JSON, members in alphabetical order.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let signature = |one: &Signature| SignatureJson { keyid: one.key_id, sig: STANDARD.encode(&one.bytes) };
        let json = EnvelopeJson {
            payload: STANDARD.encode(&self.payload),
            payload_type: LISTING_PAYLOAD_TYPE.to_owned(),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        // Texts in structs always become JSON.
        serde_json::to_vec(&json).unwrap_or_default()
    }

    /// Adds a signature, in the place of an older one of the same key.
    pub(crate) fn sign(&mut self, key: &SigningKey) -> Result<(), SealError> {
        let message = pre_authentication_encoding(LISTING_PAYLOAD_TYPE, &self.payload);
        let signature = Signature { key_id: key.verifying_key().key_id(), bytes: key.sign(&message) };
        if let Some(older) = self.signatures.iter_mut().find(|older| older.key_id == signature.key_id) {
            *older = signature;
            return Ok(());
        }
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(SealError::TooManySignatures { found: self.signatures.len() + 1 });
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Every signature that names one of `keys` must be good and over `listing`, and there must be one; those of other keys
    /// count for nothing. Answers the key of the first good one.
    pub(crate) fn verify(&self, listing: &[u8], keys: &[VerifyingKey]) -> Result<KeyId, SealError> {
        if self.signatures.is_empty() {
            return Err(SealError::Unsigned);
        }
        if self.payload != listing {
            return Err(SealError::OtherListing);
        }
        let message = pre_authentication_encoding(LISTING_PAYLOAD_TYPE, &self.payload);
        let mut first = None;
        for signature in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.key_id() == signature.key_id) else { continue };
            if !key.verifies(&message, &signature.bytes) {
                return Err(SealError::WrongKey { key_id: signature.key_id });
            }
            first = first.or(Some(signature.key_id));
        }
        let key_ids = || self.signatures.iter().map(|signature| signature.key_id).collect();
        first.ok_or_else(|| SealError::UnknownKey { key_ids: key_ids() })
    }
}

/// `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body` (DSSE protocol, PAE).
pub(super) fn pre_authentication_encoding(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), body.len()).into_bytes();
    message.extend_from_slice(body);
    message
}
