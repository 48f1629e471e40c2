//! The access log: who opened which claims for what. Holds names of claims, never a value.

use crate::directory::PersonId;
use std::collections::VecDeque;
use std::sync::Mutex;
use yizhan_domain::{AppId, RequestId, Timestamp, VersionDigest};

/// How an opening ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Values were handed over.
    Opened,
    /// Nothing was; why.
    Refused(String),
}

/// One opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// When.
    pub at: Timestamp,
    /// In which request.
    pub request: RequestId,
    /// Whose data; none when nobody was signed in.
    pub person: Option<PersonId>,
    /// Which app.
    pub app: AppId,
    /// Which version of it.
    pub version: VersionDigest,
    /// For what.
    pub purpose: String,
    /// Names of the claims asked for.
    pub claims: Vec<String>,
    /// How it ended.
    pub outcome: Outcome,
}

/// The log cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access log cannot be written")]
pub struct LogError;

/// Where openings are written before a value leaves.
pub trait AccessLog: Send + Sync {
    /// Writes one opening; returns when it is kept.
    ///
    /// # Errors
    /// [`LogError`] when it is not kept: then nothing may be handed over.
    fn append(&self, opening: Opening) -> Result<(), LogError>;
}

/// Keeps the newest openings in memory: for local runs.
#[derive(Debug)]
pub struct MemoryAccessLog {
    openings: Mutex<VecDeque<Opening>>,
    openings_max: usize,
}

impl MemoryAccessLog {
    /// Keeps at most so many.
    #[must_use]
    pub fn new(openings_max: usize) -> Self {
        Self { openings: Mutex::default(), openings_max }
    }

    /// The newest first, at most so many.
    #[must_use]
    pub fn newest(&self, count: usize) -> Vec<Opening> {
        self.openings.lock().map(|all| all.iter().rev().take(count).cloned().collect()).unwrap_or_default()
    }
}

impl AccessLog for MemoryAccessLog {
    fn append(&self, opening: Opening) -> Result<(), LogError> {
        tracing::info!(
            target: "yizhan::access_log", request = %opening.request, app = %opening.app, purpose = %opening.purpose,
            claims = %opening.claims.join(","), outcome = ?opening.outcome, "claims asked for"
        );
        let mut all = self.openings.lock().map_err(|_| LogError)?;
        if all.len() >= self.openings_max {
            all.pop_front();
        }
        all.push_back(opening);
        Ok(())
    }
}
