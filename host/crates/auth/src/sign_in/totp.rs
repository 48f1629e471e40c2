//! Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, steps of 30 s, one step of tolerance. And recovery codes.

use super::SignInError;
use rand::{CryptoRng, Rng as _};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use yizhan_domain::Timestamp;
use zeroize::Zeroizing;

/// How many recovery codes a person gets.
pub(super) const RECOVERY_CODES: usize = 10;
/// Letters that are not mistaken for one another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new secret, 160 bits.
pub(super) fn new_secret(rng: &mut impl CryptoRng) -> Zeroizing<[u8; 20]> {
    let mut secret = Zeroizing::new([0; 20]);
    rng.fill_bytes(&mut *secret);
    secret
}

/// The secret as people type it, base32.
pub(super) fn base32(secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(Secret::new(secret.into()).to_base32())
}

/// The step whose code this is, among the present one and its neighbours.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<u64>, SignInError> {
    Ok(totp(secret)?.check(code, now.0 / 1000))
}

fn totp(secret: &[u8]) -> Result<Totp, SignInError> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new(secret.into()))
        .build()
        .map_err(|_| SignInError::SecondFactor)
}

/// A new recovery code: 16 letters, 80 bits, in four groups.
pub(super) fn new_recovery_code(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    let mut code = Zeroizing::new(String::with_capacity(19));
    for index in 0..16 {
        if index > 0 && index % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[rng.random_range(0..LETTERS.len())]));
    }
    code
}

/// A recovery code in the one spelling that is hashed.
pub(super) fn normalized_recovery_code(code: &str) -> Zeroizing<String> {
    let letters = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
    Zeroizing::new(letters.take(32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    /// RFC 6238, appendix B (SHA-1), the last six of its eight digits.
    const VECTORS: [(u64, &str); 4] =
        [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")];

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in VECTORS {
            let now = Timestamp(seconds * 1000);
            assert_eq!(step_of(b"12345678901234567890", code, now).expect("totp"), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn one_step_early_or_late_is_taken_and_two_are_not() {
        let at = |seconds: u64| step_of(b"12345678901234567890", "081804", Timestamp(seconds * 1000)).expect("totp");
        let step = 1_111_111_109 / 30;
        assert_eq!(at((step - 1) * 30), Some(step));
        assert_eq!(at((step + 1) * 30 + 29), Some(step));
        assert_eq!(at((step + 2) * 30), None);
        assert_eq!(at((step - 2) * 30 + 29), None);
    }

    #[test]
    fn a_recovery_code_is_read_in_any_spelling() {
        let code = new_recovery_code(&mut StdRng::seed_from_u64(1));
        assert_eq!(code.len(), 19);
        let spelled = code.replace('-', " ").to_uppercase();
        assert_eq!(*normalized_recovery_code(&code), *normalized_recovery_code(&spelled));
        assert_eq!(normalized_recovery_code(&code).len(), 16);
    }
}
