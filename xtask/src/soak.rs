//! `cargo xtask soak`: kills a writing process again and again, far more often than the tests do, and looks at what is left.

use crate::step;
use crate::workspace::Workspace;

/// How long to soak.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// How often each kind of writer is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
}

/// Runs the crash test of the store with so many rounds.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    let mut soak = workspace.cargo(["test", "--locked", "--workspace", "--test", "crash"]);
    let name = format!("kill the store's writers {} times", settings.rounds);
    step::run(&name, soak.env("YIZHAN_CRASH_ROUNDS", settings.rounds.to_string()))
}
