//! How keys and values of apps lie at rest: sealed with AES-256-GCM under a key per app, which the hub's key wraps. Called
//! by the embedded store; the memory store keeps nothing at rest.
//!
//! A key is found by a keyed hash of it; the key itself lies sealed beside its value, so that keys can be listed. Sealed is
//! `salt 16 · sealed bytes · tag 16`; the salt gives each datum an AES key of its own, used once.

use crate::{error::StoreError, keyed_hash::keyed_hash, random, tenant::Tenant};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce, aead::AeadInOut as _};
use std::fmt;
use yizhan_domain::AppId;
use zeroize::Zeroizing;

const SALT_BYTES: usize = 16;
/// Bytes that sealing adds.
pub(crate) const SEAL_BYTES: usize = SALT_BYTES + 16;
/// Bytes of the hash of a bucket.
pub(crate) const BUCKET_BYTES: usize = 16;
const DATUM: &[u8] = b"yizhan-kv-datum-v1";
const NAMES: &[u8] = b"yizhan-kv-names-v1";
const CONTENTS: &[u8] = b"yizhan-kv-contents-v1";
const WRAPPING: &[u8] = b"yizhan-kv-app-v1";
const CHECK: &[u8] = b"yizhan-kv-check-v1";

/// What a datum is; it opens as nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Datum {
    Value = 1,
    Key = 2,
}

/// The key that wraps the keys of apps, 32 random bytes. Derived from the hub's root key, never kept beside the store.
#[derive(Clone)]
pub struct KvKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for KvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KvKey(…)")
    }
}

impl KvKey {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What shows that a store was written with this key.
    pub(crate) fn check(&self) -> [u8; 32] {
        *keyed_hash(&self.0, &[CHECK])
    }

    /// A new key of an app, and how it lies wrapped.
    pub(crate) fn create(&self, app: &AppId) -> Result<(AppSeal, Vec<u8>), StoreError> {
        let bytes = Zeroizing::new(random::bytes::<32>()?);
        let wrapped = seal(&self.wrapping(), app.as_str().as_bytes(), &*bytes)?;
        Ok((AppSeal::of(&bytes), wrapped))
    }

    /// The key of an app; none when it was wrapped with another key, or for another app.
    pub(crate) fn unwrap(&self, app: &AppId, wrapped: &[u8]) -> Option<AppSeal> {
        let bytes = open(&self.wrapping(), app.as_str().as_bytes(), wrapped)?;
        bytes.first_chunk().filter(|_| bytes.len() == 32).map(AppSeal::of)
    }

    fn wrapping(&self) -> Zeroizing<[u8; 32]> {
        keyed_hash(&self.0, &[WRAPPING])
    }
}

/// The keys of one app.
pub(crate) struct AppSeal {
    names: Zeroizing<[u8; 32]>,
    contents: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for AppSeal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppSeal(…)")
    }
}

impl AppSeal {
    fn of(key: &[u8; 32]) -> Self {
        Self { names: keyed_hash(key, &[NAMES]), contents: keyed_hash(key, &[CONTENTS]) }
    }

    /// The name under which a bucket lies.
    pub(crate) fn bucket(&self, tenant: &Tenant) -> [u8; BUCKET_BYTES] {
        let hash = keyed_hash(&self.names, &[&[1], tenant.bucket().as_bytes()]);
        std::array::from_fn(|index| hash[index])
    }

    /// The name under which a key of a bucket lies.
    pub(crate) fn name(&self, bucket: &[u8; BUCKET_BYTES], key: &str) -> [u8; 32] {
        *keyed_hash(&self.names, &[&[2], bucket, key.as_bytes()])
    }

    /// Seals a datum of the record at `place`.
    pub(crate) fn seal(&self, datum: Datum, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(&self.contents, &[&[datum as u8], place].concat(), plain)
    }

    /// Opens it; none when it is another, or of another place.
    pub(crate) fn open(&self, datum: Datum, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.contents, &[&[datum as u8], place].concat(), sealed)
    }
}

fn cipher(key: &[u8; 32], salt: &[u8]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*keyed_hash(key, &[DATUM, salt])))
}

/// Each salt gives a key of its own, so one nonce serves all.
fn nonce() -> Nonce<aes_gcm::aead::consts::U12> {
    [0; 12].into()
}

fn seal(key: &[u8; 32], bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let salt = random::bytes::<SALT_BYTES>()?;
    let mut bytes = Vec::with_capacity(plain.len() + SEAL_BYTES);
    bytes.extend_from_slice(plain);
    let sealed = cipher(key, &salt).encrypt_in_place(&nonce(), bound, &mut bytes);
    sealed.map_err(|_| StoreError::Damaged { what: "a value cannot be sealed".to_owned() })?;
    Ok([&salt[..], &bytes].concat())
}

fn open(key: &[u8; 32], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = sealed.split_at_checked(SALT_BYTES)?;
    let mut bytes = rest.to_vec();
    cipher(key, salt).decrypt_in_place(&nonce(), bound, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str) -> AppId {
        AppId::new(name).expect("app")
    }

    #[test]
    fn a_datum_opens_only_at_its_place_as_what_it_is_and_with_its_apps_key() {
        let root = KvKey::new([7; 32]);
        let (seal, wrapped) = root.create(&app("cn.gov.a")).expect("creates");
        let sealed = seal.seal(Datum::Value, b"place", b"plain").expect("seals");
        assert_eq!(sealed.len(), 5 + SEAL_BYTES);
        let again = root.unwrap(&app("cn.gov.a"), &wrapped).expect("unwraps");
        assert_eq!(again.open(Datum::Value, b"place", &sealed).as_deref(), Some(&b"plain"[..]));
        assert_eq!(again.open(Datum::Key, b"place", &sealed), None);
        assert_eq!(again.open(Datum::Value, b"other", &sealed), None);
        let (other, _) = root.create(&app("cn.gov.a")).expect("creates");
        assert_eq!(other.open(Datum::Value, b"place", &sealed), None, "each app has a key of its own");
        assert!(root.unwrap(&app("cn.gov.b"), &wrapped).is_none(), "wrapped for another app");
        assert!(KvKey::new([8; 32]).unwrap(&app("cn.gov.a"), &wrapped).is_none(), "wrapped by another key");
        for index in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[index] ^= 1;
            assert_eq!(again.open(Datum::Value, b"place", &flipped), None, "byte {index}");
        }
    }

    #[test]
    fn the_same_value_is_never_sealed_the_same_and_names_are_of_one_app() {
        let root = KvKey::new([7; 32]);
        let (one, _) = root.create(&app("cn.gov.a")).expect("creates");
        let (other, _) = root.create(&app("cn.gov.b")).expect("creates");
        let seal = || one.seal(Datum::Value, b"p", b"v").expect("seals");
        assert_ne!(seal(), seal());
        let bucket = one.bucket(&Tenant::new(&app("cn.gov.a"), "b").expect("bucket"));
        assert_eq!(one.name(&bucket, "k"), one.name(&bucket, "k"));
        assert_ne!(one.name(&bucket, "k"), other.name(&bucket, "k"));
    }
}
