//! From an app directory to a package: builds what is to be built, collects the files. Used by `pack`, `run`, `dev` and
//! `doctor`, so that all of them see the same bytes.

use super::{
    build_instructions::{BuildInstructions, BuildStep},
    cargo_build::cargo_build,
    failure::{Exit, Failure},
    terminal::Terminal,
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};
use yizhan_domain::{Finding, Severity};
use yizhan_hub::check;
use yizhan_package::{COMPONENT_PATH, MANIFEST_PATH, Package, collect};

/// What building gave.
#[derive(Debug)]
pub struct Built {
    /// The files of the package by path.
    pub files: BTreeMap<String, Bytes>,
    /// Warnings of the compiler; mostly empty.
    pub warnings: String,
}

impl Built {
    /// The package of these files; a manifest with mistakes and files in the wrong place are refused with findings.
    pub fn into_package(self, dir: &Path) -> Result<Package, Failure> {
        Package::from_files(self.files)
            .map_err(|error| Failure::package("cannot make a package of this folder", dir, &error))
    }
}

/// Builds the app directory and collects its files.
pub fn build(dir: &Path, terminal: Terminal) -> Result<Built, Failure> {
    if !dir.join(MANIFEST_PATH).is_file() {
        return Err(Failure::unreadable("this is no app directory")
            .at(dir.join(MANIFEST_PATH))
            .why("the file is missing")
            .fix("name a folder that holds manifest.json; `yizhan new NAME` makes one"));
    }
    let instructions = BuildInstructions::read(dir)?;
    let (component, warnings) = build_component(dir, &instructions, terminal)?;
    if let Some(step) = &instructions.assets {
        run_step(dir, step, "browser files", terminal)?;
    }
    let unreadable = |error| Failure::package("cannot collect the files of this folder", dir, &error);
    let mut files = collect(dir).map_err(unreadable)?;
    if let Some(bytes) = component {
        files.insert(component_path(&files), bytes);
    }
    if let Some(step) = &instructions.assets {
        files.retain(|path, _| !path.starts_with("public/"));
        collect_folder(&dir.join(&step.output), "public", &mut files)?;
    }
    Ok(Built { files, warnings })
}

/// The check that the hub makes at upload: errors refuse, the other findings are answered.
pub fn checked(files: &BTreeMap<String, Bytes>, dir: &Path, what: &str) -> Result<Vec<Finding>, Failure> {
    let findings = check::check_files(files).findings;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors == 0 {
        return Ok(findings);
    }
    let why = format!("the check found {errors} error{}", if errors == 1 { "" } else { "s" });
    Err(Failure::refused(what).at(dir).why(why).fix("mend the errors above").with(findings))
}

fn build_component(
    dir: &Path,
    instructions: &BuildInstructions,
    terminal: Terminal,
) -> Result<(Option<Bytes>, String), Failure> {
    let (path, warnings) = match &instructions.component {
        Some(step) => {
            run_step(dir, step, "component", terminal)?;
            (dir.join(&step.output), String::new())
        }
        None if dir.join("Cargo.toml").is_file() => cargo_build(dir, terminal)?,
        None => return Ok((None, String::new())),
    };
    let read = |error| Failure::new(Exit::NotBuilt, "cannot read the component that was built").at(&path).why(error);
    Ok((Some(Bytes::from(fs::read(&path).map_err(read)?)), warnings))
}

/// Where the manifest wants the component; mistakes of the manifest are told later, all at once.
fn component_path(files: &BTreeMap<String, Bytes>) -> String {
    let manifest = files.get(MANIFEST_PATH).and_then(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok());
    let path = manifest.as_ref().and_then(|manifest| manifest["gov_component"]["path"].as_str());
    path.unwrap_or(COMPONENT_PATH).to_owned()
}

