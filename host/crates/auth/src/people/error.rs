//! Why the directory did not do what was asked.

use yizhan_store::StoreError;

/// Why the directory did not do what was asked. No text repeats a datum.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// There is no such person, or the person was erased.
    #[error("there is no such person")]
    Unknown,
    /// Somebody else is found by this login name, number or upstream account.
    #[error("the login name, number or upstream account belongs to somebody already")]
    Taken,
    /// A datum outside its rules.
    #[error("{what} {rule}")]
    Invalid {
        /// Which datum.
        what: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// A number that only test persons have, in a production store.
    #[error("{0} is one that only test persons have; a production store takes none")]
    TestNumber(&'static str),
    /// Test persons were asked for, or found, in a production store.
    #[error("a production store holds no test persons")]
    Personas,
    /// Somebody changed the same person at the same time.
    #[error("the person was changed at the same time; try again")]
    Raced,
    /// The sealed data cannot be opened: another key, or damage.
    #[error("the data of the person cannot be opened")]
    Sealed,
    /// The store did not answer.
    #[error("the store of people is unavailable")]
    Store(#[from] StoreError),
}

impl PeopleError {
    /// Stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown-person",
            Self::Taken => "handle-taken",
            Self::Invalid { .. } => "invalid-person-data",
            Self::TestNumber(_) => "test-number-in-production",
            Self::Personas => "personas-in-production",
            Self::Raced => "person-changed-meanwhile",
            Self::Sealed => "person-data-unreadable",
            Self::Store(_) => "unavailable",
        }
    }
}
