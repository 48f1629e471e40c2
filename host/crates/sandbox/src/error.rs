//! What can go wrong between a permit and an answer.

use yizhan_domain::VersionDigest;

/// Why the sandbox gave no answer of the guest's. The front door maps each to a status.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The engine cannot be made on this machine.
    #[error("the engine cannot start")]
    Engine(#[source] wasmtime::Error),
    /// The component cannot be compiled or linked; the text names what is wrong.
    #[error("the component cannot be loaded: {0}")]
    Load(String),
    /// Reading or writing an artefact failed.
    #[error("artefact {path} cannot be used")]
    Artefact {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The permit is for another version than the one that was to run.
    #[error("the permit is for {permitted}, not for {asked}")]
    Permit {
        /// Version of the permit.
        permitted: VersionDigest,
        /// Version that was to run.
        asked: VersionDigest,
    },
    /// No place is free and the queue is full.
    #[error("too many requests at once ({limit})")]
    Busy {
        /// Which limit.
        limit: &'static str,
    },
    /// The request body is larger than allowed.
    #[error("the request body is larger than {bytes_max} bytes")]
    BodyTooLarge {
        /// Bytes allowed.
        bytes_max: u64,
    },
    /// The guest used up a limit.
    #[error("the guest used up {limit}")]
    LimitExceeded {
        /// Name of the limit, as in the limits table.
        limit: &'static str,
    },
    /// The guest did not answer in time.
    #[error("no answer within {limit}")]
    TooSlow {
        /// Name of the limit, as in the limits table.
        limit: &'static str,
    },
    /// Whoever it answered was signed out meanwhile: the grant or session ended, or the app was stopped.
    #[error("the person was signed out meanwhile")]
    SignedOut,
    /// The guest trapped.
    #[error("the guest trapped: {0}")]
    Trap(String),
    /// The guest ended without an answer, or answered with an error code.
    #[error("the guest gave no answer: {0}")]
    NoAnswer(String),
}
