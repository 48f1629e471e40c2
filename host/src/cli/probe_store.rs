//! `yizhan probe-store`: the probing child, which the host starts by itself before it opens a database. Hidden; says on
//! standard output how the database in a directory is.

use std::{io, path::PathBuf, process::ExitCode};

/// Looks at a database; for the host alone.
#[derive(Debug, clap::Args)]
pub struct ProbeStoreArgs {
    /// Directory of the database.
    pub directory: PathBuf,
}

/// Runs the command. Nobody reads what it says when the parent has ended.
pub fn run(args: &ProbeStoreArgs) -> ExitCode {
    match yizhan_store::run_probe(&args.directory, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
