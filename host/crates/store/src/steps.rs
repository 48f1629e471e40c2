//! Every topic of the records, written once on top of an [`Engine`]: `memory` and `sled` differ in nothing a caller sees.
//! A trail becomes durable only when the step did what it was asked for; `exchange_code` and `rotate_refresh` name a
//! second one for replays.

mod app_sessions;
mod appointments;
mod apps;
mod audit;
mod clients;
mod codes;
mod consents;
mod erase;
mod expiry;
mod grants;
pub(crate) mod key;
mod one_time;
mod page;
mod people;
pub(crate) mod restored;
mod sessions;
mod sign_in;
mod tokens;
mod units;
pub(crate) mod value;

#[cfg(test)]
mod tests;

use crate::{
    engine::{Engine, Step},
    error::StoreError,
    records::{HubStore, RuntimeStore, StoreFuture, StoreMode, Trail},
};
use std::sync::atomic::{AtomicU64, Ordering};
use yizhan_domain::Timestamp;

/// The records of hub and runtime on one engine.
///
/// A record has at most 16 KiB as JSON ([`StoreError::Size`] beyond), the manifest of an app 256 KiB, a key 1 024 bytes.
#[derive(Debug)]
pub struct Records<E> {
    engine: E,
    /// The latest moment that a step named: what ended well before it is swept.
    latest: AtomicU64,
}

#[expect(private_bounds, reason = "engines are the store's own; callers see the traits of `records`")]
impl<E: Engine> Records<E> {
    /// Records on an engine.
    pub(crate) fn on(engine: E) -> Self {
        Self { engine, latest: AtomicU64::new(0) }
    }

    /// Remembers the moment of a step. Reads do not tell: somebody may ask what will count tomorrow.
    fn note(&self, now: Timestamp) {
        self.latest.fetch_max(now.0, Ordering::Relaxed);
    }

    /// Runs a step that knows the moment.
    fn commit_at<T: Send + 'static>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.note(now);
        self.commit(work)
    }

    /// Runs a step, and sweeps a little.
    fn commit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let latest = Timestamp(self.latest.load(Ordering::Relaxed));
        self.engine.commit(move |step| {
            expiry::sweep(step, latest)?;
            work(step)
        })
    }

    /// Runs a step that may refuse: only when it does its work, the trail becomes durable.
    fn commit_if(
        &self,
        trail: Trail,
        work: impl FnOnce(&mut dyn Step) -> Result<bool, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, bool> {
        trail.audit.iter().for_each(|record| self.note(record.at));
        self.commit(move |step| {
            let done = work(step)?;
            if done {
                step.trail(trail);
            }
            Ok(done)
        })
    }
}

impl<E: Engine> HubStore for Records<E> {
    fn mode(&self) -> StoreMode {
        self.engine.mode()
    }

    fn read_only(&self) -> Option<String> {
        self.engine.read_only()
    }

    fn standing_revision(&self) -> u64 {
        self.engine.standing_revision()
    }
}

impl<E: Engine> RuntimeStore for Records<E> {
    fn mode(&self) -> StoreMode {
        self.engine.mode()
    }

    fn read_only(&self) -> Option<String> {
        self.engine.read_only()
    }
}
