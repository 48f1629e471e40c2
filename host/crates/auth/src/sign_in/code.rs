//! Sign-in with a one-time code to a mobile number: 6 digits, 5 minutes, 5 tries, in the browser's transaction only.
//! It proves the number, so the session is `basic`.

use super::finish::{Proof, finish, refused};
use super::throttle::{self, address_key};
use super::{Browser, SignIn, SignInError, SignInStep};
use crate::people::HandleText;
use rand::{CryptoRng, Rng as _};
use std::sync::Arc;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId, SecretHash};
use yizhan_store::records::{AuditRecord, CodeTry, SignInCode, Trail};
use zeroize::Zeroizing;

/// Life of a code, ms.
pub const CODE_MS: u64 = 5 * 60_000;
const TRIES: u32 = 5;
const HOUR_MS: u64 = 60 * 60_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Codes to one number: one in a minute, 5 in an hour, 10 in a day.
const NUMBER: [(&str, u32, u64); 3] = [("minute", 1, 60_000), ("hour", 5, HOUR_MS), ("day", 10, DAY_MS)];
/// Codes asked for from one address: wide, for many people share one behind carrier NAT.
const ADDRESS: [(&str, u32, u64); 2] = [("hour", 200, HOUR_MS), ("day", 1000, DAY_MS)];

/// Where a code goes.
#[derive(Clone, Copy)]
pub struct CodeForm<'a> {
    /// Mobile number, 11 digits.
    pub number: &'a str,
    /// Language of the message, `zh-CN` or `en`.
    pub locale: &'a str,
}

/// Sends a code to a number, if it belongs to somebody; the answer is the same if not. An older code of the transaction
/// counts no more.
///
/// # Errors
/// [`SignInError::NoSender`], [`SignInError::Number`], [`SignInError::TooMany`] beyond the caps of number, address or hub,
/// or the store's.
pub async fn send_code(
    context: &Context,
    sign_in: &SignIn,
    form: CodeForm<'_>,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<(), SignInError> {
    let number = form.number.trim();
    let account = sign_in.people.handle_hash(HandleText::Mobile(number));
    if let Err(error) = check_caps(context, sign_in, number, &account, browser).await {
        return Err(refused(context, sign_in, "sms", Some(&account), error).await);
    }
    let code = Zeroizing::new(format!("{:06}", rng.random_range(0..1_000_000_u32)));
    let person = sign_in.store().find_person_by_handle(&account).await?;
    let known = person.is_some();
    let kept = SignInCode {
        transaction: browser.transaction,
        person,
        code: code_hash(sign_in, browser, &code),
        tries_left: TRIES,
        expires: context.now.plus_ms(CODE_MS),
    };
    let record = AuditRecord::new(context.id, context.now, "anonymous", "sign-in.code-asked", "ok");
    sign_in.store().put_sign_in_code(kept, Trail::of(record)).await?;
    if known {
        deliver(sign_in, number, code, form.locale);
    }
    Ok(())
}

/// Signs in with the code that was sent to this browser's transaction.
///
/// # Errors
/// [`SignInError::Code`] when it is wrong, [`SignInError::Ended`] when it was used, replaced, tried too often or is too
/// old, [`SignInError::TooMany`] for the address, or the store's.
pub async fn with_code(
    context: &Context,
    sign_in: &SignIn,
    code: &str,
    browser: &Browser<'_>,
    rng: &mut (impl CryptoRng + Send),
) -> Result<SignInStep, SignInError> {
    match check(context, sign_in, code, browser).await {
        Ok(person) => {
            let proof = Proof {
                person,
                assurance_max: Assurance::Basic,
                amr: vec!["sms".to_owned()],
                device_for: None,
                second_factor: None,
            };
            finish(context, sign_in, proof, browser, rng).await
        }
        Err(error) => Err(refused(context, sign_in, "sms", None, error).await),
    }
}

async fn check(
    context: &Context,
    sign_in: &SignIn,
    code: &str,
    browser: &Browser<'_>,
) -> Result<PersonId, SignInError> {
    let address = address_key(sign_in, browser.address);
    throttle::check_address(sign_in.store(), &address, context.now).await?;
    let hash = code_hash(sign_in, browser, code.trim());
    let tried = sign_in.store().try_sign_in_code(&browser.transaction, &hash, context.now).await?;
    let error = match tried {
        CodeTry::Right(Some(person)) => return Ok(person),
        // Nobody was sent this code: whoever guessed it learns no more than from a wrong one that was the last.
        CodeTry::Right(None) | CodeTry::Gone => SignInError::Ended,
        CodeTry::Wrong(tries_left) => SignInError::Code { tries_left },
    };
    throttle::count_address(sign_in.store(), &address, context.now).await?;
    Err(error)
}

async fn check_caps(
    context: &Context,
    sign_in: &SignIn,
    number: &str,
    account: &SecretHash,
    browser: &Browser<'_>,
) -> Result<(), SignInError> {
    if sign_in.sender.is_none() {
        return Err(SignInError::NoSender);
    }
    if number.len() != 11 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SignInError::Number);
    }
    let keys = sign_in.people.keys();
    // The address first: whoever is over it does not use up a number's share.
    let address = address_key(sign_in, browser.address);
    for (name, max, window_ms) in ADDRESS {
        let key = keys.handle_hash(&format!("codes-address-{name}"), &address.0);
        throttle::count(sign_in.store(), &key, (max, window_ms), context.now).await?;
    }
    for (name, max, window_ms) in NUMBER {
        let key = keys.handle_hash(&format!("codes-number-{name}"), &account.0);
        throttle::count(sign_in.store(), &key, (max, window_ms), context.now).await?;
    }
    let key = keys.handle_hash("codes-hub-day", &[]);
    throttle::count(sign_in.store(), &key, (sign_in.codes_per_day_max, DAY_MS), context.now).await
}

fn code_hash(sign_in: &SignIn, browser: &Browser<'_>, code: &str) -> SecretHash {
    let text = Zeroizing::new([browser.transaction.0.as_slice(), code.as_bytes()].concat());
    sign_in.people.keys().code_hash("code", &text)
}

/// Hands the code over without waiting: the time of the answer does not tell whether a message went out.
fn deliver(sign_in: &SignIn, number: &str, code: Zeroizing<String>, locale: &str) {
    let Some(sender) = sign_in.sender.as_ref().map(Arc::clone) else { return };
    let (number, locale) = (Zeroizing::new(number.to_owned()), locale.to_owned());
    tokio::spawn(async move {
        if sender.send(&number, &code, &locale).await.is_err() {
            tracing::warn!("the gateway did not take a one-time code");
        }
    });
}
