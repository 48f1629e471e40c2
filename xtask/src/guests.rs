//! Builds everything that runs inside the sandbox: the test guests, the examples and their front ends, the examples' packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::step;
use crate::workspace::Workspace;

/// How a workspace of guests is built.
pub(crate) const RELEASE: [&str; 5] = ["build", "--release", "--locked", "--target", "wasm32-wasip2"];

/// Builds the test guests.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    step::run("build the test guests", &mut workspace.guest_cargo("tests/guests", RELEASE))
}

/// Builds the product's binary in the dev profile, and with it every example into `guests/packages/NAME.ma`; their paths, by
/// name. `yizhan pack` builds component and front end as it does for every author.
pub(crate) fn pack(workspace: &Workspace) -> anyhow::Result<Vec<PathBuf>> {
    step::run("build yizhan", &mut workspace.cargo(["build", "--locked", "--package", "yizhan"]))?;
    let folder = workspace.guests().join("packages");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut packages = Vec::new();
    for app in workspace.examples()? {
        install_front_end(&app)?;
        let name = app.file_name().context("an example has no name")?.to_string_lossy().into_owned();
        let package = folder.join(format!("{name}.ma"));
        let mut command = Command::new(workspace.binary());
        command.arg("pack").arg(&app).arg("--output").arg(&package).env("CARGO_TARGET_DIR", workspace.guests());
        step::run(&format!("pack {name}"), &mut command)?;
        packages.push(package);
    }
    Ok(packages)
}

/// `npm install` where a front end has a lock file, unless what is installed is newer than that file. Not `npm ci`: it refuses
/// a lock file that leaves out the optional packages of other platforms, as npm itself writes it.
fn install_front_end(app: &Path) -> anyhow::Result<()> {
    let lock = app.join("package-lock.json");
    let Ok(locked) = fs::metadata(&lock).and_then(|file| file.modified()) else { return Ok(()) };
    let installed = fs::metadata(app.join("node_modules/.package-lock.json")).and_then(|file| file.modified());
    if installed.is_ok_and(|installed| installed >= locked) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(app);
    step::run(&format!("install the front end of {}", app.display()), &mut npm)
}
