//! The other way round: an OpenID provider that no one here wrote is the upstream at which a person of the hub signs in.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::step;
use crate::workspace::Workspace;

/// Its name on the command line, and its folder.
pub(super) const NAME: &str = "oidc-provider";

/// Installs the provider and lets a person go there and back. Its program starts provider and hub itself, because each must
/// know where the other is.
pub(super) fn check(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let own = workspace.path("tests/clients").join(NAME);
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&own);
    step::run("install oidc-provider", &mut install)?;
    let room = folder.join(NAME);
    fs::create_dir_all(&room).with_context(|| format!("cannot make {}", room.display()))?;
    eprintln!("── {NAME}");
    let mut start = Command::new("node");
    let said = step::output(start.arg(own.join("flow.mjs")).arg(workspace.binary()).arg(&room))?;
    // The provider says things of its own before.
    let answer = said.lines().last().unwrap_or_default();
    let answer: Value = serde_json::from_str(answer).with_context(|| format!("not an answer: {said}"))?;
    ensure!(answer["signedIn"] == true, "nobody was signed in: {answer}");
    eprintln!("── {NAME}: signed in as the linked account, {}", answer["acr"]);
    Ok(())
}
