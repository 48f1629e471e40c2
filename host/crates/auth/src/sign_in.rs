//! Signing in at the hub: password, one-time code, second factor, upstream account, test person; and the sessions that come
//! of it. Called by the hub's pages. Every outcome is audited by names; no answer tells whether an account exists.

mod code;
mod device;
mod error;
mod finish;
mod hashing;
mod password;
mod pending;
mod persona;
mod second_factor;
mod sender;
pub mod sessions;
mod throttle;
mod totp;
pub mod upstream;

pub use code::{CODE_MS, CodeForm, send_code, with_code};
pub use device::DEVICE_MS;
pub use error::SignInError;
pub use hashing::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, PasswordHashing, QUEUE_MAX};
pub(crate) use password::change_credentials;
pub use password::{PasswordChange, PasswordForm, change_password, set_password, with_password};
pub use pending::PENDING_MS;
pub use persona::as_persona;
pub(crate) use second_factor::prove;
pub use second_factor::{
    Enrolment, FRESH_MS, SecondFactorForm, begin_enrolment, confirm_enrolment, require_fresh, second_factor, step_up,
};
pub use sender::{CodeSender, DevelopmentSender, SendError, SendFuture, SentCode};
pub use sessions::SESSION_MS;

use crate::people::People;
use std::net::IpAddr;
use std::sync::Arc;
use yizhan_domain::SecretHash;
use yizhan_domain::person::Assurance;
use yizhan_store::records::{HubStore, SessionRecord, StoreMode};
use zeroize::Zeroizing;

/// The surest that a sign-in can be at a hub with these upstream providers.
#[must_use]
pub fn surest(development: bool, upstreams: &[Arc<upstream::Upstream>]) -> Assurance {
    let own = if development { persona::PERSONA_MAX } else { password::PASSWORD_MAX };
    upstreams.iter().map(|upstream| upstream.settings.assurance).fold(own, Ord::max)
}

/// How people sign in here.
pub struct SignInSettings {
    /// Password hashes at one time; [`PasswordHashing::slots_here`] of the machine, at least 1.
    pub hashing_slots: usize,
    /// Sends one-time codes; none refuses that way to sign in.
    pub sender: Option<Arc<dyn CodeSender>>,
    /// One-time codes that the whole hub sends in 24 hours.
    pub codes_per_day_max: u32,
}

/// Everything that signing in needs.
pub struct SignIn {
    people: Arc<People>,
    hashing: PasswordHashing,
    sender: Option<Arc<dyn CodeSender>>,
    codes_per_day_max: u32,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

impl SignIn {
    /// Sign-in to a directory.
    ///
    /// # Errors
    /// [`SignInError::TestDouble`] for a sender of development runs in a production store.
    pub fn new(people: Arc<People>, settings: SignInSettings) -> Result<Self, SignInError> {
        let test_double = settings.sender.as_ref().is_some_and(|sender| sender.is_test_double());
        if test_double && people.store().mode() == StoreMode::Production {
            return Err(SignInError::TestDouble);
        }
        Ok(Self {
            people,
            hashing: PasswordHashing::new(settings.hashing_slots)?,
            sender: settings.sender,
            codes_per_day_max: settings.codes_per_day_max,
        })
    }

    /// The directory.
    #[must_use]
    pub fn people(&self) -> &Arc<People> {
        &self.people
    }

    /// Whether a one-time code can be asked for.
    #[must_use]
    pub fn sends_codes(&self) -> bool {
        self.sender.is_some()
    }

    fn store(&self) -> &dyn HubStore {
        &**self.people.store()
    }
}

/// The browser that signs in, as the front door knows it.
#[derive(Debug, Clone, Copy)]
pub struct Browser<'a> {
    /// Its address, after trusted proxies.
    pub address: IpAddr,
    /// Hash of its sign-in transaction: a random cookie that the sign-in page sets. Codes and second factors count in it
    /// only.
    pub transaction: SecretHash,
    /// Its device cookie, if it sent one.
    pub device: Option<&'a str>,
    /// Its live session, if there is one: it is replaced.
    pub session: Option<&'a SessionRecord>,
}

/// How far a sign-in came.
#[expect(clippy::large_enum_variant, reason = "made once in a sign-in and taken apart at once")]
pub enum SignInStep {
    /// Signed in.
    Done(SignedIn),
    /// The second factor is missing. The text goes into a cookie of the transaction and back into [`second_factor`].
    SecondFactor(Zeroizing<String>),
}

/// A browser that is signed in.
pub struct SignedIn {
    /// The session.
    pub session: SessionRecord,
    /// Its token, for the session cookie: 256 random bits, 43 characters of base64url. Only its hash is kept.
    pub token: Zeroizing<String>,
    /// A new device cookie, good for [`DEVICE_MS`]: the account's growing delay does not hold for whoever brings it.
    pub device: Option<Zeroizing<String>>,
    /// Whether the person has to enrol a second factor now: a role needs one, or the one there was has been reset.
    pub must_enrol: bool,
}

#[cfg(test)]
mod tests;
