//! Programs of crates.io that a task runs: built in a pinned version into the target folder, once.

use std::path::PathBuf;
use std::process::Command;

use crate::step;
use crate::workspace::Workspace;

/// The path of the program `name` in this very version; it is installed unless it is there.
pub(crate) fn ensure(workspace: &Workspace, name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let tools = workspace.target().join("tools");
    let program = tools.join("bin").join(name);
    let asked = name.strip_prefix("cargo-").unwrap_or(name);
    let installed = step::output(Command::new(&program).args([asked, "--version"])).unwrap_or_default();
    if installed.trim().ends_with(&format!(" {version}")) {
        return Ok(program);
    }
    let mut install = workspace.cargo(["install", name, "--locked", "--debug", "--version", version]);
    install.arg("--root").arg(&tools).env("CARGO_TARGET_DIR", tools.join("build"));
    step::run(&format!("install {name}"), &mut install)?;
    Ok(program)
}
