//! `yizhan completions`: the completion script of a shell.

use super::failure::{Failure, Outcome};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::{self, Write};

/// Prints the completion script of a shell.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Runs the command.
pub fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "yizhan", &mut script);
    io::stdout().lock().write_all(&script).map_err(|error| Failure::unreadable("cannot write the script").why(error))
}
