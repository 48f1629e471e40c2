//! The key store in a file.

use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use yizhan_auth::jose::{Envelope, Expect, JoseError, JwsAlgorithm, JwsHeader, KeyUse, jwe, verify, verify_inner};
use yizhan_auth::keys::{KeyError, KeyOwner, KeySlot, KeyStore, RootKey, SoftwareKeyStore};
use yizhan_domain::authorization::Suite;
use yizhan_domain::{ClientId, Timestamp};
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp(1_000_000);
const DAY: u64 = 86_400_000;

fn root(byte: u8) -> RootKey {
    RootKey::of(Zeroizing::new([byte; 32]))
}

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys");
    (directory, path)
}

fn create(path: &Path) -> SoftwareKeyStore {
    SoftwareKeyStore::create(path, &root(1), Box::new(crate::rng(1))).unwrap()
}

fn open(path: &Path, root: &RootKey) -> Result<SoftwareKeyStore, KeyError> {
    SoftwareKeyStore::open(path, root, Box::new(crate::rng(2)))
}

fn app(name: &str) -> KeyOwner {
    KeyOwner::Client(ClientId(name.into()))
}

fn slot(key_use: KeyUse, suite: Suite) -> KeySlot {
    KeySlot { key_use, suite }
}

#[test]
fn a_whole_envelope_passes_through_two_stores_of_either_suite() {
    for suite in crate::SUITES {
        let ((_a, hub), (_b, runtime)) = (place(), place());
        let (hub, runtime) = (create(&hub), create(&runtime));
        hub.create(&KeyOwner::Hub, slot(KeyUse::Sign, suite), NOW).unwrap();
        runtime.create(&app("a"), slot(KeyUse::Decrypt, suite), NOW).unwrap();

        let header = JwsHeader { typ: Some("JWT"), ..JwsHeader::default() };
        let signed = hub.sign(&KeyOwner::Hub, suite, &header, br#"{"sub":"x"}"#).unwrap();
        let recipients = runtime.public_jwks(&app("a"), NOW).unwrap();
        let recipient = recipients.find_recipient(suite).unwrap();
        let envelope = Envelope(jwe::encrypt(signed.as_bytes(), recipient, "JWT", &mut crate::rng(1)).unwrap());

        let opened = runtime.decrypt(&app("a"), envelope.as_str()).unwrap();
        assert_eq!((opened.suite, opened.content_type.as_str()), (suite, "jwt"));
        let issuer = hub.public_jwks(&KeyOwner::Hub, NOW).unwrap();
        assert_eq!(verify_inner(suite, &opened.plain, &issuer).unwrap().claims.text("sub"), Some("x"));
        assert!(matches!(hub.decrypt(&KeyOwner::Hub, envelope.as_str()), Err(KeyError::NoKey)));
    }
}

#[test]
fn one_app_cannot_use_the_keys_of_another() {
    let (_directory, path) = place();
    let store = create(&path);
    for name in ["a", "b"] {
        store.create(&app(name), slot(KeyUse::Decrypt, Suite::International), NOW).unwrap();
    }
    let of_a = store.public_jwks(&app("a"), NOW).unwrap();
    let token = jwe::encrypt(b"x", of_a.keys().next().unwrap(), "JWT", &mut crate::rng(1)).unwrap();
    assert!(store.decrypt(&app("a"), &token).is_ok());
    assert!(matches!(store.decrypt(&app("b"), &token), Err(KeyError::NoKey)));
    let unsigned = store.sign(&app("a"), Suite::International, &JwsHeader::default(), b"{}");
    assert!(matches!(unsigned, Err(KeyError::NoKey)));
    assert!(store.public_jwks(&app("c"), NOW).unwrap().keys().next().is_none());
}

#[test]
fn keys_are_the_same_after_the_store_is_opened_again() {
    let (_directory, path) = place();
    let store = create(&path);
    for suite in crate::SUITES {
        for key_use in [KeyUse::Sign, KeyUse::Decrypt] {
            store.create(&app("a"), slot(key_use, suite), NOW).unwrap();
        }
    }
    let (records, keys) = (store.list().unwrap(), store.public_jwks(&app("a"), NOW).unwrap());
    assert_eq!(keys.keys().count(), 4);
    drop(store);
    let store = open(&path, &root(1)).unwrap();
    assert_eq!((store.list().unwrap(), store.public_jwks(&app("a"), NOW).unwrap()), (records, keys));
}

#[test]
fn a_rotated_signing_key_is_published_until_it_ends_and_signs_no_more() {
    let (_directory, path) = place();
    let store = create(&path);
    let sign = slot(KeyUse::Sign, Suite::International);
    assert!(matches!(store.rotate(&KeyOwner::Hub, sign, NOW, DAY), Err(KeyError::NoKey)));
    let first = store.create(&KeyOwner::Hub, sign, NOW).unwrap();
    assert!(matches!(store.create(&KeyOwner::Hub, sign, NOW), Err(KeyError::Exists)));
    let old = store.sign(&KeyOwner::Hub, Suite::International, &JwsHeader::default(), b"{}").unwrap();
    let second = store.rotate(&KeyOwner::Hub, sign, NOW.plus_ms(1), DAY).unwrap();
    assert_ne!(first.kid, second.kid);
    let new = store.sign(&KeyOwner::Hub, Suite::International, &JwsHeader::default(), b"{}").unwrap();

    let expect = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::Es256] };
    let keys = store.public_jwks(&KeyOwner::Hub, NOW.plus_ms(DAY)).unwrap();
    assert_eq!(keys.keys().next().unwrap().kid(), Some(second.kid.as_str()), "the current key is first");
    assert_eq!(verify(&new, &keys, &expect).unwrap().header.kid, Some(second.kid));
    assert_eq!(verify(&old, &keys, &expect).unwrap().header.kid, Some(first.kid));
    let keys = store.public_jwks(&KeyOwner::Hub, NOW.plus_ms(DAY + 1)).unwrap();
    assert_eq!(verify(&old, &keys, &expect), Err(JoseError::UnknownKey));
    assert_eq!(store.list().unwrap().len(), 2);
    assert_eq!(store.sweep(NOW.plus_ms(DAY)).unwrap(), 0);
    assert_eq!(store.sweep(NOW.plus_ms(DAY + 1)).unwrap(), 1);
    drop(store);
    assert_eq!(open(&path, &root(1)).unwrap().list().unwrap().len(), 1);
}

