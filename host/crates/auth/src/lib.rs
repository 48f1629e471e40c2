//! The doorkeeper. Nothing runs a guest or hands over a claim without a permit, and only [`check`] makes permits.

pub mod access_log;
pub mod check;
pub mod claims;
pub mod directory;
pub mod flow;
pub mod permit;
pub mod policy;
pub mod session;
pub mod subject;

pub use access_log::{AccessLog, MemoryAccessLog, Opening, Outcome};
pub use directory::{Directory, Person, PersonId, Personas};
pub use permit::{Authorization, InvokePermit};
pub use policy::{AppPolicy, DataUse};
pub use session::{Grant, Session, Sessions};

use yizhan_domain::{Claim, Permission};

/// Why the doorkeeper refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The claim is not a permission that the app declared and that review let through.
    #[error("{0} is not among the app's permissions")]
    NotDeclared(Permission),
    /// The manifest does not declare this purpose for the claim.
    #[error("the app does not declare the purpose {purpose:?} for {claim}")]
    Purpose {
        /// Claim asked for.
        claim: Claim,
        /// Purpose given.
        purpose: String,
    },
    /// The person did not grant the claim for this purpose, or took the grant back.
    #[error("the person has not granted {0}")]
    NotGranted(Claim),
    /// The grant has ended.
    #[error("the grant has expired")]
    Expired,
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// The text is not a claim.
    #[error("unknown claim")]
    UnknownClaim(#[source] yizhan_domain::claim::ClaimError),
    /// More claims at once, or more calls in one request, than allowed.
    #[error("{what}: {max} are allowed")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        max: u64,
    },
    /// The persona is not one of the seeded ones.
    #[error("there is no test person {name:?}; known are {known}")]
    UnknownPersona {
        /// Name given.
        name: String,
        /// Names that exist.
        known: String,
    },
    /// The directory has no such datum for this person.
    #[error("the directory holds no {0} of this person")]
    NoDatum(Claim),
    /// The access log could not be written; nothing was handed over.
    #[error("the access log cannot be written")]
    AccessLog,
    /// No more sessions fit.
    #[error("too many sessions; try again later")]
    Sessions,
}
