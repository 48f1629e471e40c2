//! The parts that need no HTTP: starts `flow-bench` on a folder of its own and takes its part of the report.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::Settings;
use crate::workspace::Workspace;

/// Measures `consents` or `grants`.
pub(super) fn run(workspace: &Workspace, settings: &Settings, what: &str) -> anyhow::Result<String> {
    let mut command = Command::new(workspace.release_binary("flow-bench"));
    command.arg("--folder").arg(workspace.target().join("bench/flow")).arg("--rounds").arg(settings.rounds.to_string());
    command.arg(what);
    if what == "grants" {
        command.arg("--sizes").arg(&settings.sizes).arg("--backend").arg(&settings.backend);
    }
    eprintln!("\n▶ measure {what}");
    let child = command.stderr(Stdio::inherit()).stdout(Stdio::piped()).spawn();
    let output = child.context("cannot start flow-bench: build it, or leave --built out")?.wait_with_output()?;
    ensure!(output.status.success(), "flow-bench ended with {}", output.status);
    String::from_utf8(output.stdout).context("flow-bench printed something that is not UTF-8")
}
