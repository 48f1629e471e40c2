//! Credentials, failures and one-time codes of sign-in.

use super::{
    Records,
    expiry::{self, Ending, is_live},
    people, value,
};
use crate::{
    engine::{Engine, Step, Table},
    error::StoreError,
    records::{Attempts, CodeTry, Credentials, SignInCode, SignInStore, StoreFuture, Trail},
};
use serde::{Deserialize, Serialize};
use yizhan_domain::{PersonId, SecretHash, Timestamp};

/// Failures, and when their window closes.
#[derive(Serialize, Deserialize)]
struct Window {
    attempts: Attempts,
    ends: Timestamp,
}

impl Ending for Window {
    fn ends(&self) -> Timestamp {
        self.ends
    }
}

impl Ending for SignInCode {
    fn ends(&self) -> Timestamp {
        self.expires
    }
}

impl<E: Engine> SignInStore for Records<E> {
    fn put_credentials(&self, credentials: Credentials, trail: Trail) -> StoreFuture<'_, bool> {
        self.commit_if(trail, move |step| {
            let kept = value::find::<Credentials>(step, Table::Credentials, credentials.person.as_str().as_bytes())?;
            let same = kept.map_or(0, |kept| kept.revision) == credentials.revision;
            if !same || people::is_erased(step, &credentials.person)? {
                return Ok(false);
            }
            keep(step, credentials)?;
            Ok(true)
        })
    }

    fn find_credentials<'a>(&'a self, person: &'a PersonId) -> StoreFuture<'a, Option<Credentials>> {
        let person = person.clone();
        self.engine.read(move |tables| value::find(tables, Table::Credentials, person.as_str().as_bytes()))
    }

    fn use_totp_step<'a>(&'a self, person: &'a PersonId, step: u64, trail: Trail) -> StoreFuture<'a, bool> {
        let person = person.clone();
        self.commit_if(trail, move |work| {
            change(work, &person, |credentials| match &mut credentials.totp {
                Some(totp) if step > totp.used_step => {
                    totp.used_step = step;
                    true
                }
                _ => false,
            })
        })
    }

    fn use_recovery_code<'a>(
        &'a self,
        person: &'a PersonId,
        code: &'a SecretHash,
        trail: Trail,
    ) -> StoreFuture<'a, bool> {
        let (person, code) = (person.clone(), *code);
        self.commit_if(trail, move |step| {
            change(step, &person, |credentials| {
                let before = credentials.recovery.len();
                credentials.recovery.retain(|left| *left != code);
                credentials.recovery.len() < before
            })
        })
    }

    fn count_failure<'a>(&'a self, key: &'a SecretHash, now: Timestamp, window_ms: u64) -> StoreFuture<'a, Attempts> {
        let key = *key;
        self.commit_at(now, move |step| {
            let old = value::find::<Window>(step, Table::Attempts, &key.0)?.map(|window| window.attempts);
            let within = old.filter(|old| is_live(old.first.plus_ms(window_ms), now));
            let attempts = match within {
                Some(old) => Attempts { failures: old.failures.saturating_add(1), last: old.last.max(now), ..old },
                None => Attempts { failures: 1, first: now, last: now },
            };
            let window = Window { attempts, ends: attempts.first.plus_ms(window_ms) };
            expiry::put(step, Table::Attempts, &key.0, &window)?;
            Ok(attempts)
        })
    }

    fn find_attempts<'a>(&'a self, key: &'a SecretHash) -> StoreFuture<'a, Attempts> {
        let key = *key;
        self.engine.read(move |tables| {
            let window = value::find::<Window>(tables, Table::Attempts, &key.0)?;
            Ok(window.map(|window| window.attempts).unwrap_or_default())
        })
    }

    fn clear_attempts<'a>(&'a self, key: &'a SecretHash) -> StoreFuture<'a, ()> {
        let key = *key;
        self.commit(move |step| expiry::take::<Window>(step, Table::Attempts, &key.0).map(drop))
    }

    fn put_sign_in_code(&self, code: SignInCode, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            step.trail(trail);
            expiry::put(step, Table::SignInCodes, &code.transaction.0, &code)
        })
    }

    fn try_sign_in_code<'a>(
        &'a self,
        transaction: &'a SecretHash,
        code: &'a SecretHash,
        now: Timestamp,
    ) -> StoreFuture<'a, CodeTry> {
        let (transaction, code) = (*transaction, *code);
        self.commit_at(now, move |step| try_code(step, &transaction, &code, now))
    }
}

/// Keeps credentials under the next revision.
fn keep(step: &mut dyn Step, mut credentials: Credentials) -> Result<(), StoreError> {
    credentials.revision = credentials.revision.saturating_add(1);
    value::put(step, Table::Credentials, credentials.person.as_str().as_bytes(), &credentials)
}

/// Keeps the credentials of a person when `change` is true for them.
fn change(
    step: &mut dyn Step,
    person: &PersonId,
    change: impl FnOnce(&mut Credentials) -> bool,
) -> Result<bool, StoreError> {
    let found = value::find::<Credentials>(step, Table::Credentials, person.as_str().as_bytes())?;
    let Some(mut credentials) = found else { return Ok(false) };
    if !change(&mut credentials) {
        return Ok(false);
    }
    keep(step, credentials)?;
    Ok(true)
}

fn try_code(
    step: &mut dyn Step,
    transaction: &SecretHash,
    code: &SecretHash,
    now: Timestamp,
) -> Result<CodeTry, StoreError> {
    let Some(mut sent) = expiry::take::<SignInCode>(step, Table::SignInCodes, &transaction.0)? else {
        return Ok(CodeTry::Gone);
    };
    if !is_live(sent.expires, now) || sent.tries_left == 0 {
        return Ok(CodeTry::Gone);
    }
    if sent.code == *code {
        return Ok(CodeTry::Right(sent.person));
    }
    sent.tries_left -= 1;
    if sent.tries_left > 0 {
        expiry::put(step, Table::SignInCodes, &transaction.0, &sent)?;
    }
    Ok(CodeTry::Wrong(sent.tries_left))
}
