//! `cargo xtask soak`: kills a writing process again and again, far more often than the tests do, and looks at what is left.

use crate::workspace::Workspace;
use crate::{guests, step};

/// How long to soak.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// How often each kind of writer is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// How often a whole hub is killed while people use it.
    #[arg(long, default_value_t = 200)]
    hub_rounds: u32,
}

/// Runs the crash tests of the store and of a whole hub with so many rounds.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    let mut soak = workspace.cargo(["test", "--locked", "--workspace", "--test", "crash"]);
    let name = format!("kill the store's writers {} times", settings.rounds);
    step::run(&name, soak.env("YIZHAN_CRASH_ROUNDS", settings.rounds.to_string()))?;
    guests::build(workspace)?;
    step::run("build", &mut workspace.cargo(["build", "--locked", "--workspace", "--all-targets"]))?;
    let mut soak =
        workspace.cargo(["test", "--locked", "--workspace", "--test", "it", "--", "--nocapture", "killed::"]);
    let name = format!("kill a whole hub {} times", settings.hub_rounds);
    soak.env("YIZHAN_GUESTS", workspace.guests());
    step::run(&name, soak.env("YIZHAN_HUB_CRASH_ROUNDS", settings.hub_rounds.to_string()))
}
