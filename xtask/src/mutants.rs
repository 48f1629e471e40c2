//! `cargo xtask mutants`: changes the access authorization in one place after another and looks whether a test fails. What
//! survives is a check that no test needs.

use crate::workspace::Workspace;
use crate::{cargo_tool, step};

/// The version of the mutation tester.
const CARGO_MUTANTS: &str = "27.1.0";

/// What to change.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// The part of the whole to do, `K/N` with K from 0; `0/8` and its seven siblings are all of it.
    #[arg(long, default_value = "0/1")]
    shard: String,
    /// Only files that this pattern matches, for instance `**/flow/*.rs`; may be repeated.
    #[arg(long)]
    file: Vec<String>,
    /// How many mutants are built at a time.
    #[arg(long, default_value_t = 1)]
    jobs: u8,
}

/// Mutates the crate `yizhan-auth` under its own tests; `target/mutants/K-of-N/mutants.out` then holds the lists of what was caught
/// and what survived. Fails if anything survived.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    let program = cargo_tool::ensure(workspace, "cargo-mutants", CARGO_MUTANTS)?;
    let folder = workspace.target().join("mutants").join(settings.shard.replace('/', "-of-"));
    std::fs::create_dir_all(&folder)?;
    let mut mutants = std::process::Command::new(program);
    mutants.current_dir(workspace.path(".")).args(["mutants", "--package", "yizhan-auth", "--gitignore", "true"]);
    mutants.args(["--cap-lints", "true", "--no-shuffle", "--colors", "never", "--timeout", "180"]);
    mutants.args(["--shard", &settings.shard, "--jobs", &settings.jobs.to_string()]).arg("--output").arg(&folder);
    for pattern in &settings.file {
        mutants.args(["--file", pattern]);
    }
    // Symbols would double the time of each build; a target folder that is set would be shared by all builds at a time.
    mutants.env("CARGO_PROFILE_DEV_DEBUG", "0").env_remove("CARGO_TARGET_DIR");
    step::run(&format!("mutants of the access authorization, part {}", settings.shard), &mut mutants)
}