fn run_step(dir: &Path, step: &BuildStep, makes: &str, terminal: Terminal) -> Result<(), Failure> {
    let Some((program, arguments)) = step.command.split_first() else { return Ok(()) };
    let progress = terminal.progress(&format!("building the {makes}: {}", step.command.join(" ")));
    let output = Command::new(program).args(arguments).current_dir(dir).stdin(Stdio::null()).output();
    progress.finish_and_clear();
    let failed = || Failure::new(Exit::NotBuilt, format!("cannot build the {makes}")).at(dir);
    let output = output.map_err(|error| {
        let fix = format!("install {program}, or change `command` in yizhan.toml");
        failed().why(format!("{program} cannot be started: {error}")).fix(fix)
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned()).concat();
    let why = format!("`{}` ended with {}:\n{said}", step.command.join(" "), output.status);
    Err(failed().why(why).fix("mend what it says; it was started in the app directory"))
}

/// Reads a folder of built files; hidden ones are left out, links refused.
fn collect_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>) -> Result<(), Failure> {
    let unreadable =
        |path: &Path, why: String| Failure::new(Exit::NotBuilt, "cannot collect the browser files").at(path).why(why);
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error.to_string()))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, error.to_string()))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { return Err(unreadable(&path, "its name is not UTF-8".to_owned())) };
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(|error| unreadable(&path, error.to_string()))?;
        let inside = format!("{prefix}/{name}");
        if kind.is_dir() {
            collect_folder(&path, &inside, files)?;
        } else if kind.is_file() {
            files.insert(inside, Bytes::from(fs::read(&path).map_err(|error| unreadable(&path, error.to_string()))?));
        } else {
            return Err(unreadable(&path, "links and special files cannot be packaged".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("tempdir");
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("inside")).expect("creates");
            fs::write(path, text).expect("writes");
        }
        dir
    }

    #[test]
    fn a_folder_without_a_manifest_says_what_to_do() {
        let failure = build(folder(&[]).path(), Terminal::new(false)).expect_err("no app");
        assert_eq!(failure.exit, Exit::Unreadable);
        assert!(failure.fix.contains("yizhan new"));
    }

    #[test]
    fn built_browser_files_take_the_place_of_public() {
        let toml = "[assets]\ncommand = [\"sh\", \"-c\", \"mkdir -p dist/js && echo built > dist/js/app.js && echo x > dist/.hidden\"]\noutput = \"dist\"";
        let dir = folder(&[("manifest.json", "{}"), ("public/old.txt", "old"), ("yizhan.toml", toml)]);
        let built = build(dir.path(), Terminal::new(true)).expect("builds");
        let public: Vec<_> = built.files.keys().filter(|path| path.starts_with("public/")).collect();
        assert_eq!(public, ["public/js/app.js"]);
        assert!(!built.files.contains_key("yizhan.toml"));
    }

    #[test]
    fn a_component_command_gives_the_component_under_the_name_of_the_manifest() {
        let toml = "[component]\ncommand = [\"cp\", \"made\", \"out.bin\"]\noutput = \"out.bin\"";
        let manifest = r#"{"gov_component": {"path": "server.wasm"}}"#;
        let dir = folder(&[("manifest.json", manifest), ("made", "wasm"), ("yizhan.toml", toml)]);
        let built = build(dir.path(), Terminal::new(true)).expect("builds");
        assert_eq!(built.files.get("server.wasm").map(|bytes| &bytes[..]), Some(&b"wasm"[..]));
    }

    #[test]
    fn a_failing_command_shows_what_it_said() {
        let toml = "[assets]\ncommand = [\"sh\", \"-c\", \"echo no network >&2; exit 3\"]\noutput = \"dist\"";
        let dir = folder(&[("manifest.json", "{}"), ("yizhan.toml", toml)]);
        let failure = build(dir.path(), Terminal::new(true)).expect_err("fails");
        assert_eq!(failure.exit, Exit::NotBuilt);
        assert!(failure.why.contains("no network"), "{}", failure.why);
    }
}
