//! The doorkeeper. Nothing runs a guest or hands over a claim without a permit, and only [`check`] makes permits.

pub mod account;
pub mod check;
pub mod claims;
pub mod client_auth;
pub mod directory;
pub mod flow;
pub mod jose;
pub mod keys;
pub mod people;
pub mod permit;
pub mod policy;
pub mod provider;
pub mod refusal;
pub mod rehearsal;
pub mod runtime;
pub mod session;
pub mod sign_in;
pub mod subject;
pub mod units;

pub use directory::{Directory, Person, PersonId, Personas};
pub use permit::{Authorization, Authorized, InvokePermit};
pub use policy::{AppPolicy, DataUse};
pub use provider::Provider;
pub use refusal::Refusal;
pub use session::Session;

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
    /// The manifest does not declare the purpose, or the person granted nothing for it to the app's back end.
    #[error("nothing is granted to the app's back end for the purpose {purpose:?}")]
    NothingGranted {
        /// Purpose given.
        purpose: String,
    },
    /// The app has no client of its own back end, or that has no key to seal to.
    #[error("the app has no registered back end with an encryption key")]
    NoBackend,
    /// Nobody is signed in: never, no more, or the grant has ended.
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
    /// The envelope is for another app, from another hub or about another person.
    #[error("the envelope is for another app")]
    ForeignEnvelope,
    /// The envelope was opened before.
    #[error("the envelope was opened before")]
    ReplayedEnvelope,
    /// The envelope is not as the hub sealed it.
    #[error("the envelope was altered")]
    AlteredEnvelope,
    /// The envelope has ended.
    #[error("the envelope has expired")]
    ExpiredEnvelope,
    /// Hub, keys or audit do not answer; nothing was handed over.
    #[error("the authorization cannot answer now")]
    Unavailable,
}

impl AuthError {
    /// Stable code, kebab-case: what the audit names.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotDeclared(_) => "claim-not-declared",
            Self::Purpose { .. } => "purpose-not-declared",
            Self::NotGranted(_) => "claim-not-granted",
            Self::NothingGranted { .. } => "purpose-not-granted",
            Self::NoBackend => "no-backend",
            Self::SignedOut => "signed-out",
            Self::UnknownClaim(_) => "unknown-claim",
            Self::TooMany { .. } => "too-many",
            Self::UnknownPersona { .. } => "unknown-persona",
            Self::NoDatum(_) => "no-datum",
            Self::ForeignEnvelope => "foreign-envelope",
            Self::ReplayedEnvelope => "envelope-replayed",
            Self::AlteredEnvelope => "envelope-altered",
            Self::ExpiredEnvelope => "envelope-expired",
            Self::Unavailable => "unavailable",
        }
    }
}
