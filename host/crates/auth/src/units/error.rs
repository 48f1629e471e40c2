//! Why a change of units and members was refused.

use crate::people::PeopleError;
use crate::sign_in::SignInError;
use yizhan_store::StoreError;

/// Why a change of units and members was refused.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The person does not have the role that this needs.
    #[error("the person does not have the role that this needs")]
    NotAllowed,
    /// The session proved no second factor, or not within five minutes where that is asked.
    #[error("a fresh second factor is needed")]
    NotFresh,
    /// Nobody gives themselves a role.
    #[error("nobody gives themselves a role")]
    SelfRaise,
    /// Two different people are needed.
    #[error("whoever made something does not approve it")]
    SamePerson,
    /// There is no such unit.
    #[error("there is no such unit")]
    UnknownUnit,
    /// A unit that has an owner admin keeps one.
    #[error("the unit would be left without an owner admin")]
    LastAdmin,
    /// A name outside its bounds.
    #[error("a unit's name has 1 to 100 characters")]
    Name,
    /// The set-up link was used, replaced or has ended.
    #[error("the set-up link counts no more")]
    SetupLink,
    /// The hub has an operator already.
    #[error("the hub is set up already")]
    SetUpAlready,
    /// The person has no second factor that could be reset.
    #[error("the person has no second factor")]
    NoFactor,
    /// The directory did not do it.
    #[error("the directory did not do it")]
    People(#[from] PeopleError),
    /// The credentials were refused.
    #[error("the credentials were refused")]
    SignIn(#[from] SignInError),
    /// The store did not answer.
    #[error("the store of units is unavailable")]
    Store(#[from] StoreError),
}

impl UnitError {
    /// Stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed => "role-missing",
            Self::NotFresh => "second-factor-not-fresh",
            Self::SelfRaise => "self-raise",
            Self::SamePerson => "four-eyes",
            Self::UnknownUnit => "unknown-unit",
            Self::LastAdmin => "last-owner-admin",
            Self::Name => "invalid-unit-name",
            Self::SetupLink => "set-up-link-ended",
            Self::SetUpAlready => "set-up-already",
            Self::NoFactor => "no-second-factor",
            Self::People(error) => error.code(),
            Self::SignIn(error) => error.code(),
            Self::Store(_) => "unavailable",
        }
    }
}
