//! Stands between cargo and rustc while a component is built (`RUSTC_WRAPPER`), and takes out what depends on where the
//! sources lie: cargo hashes the absolute path of path dependencies into symbol names, and paths end up in panic messages.
//! `main` calls it before the command line is read; `cargo_build` asks for it.

use sha2::{Digest, Sha256};
use std::{
    env,
    ffi::{OsStr, OsString},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Set by `cargo_build` for the rustc processes that it starts.
pub const ASKED: &str = "YIZHAN_RUSTC_WRAPPER";

/// What cargo says about the crate that is compiled.
#[derive(Debug, Default)]
struct Crate {
    name: String,
    version: String,
    folder: Option<PathBuf>,
    out: Option<PathBuf>,
}

/// Becomes rustc if this process was started as its wrapper; `None` means it was not.
#[must_use]
pub fn become_rustc() -> Option<ExitCode> {
    env::var_os(ASKED)?;
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next()?;
    let text = |name| env::var(name).unwrap_or_default();
    let this = Crate {
        name: text("CARGO_PKG_NAME"),
        version: text("CARGO_PKG_VERSION"),
        folder: env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        out: env::var_os("OUT_DIR").map(PathBuf::from),
    };
    let arguments = rewritten(arguments.collect(), &this, env::current_dir().ok().as_deref());
    let error = Command::new(&rustc).args(arguments).exec();
    super::terminal::write_err(&format!("cannot start {}: {error}\n", rustc.display()));
    Some(ExitCode::FAILURE)
}

/// The arguments with names instead of places. Questions without a crate (`rustc -vV`) pass unchanged.
fn rewritten(mut arguments: Vec<OsString>, this: &Crate, cwd: Option<&Path>) -> Vec<OsString> {
    let Some(folder) = &this.folder else { return arguments };
    if !is_of_registry(folder) {
        let metadata = metadata_of(&arguments, this);
        for argument in &mut arguments {
            if argument.to_str().is_some_and(|text| text.starts_with("metadata=")) {
                *argument = OsString::from(format!("metadata={metadata}"));
            }
        }
    }
    // rustc takes the last prefix that fits: the most exact comes last.
    let home = format!("/crates/{}-{}", this.name, this.version);
    let places = [(cwd, "/workspace"), (Some(folder.as_path()), home.as_str()), (this.out.as_deref(), "/out")];
    for (place, name) in places.into_iter().filter_map(|(place, name)| Some((place?, name))) {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(place);
        flag.push("=");
        flag.push(name);
        arguments.push(flag);
    }
    arguments
}

/// Whether cargo unpacked the crate itself; then its hash does not depend on the place.
fn is_of_registry(folder: &Path) -> bool {
    let parts: Vec<&OsStr> = folder.iter().collect();
    let holds = |pair: [&str; 2]| parts.windows(2).any(|two| two[0] == pair[0] && two[1] == pair[1]);
    holds(["registry", "src"]) || holds(["git", "checkouts"])
}

/// What tells this crate from every other one in the same component, wherever it lies: name, version, kind, features, target.
fn metadata_of(arguments: &[OsString], this: &Crate) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{} {}\n", this.name, this.version));
    for pair in arguments.windows(2) {
        let told =
            ["--crate-name", "--crate-type", "--cfg", "--target", "--edition"].iter().any(|flag| pair[0] == *flag);
        if told || pair[1].to_str().is_some_and(|value| value.starts_with("panic=") || value.starts_with("opt-level="))
        {
            hash.update(pair[0].as_encoded_bytes());
            hash.update(b" ");
            hash.update(pair[1].as_encoded_bytes());
            hash.update(b"\n");
        }
    }
    if arguments.iter().any(|argument| argument == "--test") {
        hash.update(b"--test\n");
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(folder: &str) -> Crate {
        let out = Some(PathBuf::from("/tmp/target/out"));
        Crate { name: "sdk".into(), version: "0.1.0".into(), folder: Some(PathBuf::from(folder)), out }
    }

    fn line(folder: &str, text: &str) -> Vec<String> {
        let arguments = text.split(' ').map(OsString::from).collect();
        let rewritten = rewritten(arguments, &of(folder), Some(Path::new("/home/me")));
        rewritten.into_iter().map(|argument| argument.into_string().expect("text")).collect()
    }

    #[test]
    fn the_same_crate_in_two_places_gets_the_same_name() {
        let one = line("/home/me/sdk", "--crate-name sdk --cfg feature=\"a\" -C metadata=1111 -C extra-filename=-1111");
        let two =
            line("/srv/other/sdk", "--crate-name sdk --cfg feature=\"a\" -C metadata=2222 -C extra-filename=-2222");
        assert_eq!(one[5], two[5]);
        assert_ne!(one[5], "metadata=1111");
        assert_eq!(one[7], "extra-filename=-1111", "file names in the target folder stay cargo's");
        let features = line("/home/me/sdk", "--crate-name sdk --cfg feature=\"b\" -C metadata=1111");
        assert_ne!(one[5], features[5]);
    }

    #[test]
    fn places_become_names_and_the_most_exact_comes_last() {
        let flags = line("/home/me/sdk", "--crate-name sdk");
        let expected = [
            "--remap-path-prefix=/home/me=/workspace",
            "--remap-path-prefix=/home/me/sdk=/crates/sdk-0.1.0",
            "--remap-path-prefix=/tmp/target/out=/out",
        ];
        assert_eq!(flags[2..], expected);
    }

    #[test]
    fn crates_of_a_registry_keep_cargos_hash() {
        let flags = line("/home/me/.cargo/registry/src/index-1/serde-1.0.0", "--crate-name serde -C metadata=1111");
        assert_eq!(flags[3], "metadata=1111");
    }

    #[test]
    fn questions_without_a_crate_pass_unchanged() {
        let asked = vec![OsString::from("-vV")];
        assert_eq!(rewritten(asked.clone(), &Crate::default(), None), asked);
    }
}
