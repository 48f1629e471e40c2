//! One step of a task: a command that must succeed, announced before and timed after.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

/// Runs the command and waits. Fails with the step's name and the command line when it does not exit with 0.
pub(crate) fn run(name: &str, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("── {name}");
    let started = Instant::now();
    let line = line(command);
    let status = command.status().with_context(|| format!("step \"{name}\": cannot start `{line}`"))?;
    if !status.success() {
        bail!("step \"{name}\" failed after {} s ({status}): {line}", started.elapsed().as_secs());
    }
    eprintln!("── {name}: done in {} s", started.elapsed().as_secs());
    Ok(())
}

/// What the command prints on standard output. Fails like [`run`].
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// Whether the command starts and exits with 0; it prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
