//! The one-time set.

use super::{
    Records,
    expiry::{self, Ending, is_live},
    key::Key,
};
use crate::{
    engine::{Engine, Table},
    records::{OneTimeStore, StoreFuture, Trail},
};
use serde::{Deserialize, Serialize};
use yizhan_domain::{SecretHash, Timestamp};

#[derive(Serialize, Deserialize)]
struct Used {
    expires: Timestamp,
}

impl Ending for Used {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl<E: Engine> OneTimeStore for Records<E> {
    fn use_once<'a>(
        &'a self,
        kind: &'a str,
        hash: SecretHash,
        expires: Timestamp,
        now: Timestamp,
        trail: Trail,
    ) -> StoreFuture<'a, bool> {
        let key = Key::new().text(kind).last(hash.0).into_bytes();
        self.note(now);
        self.commit_if(trail, move |step| {
            // What has ended cannot be remembered, so it cannot be used either.
            let used = expiry::find_live::<Used>(step, Table::OneTime, &key, now)?.is_some();
            if used || !is_live(expires, now) {
                return Ok(false);
            }
            expiry::put(step, Table::OneTime, &key, &Used { expires })?;
            Ok(true)
        })
    }
}
