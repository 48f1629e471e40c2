//! The one place of the flow where codes, tokens, handles and ids come from. Only their hashes are kept.

use super::Provider;
use crate::keys::{Purpose, RootKey};
use crate::refusal::Refusal;
use crate::subject::{self, SubjectKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};
use yizhan_domain::authorization::Capacity;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{PersonId, SecretHash};
use zeroize::Zeroizing;

/// 256 random bits of the operating system, base64url: 43 characters.
pub(crate) fn new_secret() -> Result<Zeroizing<String>, Refusal> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| Refusal::Unavailable)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// 128 random bits for an id.
pub(crate) fn new_id() -> Result<u128, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::Unavailable)?;
    Ok(u128::from_be_bytes(bytes))
}

/// SHA-256 of a secret. The secrets hashed here have 256 random bits, so no key and no salt are needed.
pub(crate) fn hash(secret: &str) -> SecretHash {
    SecretHash(Sha256::digest(secret.as_bytes()).into())
}

/// A generator for one sealing, seeded by the operating system.
pub(crate) fn new_rng() -> Result<StdRng, Refusal> {
    StdRng::try_from_os_rng().map_err(|_| Refusal::Unavailable)
}

/// The hub's symmetric keys of the flow. Never printed; wiped when dropped.
pub struct ProviderKeys {
    /// Pairwise subjects.
    subjects: SubjectKey,
    /// Successors of rotated refresh tokens.
    successors: Zeroizing<[u8; 32]>,
    /// Tokens of forms.
    forms: Zeroizing<[u8; 32]>,
}

impl ProviderKeys {
    /// Derived from the root key. `subject_version` is part of the configuration and stays the same for the life of an
    /// installation.
    #[must_use]
    pub fn derived(root: &RootKey, subject_version: u32) -> Self {
        let subjects = SubjectKey::new(subject_version, root.derive(Purpose::PairwiseSubject(subject_version)));
        let (successors, forms) = (root.derive(Purpose::TokenSuccessor), root.derive(Purpose::FormTokens));
        Self { subjects, successors, forms }
    }

    /// Key of the tokens in forms of the hub's pages: the same on every node and after a restart.
    #[must_use]
    pub fn forms(&self) -> &[u8; 32] {
        &self.forms
    }
}

impl Provider {
    /// Pairwise subject of a person, in a capacity, towards an owner unit.
    pub(crate) fn subject(&self, owner: &CreditCode, person: &PersonId, acting_for: Option<&Capacity>) -> String {
        self.secrets.subjects.subject(owner.as_str(), person, acting_for)
    }

    /// A legal person's name for the audit, which holds no value of a claim; `-` when nobody is acted for.
    pub(crate) fn legal_person(&self, acting_for: Option<&Capacity>) -> String {
        let named = |capacity: &Capacity| self.subject(&capacity.uscc, &PersonId("legal-person".into()), None);
        acting_for.map_or_else(|| "-".to_owned(), named)
    }

    /// The one successor of a refresh token: whoever holds the token cannot compute it, and the hub gets it again for a
    /// retry without keeping it.
    pub(crate) fn successor(&self, what: &str, token: &str) -> Zeroizing<String> {
        Zeroizing::new(subject::named(&self.secrets.successors, &[what, token]))
    }
}
