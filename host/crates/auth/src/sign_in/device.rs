//! Device cookies: a browser that signed in to an account before is not slowed down by strangers who guess at it.

use super::SignInError;
use crate::people::PeopleKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use yizhan_domain::{SecretHash, Timestamp};
use zeroize::Zeroizing;

/// Life of a device cookie: 90 days, ms.
pub const DEVICE_MS: u64 = 90 * 24 * 60 * 60_000;

const NONCE: usize = 16;

/// A new cookie for an account: nonce 16 ‖ expiry 8 ‖ keyed hash 32 bytes, base64url.
pub(super) fn mint(
    keys: &PeopleKeys,
    account: &SecretHash,
    now: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Zeroizing<String>, SignInError> {
    let mut head = [0; NONCE + 8];
    let (nonce, expires) = head.split_at_mut(NONCE);
    rng.fill_bytes(nonce);
    expires.copy_from_slice(&now.plus_ms(DEVICE_MS).0.to_be_bytes());
    let mark = mark(keys, account, &head);
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode([head.as_slice(), &mark.0].concat())))
}

/// The cookie's name among failures, when it is a live one of this account.
pub(super) fn verify(keys: &PeopleKeys, account: &SecretHash, cookie: &str, now: Timestamp) -> Option<SecretHash> {
    let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let (head, found) = bytes.split_first_chunk::<{ NONCE + 8 }>()?;
    let expires = head.last_chunk::<8>().map(|bytes| Timestamp(u64::from_be_bytes(*bytes)))?;
    let expected = mark(keys, account, head);
    // Both sides are hashed once more, so that the time of comparing tells nothing.
    let same = keys.code_hash("compare", found) == keys.code_hash("compare", &expected.0);
    (same && now < expires).then_some(expected)
}

fn mark(keys: &PeopleKeys, account: &SecretHash, head: &[u8]) -> SecretHash {
    keys.code_hash("device", &[account.0.as_slice(), head].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::RootKey;
    use rand::{SeedableRng as _, rngs::StdRng};

    #[test]
    fn a_device_is_known_for_its_account_until_it_ends() {
        let keys = PeopleKeys::of(&RootKey::of(Zeroizing::new([7; 32])));
        let (mine, other) = (SecretHash([1; 32]), SecretHash([2; 32]));
        let cookie = mint(&keys, &mine, Timestamp(5), &mut StdRng::seed_from_u64(1)).expect("cookie");
        assert!(verify(&keys, &mine, &cookie, Timestamp(5)).is_some());
        assert!(verify(&keys, &other, &cookie, Timestamp(5)).is_none(), "another account");
        assert!(verify(&keys, &mine, &cookie, Timestamp(5 + DEVICE_MS)).is_none(), "ended");
        let mut altered = URL_SAFE_NO_PAD.decode(&*cookie).expect("base64");
        altered[NONCE] ^= 1;
        assert!(verify(&keys, &mine, &URL_SAFE_NO_PAD.encode(altered), Timestamp(5)).is_none(), "longer life");
        assert!(verify(&keys, &mine, "", Timestamp(5)).is_none());
    }
}
