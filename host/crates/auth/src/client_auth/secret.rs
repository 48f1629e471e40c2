//! Client secrets: development registrations in development stores only.

use crate::provider::hash;
use crate::refusal::Refusal;
use yizhan_domain::SecretHash;
use yizhan_domain::authorization::Custody;
use yizhan_store::records::ClientRecord;

/// The hash that a registration keeps of a secret. The secret must have 128 random bits or more: the hash has no salt.
#[must_use]
pub fn hash_secret(secret: &str) -> SecretHash {
    hash(secret)
}

/// The store itself keeps development registrations out of production.
pub(super) fn verify(client: &ClientRecord, kept: &SecretHash, secret: &str) -> Result<(), Refusal> {
    if client.custody != Custody::Development {
        return Err(Refusal::SecretForbidden);
    }
    // Hashes are compared, so the time tells nothing of the secret.
    if hash(secret) == *kept { Ok(()) } else { Err(Refusal::WrongClient) }
}
