//! `cargo xtask`: demo, test, bench, clients, soak, mutants, ci and guests, in Rust. Every command first makes sure of the tools that it needs.

mod bench;
mod cargo_tool;
mod ci;
mod clients;
mod demo;
mod guests;
mod mutants;
mod soak;
mod step;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Builds, shows and checks Yizhan.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything and serve all examples, each on its own origin.
    Demo {
        /// Handed to `yizhan demo`, for instance `-- --addr 127.0.0.1:8081`.
        #[arg(last = true)]
        rest: Vec<String>,
    },
    /// Build everything and run all tests; stops at the first step that fails.
    Test,
    /// What CI runs: format, lints, documentation, licences, then `test`.
    Ci,
    /// Measure one fresh instance per request beside `wasmtime serve` and native axum, and on request the authorization; writes `bench/*.md`.
    Bench(bench::Settings),
    /// Build the test guests, and the examples with their packages.
    Guests,
    /// Let client libraries that no one here wrote sign in at a running hub, over TLS.
    Clients(clients::Settings),
    /// Kill writing processes by the hundred and check that nothing acknowledged is lost.
    Soak(soak::Settings),
    /// Change the access authorization in one place after another and list the changes that no test notices.
    Mutants(mutants::Settings),
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Demo { rest } => demo::run(&workspace, &rest),
        Task::Test => test::run(&workspace),
        Task::Ci => ci::run(&workspace),
        Task::Bench(settings) => bench::run(&workspace, &settings),
        Task::Clients(settings) => clients::run(&workspace, &settings),
        Task::Soak(settings) => soak::run(&workspace, &settings),
        Task::Mutants(settings) => mutants::run(&workspace, &settings),
        Task::Guests => {
            tools::ensure(&[tools::WASM_TARGET, tools::NODE])?;
            guests::build(&workspace)?;
            guests::pack(&workspace).map(drop)
        }
    }
}
