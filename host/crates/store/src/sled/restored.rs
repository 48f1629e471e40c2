//! The last part of a restore: builds the database from the journal and ends what a backup cannot know to be live.

use super::{
    group::{Group, Recorder, Work},
    prepare::Parts,
    probe,
    records::RecordsSettings,
};
use crate::{
    disk::SystemDisk,
    engine::Step,
    error::StoreError,
    records::{AuditHead, AuditRecord, Trail},
    steps::restored,
};
use std::{path::Path, sync::Arc};
use tokio::sync::oneshot;
use yizhan_domain::{RequestId, Timestamp};

/// Rows that one step ends.
const ENDED_AT_ONCE: usize = 500;

/// What the last part found.
pub(crate) struct Finished {
    pub(crate) head: AuditHead,
    pub(crate) missing_data_keys: u64,
}

/// Opens what was copied, ends sessions, requests, codes, tokens and live grants, and closes it.
pub(crate) fn finish_restore(root: &Path, settings: &RecordsSettings, now: Timestamp) -> Result<Finished, StoreError> {
    let mut parts = Parts::prepare(root, settings, Arc::new(SystemDisk))?;
    let (expected, (found, _)) = (parts.journal.head().data_keys, parts.data_keys.count());
    parts.journal.recount(found);
    let (mut recorder, _lock) = parts.into_recorder(root);
    let missing_data_keys = expected.saturating_sub(found);
    let record = AuditRecord::new(RequestId(0), now, "command", "store.restored", "ok")
        .with("missing-data-keys", missing_data_keys);
    recorder.run_alone(move |step| {
        step.trail(Trail::of(record));
        Ok(())
    })?;
    while recorder.run_alone(move |step| restored::end_some(step, now, ENDED_AT_ONCE))? {}
    probe::mark_clean(&super::recover::directory(root))
        .map_err(|source| StoreError::File { what: "close the restored store", source })?;
    Ok(Finished { head: recorder.journal.head().audit.clone(), missing_data_keys })
}

impl Recorder {
    /// Runs one step in this thread.
    fn run_alone<T: Send>(
        &mut self,
        step: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let (reply, mut answer) = oneshot::channel();
        let mut group = Group::default();
        self.plan(&mut group, Box::new(Work { step: Some(step), result: None, reply }));
        self.finish(group);
        answer.try_recv().unwrap_or(Err(StoreError::Closed))
    }
}
