//! What may be used once: `jti` of envelopes, client assertions and DPoP proofs, `request_uri`s.

use super::{StoreFuture, Trail};
use yizhan_domain::{SecretHash, Timestamp};

/// The one-time set.
pub trait OneTimeStore: Send + Sync {
    /// True for the first caller with this kind and hash until it ends, false for every other, and for what has ended at
    /// `now`. `trail` becomes durable with the first use only. What has ended is removed by the store itself, some with each
    /// call.
    #[expect(clippy::too_many_arguments, reason = "one atomic step: what it decides by is named, not bundled")]
    fn use_once<'a>(
        &'a self,
        kind: &'a str,
        hash: SecretHash,
        expires: Timestamp,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool>;
}
