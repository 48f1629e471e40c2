//! Why a sign-in through an upstream provider ended without a session.

use super::LinkFailed;
use crate::Refusal;
use crate::people::PeopleError;
use crate::sign_in::SignInError;

/// Why it ended.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The provider does not answer, or says of itself what this hub cannot work with; the log has the reason.
    #[error("the upstream provider cannot be used now")]
    Unavailable,
    /// This browser began no such sign-in, it took too long, or it is finished.
    #[error("the sign-in has ended or was not begun here")]
    Ended,
    /// The answer is not one to this sign-in: another state, issuer or provider, or a parameter twice.
    #[error("the answer belongs to another sign-in")]
    ForeignAnswer,
    /// The person did not sign in there.
    #[error("the person did not sign in at the upstream provider")]
    Denied,
    /// The provider refused the request or the code.
    #[error("the upstream provider refused")]
    Refused,
    /// The ID token is not taken; names the member that is wrong.
    #[error("the ID token of the upstream provider is not taken: {0}")]
    Token(&'static str),
    /// Nobody here is linked to the upstream account, and none may be created.
    #[error("nobody here has this upstream account")]
    NoAccount,
    /// What follows a proof was refused.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl UpstreamError {
    /// Stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "upstream-unavailable",
            Self::Ended => "upstream-ended",
            Self::ForeignAnswer => "upstream-foreign-answer",
            Self::Denied => "upstream-denied",
            Self::Refused => "upstream-refused",
            Self::Token(_) => "upstream-token",
            Self::NoAccount => "upstream-no-account",
            Self::SignIn(error) => error.code(),
        }
    }
}

impl From<LinkFailed> for UpstreamError {
    fn from(_: LinkFailed) -> Self {
        Self::Unavailable
    }
}

impl From<PeopleError> for UpstreamError {
    fn from(error: PeopleError) -> Self {
        Self::SignIn(error.into())
    }
}

impl From<Refusal> for UpstreamError {
    /// Randomness that the system does not give.
    fn from(_: Refusal) -> Self {
        Self::Unavailable
    }
}
