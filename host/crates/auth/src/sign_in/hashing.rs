//! Password hashing, Argon2id (RFC 9106) with 19 MiB, two passes, one lane. Few at a time, on threads that may block.

use super::SignInError;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::CryptoRng;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Least bytes of a password.
pub const PASSWORD_BYTES_MIN: usize = 8;
/// Most bytes of a password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Most sign-ins that wait for a slot.
pub const QUEUE_MAX: usize = 32;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The slots of password hashing.
#[derive(Debug)]
pub struct PasswordHashing {
    places: Arc<Semaphore>,
    slots: Arc<Semaphore>,
    /// A hash that no password has: unknown accounts cost the same.
    nobody: Arc<str>,
}

/// A place in the queue.
pub(super) struct Place(OwnedSemaphorePermit);

impl PasswordHashing {
    /// Slots for a machine: half of its cores, at least one.
    #[must_use]
    pub fn slots_here() -> usize {
        std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
    }

    /// So many hashes at one time; at least one.
    ///
    /// # Errors
    /// [`SignInError::Busy`] when not even one hash can be computed.
    pub fn new(slots: usize) -> Result<Self, SignInError> {
        let slots = slots.max(1);
        let nobody = hash(b"the hash that every unknown account is checked against", &[0; 16])?;
        Ok(Self {
            places: Arc::new(Semaphore::new(slots + QUEUE_MAX)),
            slots: Arc::new(Semaphore::new(slots)),
            nobody: nobody.into(),
        })
    }

    /// A place, taken before anything is counted against the person.
    pub(super) fn place(&self) -> Result<Place, SignInError> {
        Arc::clone(&self.places).try_acquire_owned().map(Place).map_err(|_| SignInError::Busy)
    }

    /// Whether the password has this hash. Without a hash the cost is the same and the answer no.
    pub(super) async fn verify(&self, place: Place, password: &str, known: Option<&str>) -> Result<bool, SignInError> {
        let exists = known.is_some();
        let expected: Arc<str> = known.map_or_else(|| Arc::clone(&self.nobody), Arc::from);
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let right =
            self.run(place, move || argon()?.verify_password(&password, &*expected).map_or(Ok(false), |()| Ok(true)));
        Ok(right.await? && exists)
    }

    /// Hash of a new password, in PHC form.
    pub(super) async fn hash(&self, password: &str, rng: &mut (impl CryptoRng + Send)) -> Result<String, SignInError> {
        if !(PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len()) {
            return Err(SignInError::PasswordRule);
        }
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let place = self.place()?;
        self.run(place, move || hash(&password, &salt)).await
    }

    /// Runs on a thread that may block. Place and slot are given back when the work ends, even if nobody waits any more.
    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce() -> Result<T, SignInError> + Send + 'static,
    ) -> Result<T, SignInError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| SignInError::Busy)?;
        let held = (place.0, slot);
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(held);
            done
        });
        working.await.map_err(|_| SignInError::Busy)?
    }
}

fn argon() -> Result<Argon2<'static>, SignInError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| SignInError::Busy)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8], salt: &[u8]) -> Result<String, SignInError> {
    argon()?.hash_password_with_salt(password, salt).map(|hash| hash.to_string()).map_err(|_| SignInError::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_with_19_mib_and_verifies() {
        let hashing = PasswordHashing::new(1).expect("hashing");
        let hash = hashing.hash("correct horse", &mut StdRng::seed_from_u64(1)).await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = |password| hashing.verify(hashing.place().expect("place"), password, Some(&hash));
        assert!(verify("correct horse").await.expect("verified"));
        assert!(!verify("correct house").await.expect("verified"));
    }

    #[tokio::test]
    async fn no_password_is_right_for_an_unknown_account() {
        let hashing = PasswordHashing::new(1).expect("hashing");
        let place = hashing.place().expect("place");
        let text = "the hash that every unknown account is checked against";
        assert!(!hashing.verify(place, text, None).await.expect("verified"));
    }

    #[tokio::test]
    async fn passwords_outside_8_to_256_bytes_are_refused() {
        let hashing = PasswordHashing::new(1).expect("hashing");
        let mut rng = StdRng::seed_from_u64(1);
        for password in ["1234567".to_owned(), "x".repeat(257)] {
            assert!(matches!(hashing.hash(&password, &mut rng).await, Err(SignInError::PasswordRule)));
        }
    }

    #[test]
    fn when_slots_and_queue_are_full_the_next_is_refused() {
        let hashing = PasswordHashing::new(1).expect("hashing");
        let held: Vec<_> = (0..=QUEUE_MAX).map(|_| hashing.place().expect("place")).collect();
        assert!(matches!(hashing.place(), Err(SignInError::Busy)));
        drop(held);
        assert!(hashing.place().is_ok());
    }
}