#[test]
fn a_rotated_decryption_key_opens_until_it_is_destroyed() {
    let (_directory, path) = place();
    let store = create(&path);
    let decrypt = slot(KeyUse::Decrypt, Suite::International);
    let first = store.create(&app("a"), decrypt, NOW).unwrap();
    let keys = store.public_jwks(&app("a"), NOW).unwrap();
    let token = jwe::encrypt(b"x", keys.find(&first.kid).unwrap(), "JWT", &mut crate::rng(1)).unwrap();
    let second = store.rotate(&app("a"), decrypt, NOW, DAY).unwrap();
    let keys = store.public_jwks(&app("a"), NOW).unwrap();
    assert_eq!(keys.find_recipient(Suite::International).unwrap().kid(), Some(second.kid.as_str()));
    assert!(store.decrypt(&app("a"), &token).is_ok());
    store.rotate(&app("a"), decrypt, NOW.plus_ms(DAY), DAY).unwrap();
    assert!(matches!(store.decrypt(&app("a"), &token), Err(KeyError::NoKey)));
}

#[test]
fn a_retired_key_and_the_keys_of_a_removed_owner_are_gone_at_once_and_for_good() {
    let (_directory, path) = place();
    let store = create(&path);
    let decrypt = slot(KeyUse::Decrypt, Suite::International);
    let record = store.create(&app("a"), decrypt, NOW).unwrap();
    store.create(&app("b"), decrypt, NOW).unwrap();
    assert!(!store.retire(&app("b"), &record.kid).unwrap(), "the key of another owner");
    assert!(store.retire(&app("a"), &record.kid).unwrap());
    assert_eq!(store.remove(&app("b")).unwrap(), 1);
    assert_eq!(store.remove(&app("b")).unwrap(), 0);
    drop(store);
    let store = open(&path, &root(1)).unwrap();
    assert!(store.list().unwrap().is_empty());
    store.create(&app("a"), decrypt, NOW).unwrap();
}

