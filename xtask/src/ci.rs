//! `cargo xtask ci`: what must hold before a change lands, cheapest first.

use std::process::Command;

use crate::workspace::Workspace;
use crate::{cargo_tool, step, test, tools};

/// The version of the licence and source check.
const CARGO_DENY: &str = "0.20.2";

/// A workspace of guests uses fewer licences than the whole product; only there that is no warning.
const UNUSED_ALLOWED: [&str; 4] =
    ["--allow", "license-not-encountered", "--allow", "license-exception-not-encountered"];

/// The folders with a workspace of guests.
const GUESTS: [&str; 2] = ["examples", "tests/guests"];

/// Format, lints, documentation, licences and sources, then all tests.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    tools::ensure(&[tools::WASM_TARGET, tools::LINTERS])?;
    format(workspace)?;
    lint(workspace)?;
    document(workspace)?;
    check_licences(workspace)?;
    test::run(workspace)
}

fn format(workspace: &Workspace) -> anyhow::Result<()> {
    step::run("format of the workspace", &mut workspace.cargo(["fmt", "--all", "--check"]))?;
    for folder in GUESTS {
        step::run(&format!("format of {folder}"), &mut workspace.guest_cargo(folder, ["fmt", "--all", "--check"]))?;
    }
    Ok(())
}

fn lint(workspace: &Workspace) -> anyhow::Result<()> {
    let mut clippy = workspace.cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    step::run("lints of the workspace", &mut clippy)?;
    for folder in GUESTS {
        let wasm = ["clippy", "--release", "--locked", "--target", "wasm32-wasip2", "--", "-D", "warnings"];
        step::run(&format!("lints of {folder}"), &mut workspace.guest_cargo(folder, wasm))?;
    }
    Ok(())
}

fn document(workspace: &Workspace) -> anyhow::Result<()> {
    let mut doc = workspace.cargo(["doc", "--locked", "--workspace", "--no-deps"]);
    step::run("documentation", doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// cargo-deny is installed into the target folder unless it is there in this version.
fn check_licences(workspace: &Workspace) -> anyhow::Result<()> {
    let deny = cargo_tool::ensure(workspace, "cargo-deny", CARGO_DENY)?;
    for folder in [".", "examples", "tests/guests"] {
        let mut check = Command::new(&deny);
        check.arg("--locked").arg("--config").arg(workspace.path("deny.toml"));
        check.arg("check").args(if folder == "." { &[][..] } else { &UNUSED_ALLOWED[..] });
        check.args(["licenses", "bans", "sources"]).current_dir(workspace.path(folder));
        step::run(&format!("licences, bans and sources of {folder}"), &mut check)?;
    }
    Ok(())
}
