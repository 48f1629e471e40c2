//! What `run` and `dev` serve: a component, a package or an app directory, brought into the form of a package without asking
//! for a signature.

use super::{
    bare_component,
    build::{build, checked},
    failure::{Exit, Failure},
    sign::read_package_bytes,
    terminal::Terminal,
};
use std::{fs, io::Read, path::Path};
use yizhan_domain::{Claim, Slug};
use yizhan_package::Package;

/// An app that the person at this machine starts.
#[derive(Debug)]
pub struct LocalApp {
    /// The app.
    pub package: Package,
    /// First label of its origin.
    pub slug: Slug,
    /// What to tell the person once the app is served.
    pub warnings: Vec<String>,
}

/// Opens a `.wasm` component, a `.ma` package or an app directory; `claims` are those that a bare component may ask for.
pub fn open(path: &Path, claims: Option<&[Claim]>, terminal: Terminal) -> Result<LocalApp, Failure> {
    if path.is_dir() {
        return open_directory(path, terminal);
    }
    match first_bytes(path)? {
        [0, b'a', b's', b'm'] => open_component(path, claims),
        [b'P', b'K', ..] => open_package(path, terminal),
        _ => Err(Failure::unreadable(cannot_run(path))
            .at(path)
            .why("it is neither a WebAssembly component nor a package")
            .fix("name a .wasm component, a .ma package, or a folder with manifest.json")),
    }
}

/// Builds and checks an app directory; errors of the check refuse.
pub fn open_directory(dir: &Path, terminal: Terminal) -> Result<LocalApp, Failure> {
    let built = build(dir, terminal)?;
    let findings = checked(&built.files, dir, &cannot_run(dir))?;
    let mut warnings = Vec::new();
    if !built.warnings.trim().is_empty() {
        warnings.push(built.warnings.trim_end().to_owned());
    }
    if !findings.is_empty() {
        warnings.push(terminal.findings(&findings).trim_end().to_owned());
    }
    let package = built.into_package(dir)?;
    let slug = slug_of(&package, dir)?;
    Ok(LocalApp { package, slug, warnings })
}

/// Opens and checks a package; errors of the check refuse, as they would at a hub.
fn open_package(path: &Path, terminal: Terminal) -> Result<LocalApp, Failure> {
    let bytes = read_package_bytes(path)?;
    let package = Package::read(&bytes).map_err(|error| Failure::package(cannot_run(path), path, &error))?;
    let trust = match package.signature() {
        None => "unsigned: local trust only; a hub installs signed packages (`yizhan sign`)",
        Some(_) => "the signature is not checked here: local trust only",
    };
    let files = package.files().map(|(name, content)| (name.to_owned(), content.clone())).collect();
    let findings = checked(&files, path, &cannot_run(path))?;
    let mut warnings = vec![format!("warning: {}: {trust}", path.display())];
    if !findings.is_empty() {
        warnings.push(terminal.findings(&findings).trim_end().to_owned());
    }
    let slug = slug_of(&package, path)?;
    Ok(LocalApp { package, slug, warnings })
}

fn open_component(path: &Path, claims: Option<&[Claim]>) -> Result<LocalApp, Failure> {
    let wasm = fs::read(path).map_err(|error| Failure::unreadable(cannot_run(path)).at(path).why(error))?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let slug = bare_component::slug(&stem).map_err(|error| Failure::refused(cannot_run(path)).at(path).why(error))?;
    let package = bare_component::package(&slug, wasm, claims)
        .map_err(|error| Failure::package(cannot_run(path), path, &error))?;
    let warning = format!("warning: {}: a bare component, unsigned: local trust only", path.display());
    Ok(LocalApp { package, slug, warnings: vec![warning] })
}

fn slug_of(package: &Package, path: &Path) -> Result<Slug, Failure> {
    let app_id = &package.manifest().app_id;
    app_id.default_slug().map_err(|error| {
        let why = format!("the last label of {app_id} becomes the origin: it {error}");
        Failure::refused(cannot_run(path)).at(path).why(why).fix("change the last label of app_id in manifest.json")
    })
}

fn first_bytes(path: &Path) -> Result<[u8; 4], Failure> {
    let mut bytes = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| file.read(&mut bytes));
    let fix = "name a .wasm component, a .ma package, or a folder with manifest.json";
    read.map_err(|error| Failure::new(Exit::Unreadable, cannot_run(path)).at(path).why(error).fix(fix))?;
    Ok(bytes)
}

fn cannot_run(path: &Path) -> String {
    format!("cannot run {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_else_is_refused_with_what_is_allowed() {
        let dir = tempfile::tempdir().expect("tempdir");
        let text = dir.path().join("a.txt");
        fs::write(&text, "hello").expect("writes");
        for path in [text, dir.path().join("missing.wasm")] {
            let failure = open(&path, None, Terminal::new(true)).expect_err("no app");
            assert_eq!(failure.exit, Exit::Unreadable);
            assert!(failure.fix.contains(".ma package"), "{failure:?}");
        }
    }
}
