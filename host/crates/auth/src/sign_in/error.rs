//! Why a sign-in was refused. The answers are the same whether the account exists or not.

use crate::people::PeopleError;
use yizhan_store::StoreError;

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong account or wrong password; which of them is not said.
    #[error("account or password is wrong")]
    Refused,
    /// Too many failures; the account is not locked, the next try counts after this time.
    #[error("too many tries; try again in {} s", .retry_ms.div_ceil(1000))]
    TooMany {
        /// When to try again, ms from now.
        retry_ms: u64,
    },
    /// Too many passwords are being checked.
    #[error("too many people sign in at this moment; try again")]
    Busy,
    /// A new password outside its bounds.
    #[error("a password has 8 to 256 bytes")]
    PasswordRule,
    /// Not a mobile number.
    #[error("a mobile number has 11 digits")]
    Number,
    /// The one-time code is wrong.
    #[error("the code is wrong; {tries_left} tries are left")]
    Code {
        /// Tries that are left.
        tries_left: u32,
    },
    /// The code, or the half-done sign-in, was used or has ended: begin again.
    #[error("this has ended; begin again")]
    Ended,
    /// Nobody configured a sender of one-time codes.
    #[error("one-time codes are not configured")]
    NoSender,
    /// Test persons and test doubles exist in development stores only.
    #[error("this exists in development stores only")]
    TestDouble,
    /// The second factor is wrong, or its step was used.
    #[error("the code of the second factor is wrong or was used")]
    SecondFactor,
    /// A second factor of the last five minutes is needed.
    #[error("a fresh second factor is needed")]
    NotFresh,
    /// The person holds no such mandate, or none in which to act alone.
    #[error("the person cannot act in this capacity")]
    Capacity,
    /// The directory did not do it.
    #[error("the directory did not do it")]
    People(#[from] PeopleError),
    /// The store did not answer.
    #[error("the store of sign-in is unavailable")]
    Store(#[from] StoreError),
}

impl SignInError {
    /// Stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused => "wrong-account-or-password",
            Self::TooMany { .. } => "too-many-tries",
            Self::Busy => "sign-in-busy",
            Self::PasswordRule => "password-rule",
            Self::Number => "not-a-mobile-number",
            Self::Code { .. } => "wrong-code",
            Self::Ended => "sign-in-ended",
            Self::NoSender => "code-sender-not-configured",
            Self::TestDouble => "development-only",
            Self::SecondFactor => "wrong-second-factor",
            Self::NotFresh => "second-factor-not-fresh",
            Self::Capacity => "no-such-capacity",
            Self::People(error) => error.code(),
            Self::Store(_) => "unavailable",
        }
    }
}
