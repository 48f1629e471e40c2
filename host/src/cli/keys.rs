//! Publisher keys in files: PKCS#8 (mode 0600) and SPKI, both PEM. Used by `sign`, `pack`, `install` and `demo`.

use super::failure::{Exit, Failure};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use yizhan_package::{Algorithm, SigningKey, VerifyingKey};

/// Reads a secret key.
pub fn read_signing_key(path: &Path) -> Result<SigningKey, Failure> {
    let what = "cannot read the signing key";
    let pem = read(path, what)?;
    SigningKey::from_pem(&pem).map_err(|error| {
        let fix = "a private key in PKCS#8 PEM is needed; `yizhan sign --new-key KEY.pem` makes one";
        Failure::unreadable(what).at(path).why(error).fix(fix)
    })
}

/// Reads a public key.
pub fn read_verifying_key(path: &Path) -> Result<VerifyingKey, Failure> {
    let what = "cannot read the publisher's key";
    let pem = read(path, what)?;
    VerifyingKey::from_pem(&pem).map_err(|error| {
        let fix = "the public key in PEM is needed; `yizhan sign --new-key KEY.pem` writes it to KEY.pub.pem";
        Failure::unreadable(what).at(path).why(error).fix(fix)
    })
}

/// Makes a key pair: the secret key at `path`, the public one beside it. Neither replaces a file.
pub fn write_new_key(path: &Path, algorithm: Algorithm) -> Result<(SigningKey, PathBuf), Failure> {
    let what = "cannot make a key";
    let bad = |error: &dyn std::fmt::Display| Failure::new(Exit::Unreadable, what).at(path).why(error);
    let key = SigningKey::generate(algorithm).map_err(|error| bad(&error))?;
    let public_path = public_path(path);
    let public = key.verifying_key().to_pem().map_err(|error| bad(&error))?;
    write_new(&public_path, public.as_bytes(), 0o644, what)?;
    let secret = key.to_pem().map_err(|error| bad(&error))?;
    if let Err(failure) = write_new(path, secret.as_bytes(), 0o600, what) {
        let _leftover = fs::remove_file(&public_path);
        return Err(failure);
    }
    Ok((key, public_path))
}

/// Where the public half of a key lies: `KEY.pub.pem` for `KEY.pem`.
pub fn public_path(path: &Path) -> PathBuf {
    match path.extension() {
        Some(extension) if extension == "pem" => path.with_extension("pub.pem"),
        _ => path.with_added_extension("pub.pem"),
    }
}

fn read(path: &Path, what: &str) -> Result<String, Failure> {
    fs::read_to_string(path)
        .map_err(|error| Failure::unreadable(what).at(path).why(error).fix("name a PEM file that you may read"))
}

fn write_new(path: &Path, bytes: &[u8], mode: u32, what: &str) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    opened.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all())).map_err(|error| {
        let fix = match error.kind() {
            ErrorKind::AlreadyExists => "choose another name; keys are never overwritten",
            _ => "see that the folder exists and is yours",
        };
        Failure::unreadable(what).at(path).why(error).fix(fix)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_key_is_the_owners_alone_and_never_overwrites() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("unit.pem");
        for algorithm in [Algorithm::Es256, Algorithm::Ed25519] {
            let path = dir.path().join(format!("{algorithm}.pem"));
            let (key, public) = write_new_key(&path, algorithm).expect("makes");
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
            assert_eq!(read_signing_key(&path).expect("reads").verifying_key(), key.verifying_key());
            assert_eq!(read_verifying_key(&public).expect("reads"), key.verifying_key());
        }
        fs::write(&path, "mine").expect("writes");
        assert!(write_new_key(&path, Algorithm::Es256).is_err());
        assert_eq!(fs::read_to_string(&path).expect("reads"), "mine");
        assert!(!public_path(&path).exists(), "no half of a pair stays");
    }

    #[test]
    fn a_public_key_is_no_signing_key() {
        let dir = tempfile::tempdir().expect("tempdir");
        let (_, public) = write_new_key(&dir.path().join("k.pem"), Algorithm::Ed25519).expect("makes");
        assert_eq!(read_signing_key(&public).expect_err("public").exit, Exit::Unreadable);
        assert_eq!(public_path(Path::new("k")), Path::new("k.pub.pem"));
    }
}
