//! Sealing of what the runtime keeps at rest: logins under way and tokens, as JSON, bound to what they are.

use super::LoginError;
use crate::keys::Sealer;
use rand::TryRngCore as _;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Most bytes of a sealed value; a larger buffer is never needed, so none is left behind unwiped.
const BYTES_MAX: usize = 8 << 10;

/// A value as sealed text.
pub(super) fn seal(sealer: &Sealer, kind: &str, value: &impl Serialize) -> Result<String, LoginError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(BYTES_MAX));
    serde_json::to_writer(&mut *plain, value).map_err(|_| LoginError::Unavailable)?;
    let mut rng = rand::rngs::OsRng.unwrap_err();
    sealer.seal_text(&plain, kind.as_bytes(), &mut rng).map_err(|_| LoginError::Unavailable)
}

/// The value; none when it was sealed by another key, for something else, or altered.
pub(super) fn open<T: DeserializeOwned>(sealer: &Sealer, kind: &str, sealed: &str) -> Option<T> {
    let plain = sealer.open_text(sealed, kind.as_bytes()).ok()?;
    serde_json::from_slice(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_its_key_and_kind_alone() {
        let sealer = |byte| Sealer::new(Zeroizing::new([byte; 32]));
        let sealed = seal(&sealer(1), "login", &"a secret").expect("sealed");
        assert_eq!(open::<String>(&sealer(1), "login", &sealed).as_deref(), Some("a secret"));
        assert_eq!(open::<String>(&sealer(1), "tokens", &sealed), None);
        assert_eq!(open::<String>(&sealer(2), "login", &sealed), None);
        assert_eq!(open::<String>(&sealer(1), "login", &sealed[1..]), None);
    }
}
