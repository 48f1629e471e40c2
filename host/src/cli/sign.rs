//! `yizhan sign`: signs a package, or makes a publisher key.

use super::{
    failure::{Failure, Outcome},
    keys::{read_signing_key, write_new_key},
    pack::write_whole,
    terminal::{Terminal, Tone},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use yizhan_package::{Algorithm, Package};

/// Signs a package in place, or makes a publisher key.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("job").required(true).args(["key", "new_key"])))]
pub struct SignArgs {
    /// Package to sign; its digest stays the same.
    #[arg(value_name = "X.ma", required_unless_present = "new_key", conflicts_with = "new_key")]
    pub package: Option<PathBuf>,
    /// Private key of the publisher (PKCS#8 PEM).
    #[arg(long, value_name = "KEY.pem")]
    pub key: Option<PathBuf>,
    /// Makes a private key here (mode 0600) and the public one beside it in KEY.pub.pem.
    #[arg(long, value_name = "KEY.pem")]
    pub new_key: Option<PathBuf>,
    /// Algorithm of the new key.
    #[arg(long, value_enum, default_value_t = Alg::Es256, requires = "new_key")]
    pub alg: Alg,
}

/// Algorithm of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Alg {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    Ed25519,
}

/// Runs the command.
pub fn run(args: &SignArgs, terminal: Terminal) -> Outcome {
    match (&args.new_key, &args.package, &args.key) {
        (Some(path), ..) => new_key(path, args.alg, terminal),
        (None, Some(package), Some(key)) => sign(package, key, terminal),
        _ => Err(Failure::unreadable("nothing to sign").fix("say `yizhan sign X.ma --key KEY.pem`")),
    }
}

fn new_key(path: &Path, alg: Alg, terminal: Terminal) -> Outcome {
    let algorithm = match alg {
        Alg::Es256 => Algorithm::Es256,
        Alg::Ed25519 => Algorithm::Ed25519,
    };
    let (key, public) = write_new_key(path, algorithm)?;
    let id = key.verifying_key().key_id().to_string();
    let json = serde_json::json!({ "key": path, "public_key": public, "key_id": id, "algorithm": algorithm });
    let text = format!(
        "key id {id}\n{} secret key, keep it to yourself\n{} public key, for the hub that installs your packages\n",
        path.display(),
        public.display()
    );
    terminal.result(json, &text);
    Ok(())
}

fn sign(path: &Path, key: &Path, terminal: Terminal) -> Outcome {
    let what = || format!("cannot sign {}", path.display());
    let key = read_signing_key(key)?;
    let bytes = read_package_bytes(path)?;
    let mut package = Package::read(&bytes).map_err(|error| Failure::package(what(), path, &error))?;
    package.sign(&key).map_err(|error| Failure::package(what(), path, &error))?;
    let bytes = package.write().map_err(|error| Failure::package(what(), path, &error))?;
    write_whole(path, &bytes)?;
    let (id, digest) = (key.verifying_key().key_id().to_string(), package.digest().to_string());
    let json = serde_json::json!({ "path": path, "digest": digest, "key_id": id });
    let done = terminal.paint(Tone::Good, "signed");
    terminal.result(json, &format!("{done} {}\ndigest {digest}\nkey id {id}\n", path.display()));
    Ok(())
}

/// Reads a package file, at most the bytes that a package may have.
pub fn read_package_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let what = || format!("cannot read {}", path.display());
    let failed =
        |error| Failure::unreadable(what()).at(path).why(error).fix("name a .ma file, as `yizhan pack` writes it");
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(yizhan_package::PACKED_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