#[test]
fn a_wrong_root_key_is_told_from_damage() {
    let (_directory, path) = place();
    drop(create(&path));
    assert!(matches!(open(&path, &root(2)), Err(KeyError::WrongRoot)));
    let whole = std::fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut altered = whole.clone();
        altered[place] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        let refused = open(&path, &root(1)).unwrap_err();
        let told = match place {
            0..6 => matches!(refused, KeyError::Damaged(_)),
            6..8 | 16 => matches!(refused, KeyError::Format { .. }),
            8..16 => matches!(refused, KeyError::WrongRoot),
            _ => matches!(refused, KeyError::Damaged(_)),
        };
        assert!(told, "byte {place}: {refused:?}");
    }
    for end in 0..whole.len() {
        std::fs::write(&path, &whole[..end]).unwrap();
        assert!(matches!(open(&path, &root(1)), Err(KeyError::Damaged(_))), "{end}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert!(open(&path, &root(1)).is_ok());
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let (_directory, path) = place();
    drop(create(&path));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(open(&path, &root(1)), Err(KeyError::Permissions { mode: 0o640, .. })));
}

#[test]
fn one_process_at_a_time_has_the_store_open_and_creating_never_overwrites() {
    let (_directory, path) = place();
    let store = create(&path);
    assert!(matches!(open(&path, &root(1)), Err(KeyError::InUse(_))));
    store.create(&KeyOwner::Hub, slot(KeyUse::Sign, Suite::International), NOW).unwrap();
    drop(store);
    let again = SoftwareKeyStore::create(&path, &root(1), Box::new(crate::rng(1)));
    assert!(matches!(again, Err(KeyError::Io { .. })));
    assert_eq!(open(&path, &root(1)).unwrap().list().unwrap().len(), 1);
}

#[test]
fn what_a_crash_left_beside_the_file_is_in_nobodys_way() {
    let (directory, path) = place();
    let store = create(&path);
    std::fs::write(directory.path().join("keys.new"), "half").unwrap();
    store.create(&KeyOwner::Hub, slot(KeyUse::Sign, Suite::International), NOW).unwrap();
    assert!(!directory.path().join("keys.new").exists());
    drop(store);
    assert_eq!(open(&path, &root(1)).unwrap().list().unwrap().len(), 1);
}

#[test]
fn a_change_that_cannot_be_written_changes_nothing() {
    let (directory, path) = place();
    let store = create(&path);
    // A directory in the place of the new file: writing fails for every user, root too.
    std::fs::create_dir(directory.path().join("keys.new")).unwrap();
    let refused = store.create(&KeyOwner::Hub, slot(KeyUse::Sign, Suite::International), NOW);
    assert!(matches!(refused, Err(KeyError::Io { .. })));
    assert!(store.list().unwrap().is_empty());
    std::fs::remove_dir(directory.path().join("keys.new")).unwrap();
    assert!(store.create(&KeyOwner::Hub, slot(KeyUse::Sign, Suite::International), NOW).is_ok());
}

#[test]
fn the_file_shows_no_name_and_no_key() {
    let (_directory, path) = place();
    let store = create(&path);
    let record = store.create(&app("visible-name"), slot(KeyUse::Decrypt, Suite::International), NOW).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let shows = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!shows("visible-name") && !shows(&record.kid) && !shows("client"));
    assert_eq!(format!("{store:?}"), "SoftwareKeyStore");
    let printed = json!(store.public_jwks(&app("visible-name"), NOW).unwrap().to_value()).to_string();
    assert!(!printed.contains("\"d\""));
}

#[test]
fn many_threads_sign_while_keys_rotate() {
    let (_directory, path) = place();
    let store = create(&path);
    let sign = slot(KeyUse::Sign, Suite::International);
    store.create(&KeyOwner::Hub, sign, NOW).unwrap();
    let expect = Expect { types: Expect::UNTYPED, algorithms: &[JwsAlgorithm::Es256] };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let token = store.sign(&KeyOwner::Hub, Suite::International, &JwsHeader::default(), b"{}").unwrap();
                    assert!(verify(&token, &store.public_jwks(&KeyOwner::Hub, NOW).unwrap(), &expect).is_ok());
                }
            });
        }
        for _ in 0..4 {
            store.rotate(&KeyOwner::Hub, sign, NOW, DAY).unwrap();
        }
    });
}
