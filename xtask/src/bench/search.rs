//! The catalog's search: starts `search-bench` on a folder of its own and takes its part of the report.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use super::Settings;
use crate::workspace::Workspace;

/// Measures the catalog and SQLite FTS5 on the same items and queries.
pub(super) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<String> {
    let mut command = Command::new(workspace.release_binary("search-bench"));
    command.arg("--folder").arg(workspace.target().join("bench/search"));
    command.arg("--rounds").arg(settings.rounds.to_string()).arg("--items").arg(settings.items.to_string());
    eprintln!("\n▶ measure search");
    let child = command.stderr(Stdio::inherit()).stdout(Stdio::piped()).spawn();
    let output = child.context("cannot start search-bench: build it, or leave --built out")?.wait_with_output()?;
    ensure!(output.status.success(), "search-bench ended with {}", output.status);
    String::from_utf8(output.stdout).context("search-bench printed something that is not UTF-8")
}
