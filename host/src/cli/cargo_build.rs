//! Builds the component of an app directory with cargo, so that the same sources give the same bytes wherever they lie.
//! Called by `build`.

use super::{
    failure::{Exit, Failure},
    rustc_wrapper,
    terminal::Terminal,
};
use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const TARGET: &str = "wasm32-wasip2";

/// Builds in release mode and answers the component's file. Diagnostics of a failed build are in the failure; warnings of
/// a good one are answered as text.
pub fn cargo_build(dir: &Path, terminal: Terminal) -> Result<(PathBuf, String), Failure> {
    let failed = || Failure::new(Exit::NotBuilt, "cannot build the component").at(dir);
    let mut child = command(dir, terminal).spawn().map_err(|error| {
        failed().why(format!("cargo cannot be started: {error}")).fix("install Rust: https://rustup.rs")
    })?;
    let diagnostics = collect_diagnostics(&mut child);
    let artefact = follow(&mut child, dir, terminal);
    let diagnostics = diagnostics.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let status = child.wait().map_err(|error| failed().why(error))?;
    if !status.success() {
        return Err(explain(failed(), &diagnostics));
    }
    match artefact {
        Some(path) => Ok((path, diagnostics)),
        None => Err(failed()
            .why("cargo built no .wasm file from the package of this folder")
            .fix("set crate-type = [\"cdylib\"] under [lib] in Cargo.toml, as `yizhan new` does")),
    }
}

fn command(dir: &Path, terminal: Terminal) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .current_dir(dir)
        .args(["build", "--quiet", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"])
        .args(["--color", if terminal.is_colourful() { "always" } else { "never" }])
        .args(["--config", &format!("target.{TARGET}.rustflags={}", toml_list(&remapped_homes()))])
        // They would replace the flags above, and with them the promise of same bytes.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_RUSTFLAGS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(wrapper) = wrapper() {
        command.env("RUSTC_WRAPPER", wrapper).env(rustc_wrapper::ASKED, "1");
    }
    command
}

/// Flags that keep the homes of cargo and rustup out of the component. They are the same for every app, so that apps which
/// share a target folder share what they depend on; the rest is the wrapper's.
fn remapped_homes() -> Vec<String> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let place = |variable: &str, folder: &str| {
        std::env::var_os(variable).map(PathBuf::from).or_else(|| home.as_ref().map(|home| home.join(folder)))
    };
    [(place("RUSTUP_HOME", ".rustup"), "/rustup"), (place("CARGO_HOME", ".cargo"), "/cargo")]
        .into_iter()
        .filter_map(|(path, name)| Some(format!("--remap-path-prefix={}={name}", path?.display())))
        .collect()
}

/// This program as the wrapper of rustc; none when it runs inside another one (a test).
fn wrapper() -> Option<PathBuf> {
    std::env::current_exe().ok().filter(|path| path.file_stem().is_some_and(|stem| stem == "yizhan"))
}

fn toml_list(flags: &[String]) -> String {
    toml::Value::Array(flags.iter().cloned().map(toml::Value::String).collect()).to_string()
}

fn collect_diagnostics(child: &mut Child) -> Option<std::thread::JoinHandle<String>> {
    let mut stderr = child.stderr.take()?;
    Some(std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken pipe only shortens the diagnostics.
        let _read = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }))
}

/// Reads cargo's messages until it closes them; shows what was compiled, answers the component of this folder's package.
fn follow(child: &mut Child, dir: &Path, terminal: Terminal) -> Option<PathBuf> {
    let progress = terminal.progress("building the component");
    let manifest = dir.join("Cargo.toml").canonicalize().ok()?;
    let mut artefact = None;
    let mut units = 0_u32;
    for line in BufReader::new(child.stdout.take()?).lines().map_while(Result::ok) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        units += 1;
        let name = message["target"]["name"].as_str().unwrap_or_default();
        progress.set_message(format!("building the component: {name} ({units})"));
        let own = message["manifest_path"].as_str().and_then(|path| Path::new(path).canonicalize().ok());
        if own.as_ref() == Some(&manifest) {
            artefact = wasm_file(&message).or(artefact);
        }
    }
    progress.finish_and_clear();
    artefact
}

fn wasm_file(message: &serde_json::Value) -> Option<PathBuf> {
    let files = message["filenames"].as_array()?;
    let wasm = files.iter().filter_map(|file| file.as_str()).find(|file| file.ends_with(".wasm"))?;
    Some(PathBuf::from(wasm))
}

fn explain(failure: Failure, diagnostics: &str) -> Failure {
    let fix =
        if diagnostics.contains("target may not be installed") || diagnostics.contains("can't find crate for `core`") {
            format!("install the target: rustup target add {TARGET}")
        } else {
            "mend what the compiler says".to_owned()
        };
    failure.why(format!("cargo said:\n{}", diagnostics.trim_end())).fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_do_not_name_the_app() {
        for flag in remapped_homes() {
            assert!(flag.ends_with("=/cargo") || flag.ends_with("=/rustup"), "{flag}");
        }
    }

    #[test]
    fn a_missing_target_is_explained() {
        let failure = explain(Failure::refused("x"), "error[E0463]: can't find crate for `core`");
        assert!(failure.fix.contains("rustup target add wasm32-wasip2"));
    }
}
