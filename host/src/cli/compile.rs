//! `yizhan compile`: the compiler child, which the host starts by itself. Hidden; reads a component on standard input and
//! writes the compiled code on standard output.

use super::terminal::write_err;
use std::{io, process::ExitCode};

/// Compiles one component; for the host alone.
#[derive(Debug, clap::Args)]
pub struct CompileArgs {
    /// As the sandbox gives them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// Runs the command. The sentence on standard error is for the parent, so it stands alone.
pub fn run(args: &CompileArgs) -> ExitCode {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    match yizhan_sandbox::compile_child(&args.arguments, &mut input, &mut output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            write_err(&sentence);
            ExitCode::FAILURE
        }
    }
}
