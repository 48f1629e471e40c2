//! Tokens and keys: published vectors, what must be refused, both suites, the key store.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]

mod dpop;
mod envelope;
mod jwk;
mod key_store;
mod openssl;
mod refused;
mod root_key;
mod vectors;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use yizhan_auth::jose::{JwkSet, SigningKey};
use yizhan_domain::authorization::Suite;

const SUITES: [Suite; 2] = [Suite::International, Suite::National];

/// The same random numbers in every run.
fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn signer(suite: Suite, seed: u64) -> SigningKey {
    SigningKey::generate(suite, &mut rng(seed))
}

/// The set that a signer publishes.
fn published(keys: &[&SigningKey]) -> JwkSet {
    let keys: Vec<_> = keys.iter().map(|key| key.public().to_value()).collect();
    JwkSet::from_value(&serde_json::json!({ "keys": keys })).unwrap()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The same token with another header; signature and the rest as they were.
fn with_header(token: &str, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    change(&mut header);
    format!("{}.{rest}", base64url(serde_json::Value::Object(header).to_string()))
}
