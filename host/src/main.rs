//! The binary `yizhan`: parses the command line and runs one command.

use clap::Parser;
use std::process::ExitCode;
use yizhan::cli::{self, Cli, rustc_wrapper};

/// Measured faster than the system's for the many short-lived blocks of a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rustc_wrapper::become_rustc().unwrap_or_else(|| cli::run(Cli::parse()))
}
