//! What sign-in needs to remember: credentials, failures, one-time codes.

use super::{StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::{PersonId, SecretHash, Timestamp};

/// Secret of a time-based one-time password (RFC 6238).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpRecord {
    /// The secret, sealed; base64.
    pub sealed: String,
    /// The newest step that was used; each step counts once.
    pub used_step: u64,
}

/// How a person can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Whose.
    pub person: PersonId,
    /// Argon2id in PHC form.
    pub password: Option<String>,
    /// Second factor.
    pub totp: Option<TotpRecord>,
    /// Keyed hashes of recovery codes that are left.
    pub recovery: Vec<SecretHash>,
    /// Passkeys, as the library keeps them, sealed; base64.
    pub passkeys: Vec<String>,
    /// When the second factor was reset for a person who had lost it; until a new one is enrolled.
    #[serde(default)]
    pub reset: Option<Timestamp>,
    /// Rises with every change; 0 while nothing is kept.
    #[serde(default)]
    pub revision: u64,
}

/// Failures of a key (account, address, number) within its window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How many.
    pub failures: u32,
    /// The first of the window.
    pub first: Timestamp,
    /// The newest.
    pub last: Timestamp,
}

/// A one-time code that was sent, bound to a transaction of the browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInCode {
    /// Hash of the browser's transaction.
    pub transaction: SecretHash,
    /// Whom it signs in; none when the number belongs to nobody (the page looks the same).
    pub person: Option<PersonId>,
    /// Keyed hash of the code.
    pub code: SecretHash,
    /// Tries that are left.
    pub tries_left: u32,
    /// When it ends.
    pub expires: Timestamp,
}

/// Answer of [`SignInStore::try_sign_in_code`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeTry {
    /// Right; it is used up. None when the number belongs to nobody.
    Right(Option<PersonId>),
    /// Wrong; so many tries are left.
    Wrong(u32),
    /// Used, replaced, ended or tried too often.
    Gone,
}

/// Credentials, failures and one-time codes.
pub trait SignInStore: Send + Sync {
    /// Sets the credentials of a person under the next revision. False when the revision kept is not that of `credentials` (it
    /// changed since they were read: a used step or recovery code would come back), or the person was erased.
    fn put_credentials(&self, credentials: Credentials, trail: Trail) -> StoreFuture<'_, bool>;

    /// The credentials of a person.
    fn find_credentials<'a>(&'a self, person: &'a PersonId) -> StoreFuture<'a, Option<Credentials>>;

    /// True when this step is newer than every one used, which it then is; of two callers one wins.
    fn use_totp_step<'a>(&'a self, person: &'a PersonId, step: u64, trail: Trail) -> StoreFuture<'a, bool>;

    /// True for the first use of a recovery code, which is then gone.
    fn use_recovery_code<'a>(
        &'a self,
        person: &'a PersonId,
        code: &'a SecretHash,
        trail: Trail,
    ) -> StoreFuture<'a, bool>;

    /// Counts one failure and returns the count within the window of `window_ms` that began with the first.
    fn count_failure<'a>(&'a self, key: &'a SecretHash, now: Timestamp, window_ms: u64) -> StoreFuture<'a, Attempts>;

    /// The failures of a key; none counted is the default. The caller looks whether the window has ended.
    fn find_attempts<'a>(&'a self, key: &'a SecretHash) -> StoreFuture<'a, Attempts>;

    /// Forgets the failures of a key.
    fn clear_attempts<'a>(&'a self, key: &'a SecretHash) -> StoreFuture<'a, ()>;

    /// Keeps a sent code; an older one of the same transaction counts no more.
    fn put_sign_in_code(&self, code: SignInCode, trail: Trail) -> StoreFuture<'_, ()>;

    /// Tries a code of a transaction; every wrong try counts, of two right ones one wins. After `Wrong(0)` it is gone.
    fn try_sign_in_code<'a>(
        &'a self,
        transaction: &'a SecretHash,
        code: &'a SecretHash,
        now: Timestamp,
    ) -> StoreFuture<'a, CodeTry>;
}
