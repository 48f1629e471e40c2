//! The root key, what is derived from it, and sealed data.

use proptest::prelude::*;
use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use yizhan_auth::keys::{KeyError, PassphraseParameters, Purpose, RootKey, Sealer};
use zeroize::Zeroizing;

fn root(byte: u8) -> RootKey {
    RootKey::of(Zeroizing::new([byte; 32]))
}

#[test]
fn every_purpose_has_a_key_of_its_own_and_always_the_same() {
    let purposes = [
        Purpose::Journal,
        Purpose::PairwiseSubject(1),
        Purpose::PairwiseSubject(2),
        Purpose::HandleHash,
        Purpose::CodeHash,
        Purpose::Directory,
        Purpose::SignInSecrets,
        Purpose::RuntimeTokens,
        Purpose::AppData,
        Purpose::KeyStore,
        Purpose::Check,
    ];
    let keys: HashSet<_> = purposes.iter().map(|purpose| *root(1).derive(*purpose)).collect();
    assert_eq!(keys.len(), purposes.len());
    assert_eq!(root(1).derive(Purpose::Journal), root(1).derive(Purpose::Journal));
    assert_ne!(root(1).derive(Purpose::Journal), root(2).derive(Purpose::Journal));
}

#[test]
fn a_release_never_changes_a_derived_key() {
    // HKDF-SHA-256 without salt, info "yizhan/1/journal", over 32 bytes of 1; computed with another implementation.
    let hex: String = root(1).derive(Purpose::Journal).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "b02c09135eaf2d26912bf39c2748adae3369f35dfa0b5ebb9a07208767252e53");
}

#[test]
fn a_root_key_file_is_private_and_exactly_32_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root.key");
    let made = RootKey::create_file(&path, &mut crate::rng(1)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(RootKey::open_file(&path).unwrap().derive(Purpose::Check), made.derive(Purpose::Check));
    assert!(matches!(RootKey::create_file(&path, &mut crate::rng(2)), Err(KeyError::Io { .. })));
    assert_eq!(format!("{made:?}"), "RootKey");

    for mode in [0o640, 0o604, 0o620, 0o660] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let error = RootKey::open_file(&path).unwrap_err();
        assert!(matches!(error, KeyError::Permissions { mode: found, .. } if found == mode));
        assert!(error.to_string().contains("chmod 600"));
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    for length in [0, 31, 33, 64] {
        std::fs::write(&path, vec![1; length]).unwrap();
        assert!(matches!(RootKey::open_file(&path), Err(KeyError::Damaged(_))), "{length}");
    }
    assert!(matches!(RootKey::open_file(directory.path()), Err(KeyError::Permissions { .. } | KeyError::Damaged(_))));
}

#[test]
fn a_passphrase_gives_the_same_root_key_and_a_wrong_one_is_told() {
    let (parameters, made) = PassphraseParameters::create("correct horse battery", &mut crate::rng(1)).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("passphrase.json");
    parameters.create_file(&path).unwrap();
    let read = PassphraseParameters::open_file(&path).unwrap();
    assert_eq!(read, parameters);
    let again = read.root("correct horse battery").unwrap();
    assert_eq!(again.derive(Purpose::KeyStore), made.derive(Purpose::KeyStore));
    assert!(matches!(read.root("correct horse batterie"), Err(KeyError::WrongRoot)));
    for length in [0, 11, 257] {
        assert!(matches!(read.root(&"x".repeat(length)), Err(KeyError::Passphrase(_))), "{length}");
    }
}

#[test]
fn weak_or_costly_passphrase_parameters_are_refused() {
    let (parameters, _) = PassphraseParameters::create("correct horse battery", &mut crate::rng(1)).unwrap();
    let text = serde_json::to_string(&parameters).unwrap();
    for (from, to) in [
        ("\"memory_kib\":65536", "\"memory_kib\":1024"),
        ("\"memory_kib\":65536", "\"memory_kib\":4000000"),
        ("\"rounds\":3", "\"rounds\":1"),
        ("\"rounds\":3", "\"rounds\":4000"),
        ("\"lanes\":1", "\"lanes\":64"),
    ] {
        assert!(text.contains(from));
        let changed: PassphraseParameters = serde_json::from_str(&text.replace(from, to)).unwrap();
        assert!(matches!(changed.root("correct horse battery"), Err(KeyError::Passphrase(_))), "{to}");
    }
}

#[test]
fn sealed_data_opens_with_the_same_key_and_associated_data_only() {
    let sealer = root(1).sealer(Purpose::Directory);
    let mut rng = crate::rng(1);
    let sealed = sealer.seal(b"plain", b"totp:a", &mut rng).unwrap();
    assert_eq!(sealer.open(&sealed, b"totp:a").unwrap().as_slice(), b"plain");
    assert!(sealer.open(&sealed, b"totp:b").is_err());
    assert!(root(2).sealer(Purpose::Directory).open(&sealed, b"totp:a").is_err());
    assert!(root(1).sealer(Purpose::Journal).open(&sealed, b"totp:a").is_err());
    assert_ne!(sealer.seal(b"plain", b"totp:a", &mut rng).unwrap(), sealed);
    let text = sealer.seal_text(b"", b"", &mut rng).unwrap();
    assert!(sealer.open_text(&text, b"").unwrap().is_empty());
    assert!(sealer.open_text("not base64!", b"").is_err());
    let mut later = sealed;
    later[0] = 2;
    assert!(matches!(sealer.open(&later, b"totp:a"), Err(KeyError::Format { found: 2, known: 1 })));
    assert_eq!(format!("{sealer:?}"), "Sealer");
}

proptest! {
    #[test]
    fn any_altered_or_cut_sealed_data_is_refused(
        plain in proptest::collection::vec(any::<u8>(), 0..100),
        place in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let sealer = Sealer::new(Zeroizing::new([9; 32]));
        let sealed = sealer.seal(&plain, b"a", &mut crate::rng(1)).unwrap();
        let opened = sealer.open(&sealed, b"a").unwrap();
        prop_assert_eq!(opened.as_slice(), &plain[..]);
        let place = place.index(sealed.len());
        prop_assert!(sealer.open(&sealed[..place], b"a").is_err());
        let mut altered = sealed;
        altered[place] ^= 1 << bit;
        prop_assert!(sealer.open(&altered, b"a").is_err());
    }
}
