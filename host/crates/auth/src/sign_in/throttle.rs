//! What slows guessing down: a growing delay per account, a bound per address. Counted in the store before any hashing.

use super::{Browser, SignIn, SignInError, device};
use std::net::IpAddr;
use yizhan_domain::{Context, SecretHash, Timestamp};
use yizhan_store::records::{Attempts, SignInStore};

/// Failures that cost no delay.
const FREE: u32 = 3;
/// Longest delay of an account, ms.
const DELAY_MS_MAX: u64 = 15 * 60_000;
/// Window in which failures of an account add up, ms.
const ACCOUNT_MS: u64 = 24 * 60 * 60_000;
/// Failures of one address in [`ADDRESS_MS`]. Thousands of people share an address behind carrier NAT, so it is wide: it
/// stops lists of passwords, not people.
const ADDRESS_MAX: u32 = 300;
/// Window of an address, ms.
const ADDRESS_MS: u64 = 10 * 60_000;

/// A try that was let in and counts as a failure until it proves right.
pub(super) struct Try {
    key: SecretHash,
    /// None for a known device, which no address bound holds for.
    address: Option<SecretHash>,
}

/// Lets a try on an account in, or says when the next is.
pub(super) async fn enter(
    context: &Context,
    sign_in: &SignIn,
    account: &SecretHash,
    browser: &Browser<'_>,
) -> Result<Try, SignInError> {
    let keys = sign_in.people.keys();
    let known = browser.device.and_then(|cookie| device::verify(keys, account, cookie, context.now));
    if let Some(device) = known {
        let key = keys.handle_hash("failures-device", &device.0);
        match reserve(sign_in.store(), &key, context.now).await {
            Ok(()) => return Ok(Try { key, address: None }),
            // A device that fails too often is treated as unknown.
            Err(SignInError::TooMany { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let address = address_key(sign_in, browser.address);
    check_address(sign_in.store(), &address, context.now).await?;
    let key = keys.handle_hash("failures-account", &account.0);
    reserve(sign_in.store(), &key, context.now).await?;
    Ok(Try { key, address: Some(address) })
}

/// Lets a try of somebody in who proved a first factor already, or says when the next is.
pub(super) async fn enter_as(
    context: &Context,
    sign_in: &SignIn,
    person: &yizhan_domain::PersonId,
) -> Result<Try, SignInError> {
    let key = sign_in.people.keys().handle_hash("failures-person", person.as_str().as_bytes());
    reserve(sign_in.store(), &key, context.now).await?;
    Ok(Try { key, address: None })
}

impl Try {
    /// It was right: its failures are forgotten.
    pub(super) async fn right(self, sign_in: &SignIn) -> Result<(), SignInError> {
        Ok(sign_in.store().clear_attempts(&self.key).await?)
    }

    /// It was wrong: the address counts it too.
    pub(super) async fn wrong(self, context: &Context, sign_in: &SignIn) -> Result<(), SignInError> {
        if let Some(address) = self.address {
            sign_in.store().count_failure(&address, context.now, ADDRESS_MS).await?;
        }
        Ok(())
    }
}

/// Counts one of something that is capped within a window; too many are refused until the window ends.
pub(super) async fn count(
    store: &dyn SignInStore,
    key: &SecretHash,
    cap: (u32, u64),
    now: Timestamp,
) -> Result<(), SignInError> {
    let (max, window_ms) = cap;
    let counted = store.count_failure(key, now, window_ms).await?;
    if counted.failures <= max {
        return Ok(());
    }
    Err(SignInError::TooMany { retry_ms: until(counted.first.plus_ms(window_ms), now) })
}

/// Refuses while the address has too many failures.
pub(super) async fn check_address(
    store: &dyn SignInStore,
    address: &SecretHash,
    now: Timestamp,
) -> Result<(), SignInError> {
    let failures = within(store.find_attempts(address).await?, ADDRESS_MS, now);
    if failures.failures < ADDRESS_MAX {
        return Ok(());
    }
    Err(SignInError::TooMany { retry_ms: until(failures.first.plus_ms(ADDRESS_MS), now) })
}

/// Counts a failure of an address.
pub(super) async fn count_address(
    store: &dyn SignInStore,
    address: &SecretHash,
    now: Timestamp,
) -> Result<(), SignInError> {
    store.count_failure(address, now, ADDRESS_MS).await?;
    Ok(())
}

/// Key of an address: an IPv6 network of 64 bits counts as one.
pub(super) fn address_key(sign_in: &SignIn, address: IpAddr) -> SecretHash {
    let text = match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    };
    sign_in.people.keys().handle_hash("failures-address", &text)
}

/// Counts a try before it is made: of those that race once delays apply, one goes on.
async fn reserve(store: &dyn SignInStore, key: &SecretHash, now: Timestamp) -> Result<(), SignInError> {
    let before = within(store.find_attempts(key).await?, ACCOUNT_MS, now);
    let delay = delay_ms(before.failures);
    // A clock that was set back does not make the delay longer.
    let wait = until(before.last.plus_ms(delay), now).min(delay);
    if wait > 0 {
        return Err(SignInError::TooMany { retry_ms: wait });
    }
    let after = store.count_failure(key, now, ACCOUNT_MS).await?;
    if after.failures > before.failures + 1 && delay_ms(after.failures - 1) > 0 {
        return Err(SignInError::TooMany { retry_ms: delay_ms(after.failures) });
    }
    Ok(())
}

/// Delay after so many failures: none for three, then 2 s, doubling up to a quarter of an hour.
fn delay_ms(failures: u32) -> u64 {
    match failures.checked_sub(FREE) {
        None | Some(0) => 0,
        Some(over) => 1000u64.checked_shl(over.min(32)).map_or(DELAY_MS_MAX, |ms| ms.min(DELAY_MS_MAX)),
    }
}

fn within(attempts: Attempts, window_ms: u64, now: Timestamp) -> Attempts {
    if attempts.failures > 0 && now < attempts.first.plus_ms(window_ms) { attempts } else { Attempts::default() }
}

fn until(moment: Timestamp, now: Timestamp) -> u64 {
    moment.0.saturating_sub(now.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_and_never_becomes_a_lock() {
        let delays: Vec<u64> = (0..8).map(delay_ms).collect();
        assert_eq!(delays, [0, 0, 0, 0, 2000, 4000, 8000, 16_000]);
        assert_eq!(delay_ms(13), DELAY_MS_MAX);
        assert_eq!(delay_ms(u32::MAX), DELAY_MS_MAX);
    }

    #[test]
    fn failures_of_a_past_window_count_no_more() {
        let old = Attempts { failures: 9, first: Timestamp(0), last: Timestamp(5) };
        assert_eq!(within(old, 10, Timestamp(9)).failures, 9);
        assert_eq!(within(old, 10, Timestamp(10)).failures, 0);
    }
}
