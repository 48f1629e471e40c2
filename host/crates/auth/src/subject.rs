//! Pairwise subjects: one person has a different name towards every owner unit (OpenID Connect Core 1.0, section 8.1).

use crate::directory::PersonId;
use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Key of local runs. Not a secret: it names seeded test persons only.
pub const LOCAL_KEY: &[u8; 32] = b"yizhan local test persons only..";

/// HMAC-SHA-256(key, sector ‖ 0x00 ‖ person id), base64url without padding: 43 characters.
#[must_use]
pub fn pairwise(key: &[u8; 32], sector: &str, person: &PersonId) -> String {
    // RFC 2104: a key shorter than the block is padded with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(sector.as_bytes());
    mac.update(&[0]);
    mac.update(person.0.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_units_never_see_the_same_subject_and_one_always_does() {
        let person = PersonId("zhang".into());
        let one = pairwise(LOCAL_KEY, "unit-a", &person);
        assert_eq!(one.len(), 43);
        assert_eq!(one, pairwise(LOCAL_KEY, "unit-a", &person));
        assert_ne!(one, pairwise(LOCAL_KEY, "unit-b", &person));
    }
}
