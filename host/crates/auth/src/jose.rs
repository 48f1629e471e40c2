//! Signed and encrypted tokens (JOSE, RFC 7515 to RFC 7518) in two suites: the international and the national one.
//! The flow's steps, the key store and the client authentication call it. Nothing here knows what a claim means.

mod algorithm;
mod claims;
mod compact;
pub mod dpop;
mod envelope;
pub mod jwe;
mod jwk;
mod jwk_set;
pub mod national;
mod signer_set;
mod signing;
mod verifying;

pub use algorithm::{JwsAlgorithm, KeyUse};
pub use claims::Claims;
pub(crate) use compact::object as object_of;
pub(crate) use envelope::enclose;
pub use envelope::{Envelope, seal, unseal, verify_inner};
pub use jwe::DecryptionKey;
pub use jwk::Jwk;
pub use jwk_set::JwkSet;
pub use signer_set::{SIGNER_KEYS_MAX, SignerSet};
pub use signing::{JwsHeader, SigningKey};
pub use verifying::{Expect, Verified, VerifiedHeader, verify};

/// Largest token that is read, in bytes.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Largest key set that is read, in bytes.
pub const KEY_SET_BYTES_MAX: usize = 8 * 1024;
/// Most keys of a set.
pub const KEY_SET_KEYS_MAX: usize = 8;

/// Why a token or key is refused. Names members, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Larger than read.
    #[error("{what} is larger than {bytes_max} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The bound, in bytes.
        bytes_max: usize,
    },
    /// Not of the form that the standard asks for.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// `alg` or `enc` is not one of those accepted here.
    #[error("the algorithm is not one of those accepted here")]
    Algorithm,
    /// A header parameter that is never accepted here (`crit`, `jku`, `jwk`, …).
    #[error("the header parameter `{0}` is not accepted here")]
    Header(&'static str),
    /// `typ` or `cty` is not the expected one.
    #[error("the header parameter `{0}` does not have the value expected here")]
    Type(&'static str),
    /// No key fits: other `kid`, or none for the algorithm.
    #[error("no key fits the token's `kid` and algorithm")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// The token was altered or is for another key.
    #[error("the token cannot be opened with this key")]
    Unopened,
    /// A key is refused.
    #[error("key {index}: {problem}")]
    Key {
        /// Its place in the set, from 0.
        index: usize,
        /// What is wrong and what to do.
        problem: &'static str,
    },
    /// A claim is missing or has another value than expected.
    #[error("the claim `{claim}` is {problem}")]
    Claim {
        /// Its name.
        claim: &'static str,
        /// `missing`, `too old`, …
        problem: &'static str,
    },
    /// Signing or sealing failed.
    #[error("cannot make the token: {0}")]
    Failed(&'static str),
}
