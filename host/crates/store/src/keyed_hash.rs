//! HMAC-SHA-256 (RFC 2104) under keys of 32 bytes: how keys are derived and names hidden. Called by `journal` and `kv`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// SHA-256 takes in 64 bytes at a time; a shorter HMAC key is filled with zeros.
const BLOCK_BYTES: usize = 64;

/// The keyed hash of the parts one after the other: the caller sees that no two lists of parts run together.
pub(crate) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}
