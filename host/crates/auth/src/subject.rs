//! Pairwise subjects: one person has a different name towards every owner unit (OpenID Connect Core 1.0, section 8.1).

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use yizhan_domain::PersonId;
use yizhan_domain::authorization::Capacity;
use zeroize::Zeroizing;

/// The key of subjects, by version. It is backed up with the root key and never rotated silently: a new version gives every
/// person a new name towards every unit.
pub struct SubjectKey {
    version: u32,
    key: Zeroizing<[u8; 32]>,
}

impl SubjectKey {
    /// A key of a version.
    #[must_use]
    pub fn new(version: u32, key: Zeroizing<[u8; 32]>) -> Self {
        Self { version, key }
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The subject of a person towards a sector (owner unit): HMAC-SHA-256(key, sector ‖ 0x00 ‖ person), and of an agent
    /// HMAC-SHA-256(key, sector ‖ 0x00 ‖ legal person ‖ 0x00 ‖ person). base64url: 43 characters.
    #[must_use]
    pub fn subject(&self, sector: &str, person: &PersonId, acting_for: Option<&Capacity>) -> String {
        match acting_for {
            None => named(&self.key, &[sector, person.as_str()]),
            Some(capacity) => named(&self.key, &[sector, capacity.uscc.as_str(), person.as_str()]),
        }
    }
}

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectKey").field("version", &self.version).finish_non_exhaustive()
    }
}

/// HMAC-SHA-256 over texts with 0x00 between them, base64url without padding. No text may hold 0x00.
pub(crate) fn named(key: &[u8; 32], texts: &[&str]) -> String {
    // RFC 2104: a key shorter than the block is padded with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    mac.update(texts.join("\0").as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SubjectKey {
        SubjectKey::new(1, Zeroizing::new([7; 32]))
    }

    #[test]
    fn two_units_never_see_the_same_subject_and_one_always_does() {
        let person = PersonId("zhang".into());
        let one = key().subject("unit-a", &person, None);
        assert_eq!(one.len(), 43);
        assert_eq!(one, named(&[7; 32], &["unit-a", "zhang"]), "HMAC over sector, zero byte and person");
        assert_ne!(one, key().subject("unit-b", &person, None));
    }

    #[test]
    fn an_agent_has_another_subject_for_each_legal_person() {
        let person = PersonId("zhang".into());
        let capacity = |uscc: &str| Capacity { uscc: uscc.parse().expect("code"), role: "agent".into() };
        let one = key().subject("unit-a", &person, Some(&capacity("11330100MB1A00002W")));
        assert_ne!(one, key().subject("unit-a", &person, None));
        assert_eq!(one, key().subject("unit-a", &person, Some(&capacity("11330100MB1A00002W"))));
    }
}
