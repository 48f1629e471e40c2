//! The command line: one binary, one file per command. `main` calls [`run()`]; nothing else does.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod bare_component;
pub mod build;
pub mod build_instructions;
pub mod cargo_build;
pub mod compile;
pub mod completions;
pub mod data_directory;
pub mod demo;
pub mod dev;
pub mod doctor;
pub mod failure;
pub mod finding_text;
pub mod install;
pub mod keys;
pub mod local_app;
pub mod new;
pub mod pack;
pub mod probe_store;
pub mod remove;
pub mod restore;
pub mod run;
pub mod rustc_wrapper;
pub mod serve;
pub mod sign;
pub mod template;
pub mod terminal;
pub mod watch;

use clap::{Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;
use terminal::Terminal;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, nothing to mend
  1  refused: the app has errors, or a rule of the platform says no
  2  wrong usage, or a file that cannot be read or written
  3  the server could not start, or ended with an error
  4  a build command failed or is missing

Results go to standard output (with --json one JSON object with \"ok\"), everything else to standard error. Colour and
progress only on a terminal; NO_COLOR turns them off.";

/// Hub and runtime host for H5 mini-apps: builds, checks, signs, installs and serves them.
#[derive(Debug, Parser)]
#[command(name = "yizhan", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// Prints results and errors as JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a new app from a template.
    New(new::NewArgs),
    /// Serves an app directory, rebuilds it on change, and shows its host calls.
    Dev(dev::DevArgs),
    /// Serves one component, package or app directory; nothing is installed.
    Run(run::RunArgs),
    /// Says what an app is, what it needs and what is wrong with it.
    Doctor(doctor::DoctorArgs),
    /// Builds an app and packs it; the same sources give the same bytes.
    Pack(pack::PackArgs),
    /// Signs a package in place, or makes a publisher key.
    Sign(sign::SignArgs),
    /// Installs a signed package; a running hub uses it from the next request.
    Install(install::InstallArgs),
    /// Removes an installed app.
    Remove(remove::RemoveArgs),
    /// Serves a development store: the portal and the installed apps.
    Demo(demo::DemoArgs),
    /// Serves a production store over https: the hub, the runtime, or both.
    Serve(serve::ServeArgs),
    /// Registers clients, makes the set-up link, lists units; while the hub is stopped.
    Admin(admin::AdminArgs),
    /// Recomputes the audit chain, or lists its newest records.
    Audit(audit::AuditArgs),
    /// Copies what a hub remembers into a new folder, while the hub runs or not.
    Backup(backup::BackupArgs),
    /// Makes a new data directory of a backup.
    Restore(restore::RestoreArgs),
    /// Prints the completion script of a shell.
    Completions(completions::CompletionsArgs),
    /// The compiler child.
    #[command(hide = true)]
    Compile(compile::CompileArgs),
    /// The probing child.
    #[command(hide = true)]
    ProbeStore(probe_store::ProbeStoreArgs),
}

/// Runs one command and answers the exit code.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let terminal = Terminal::new(cli.json);
    let outcome = match cli.command {
        Command::Doctor(args) => return doctor::run(&args, terminal),
        Command::Compile(args) => return compile::run(&args),
        Command::ProbeStore(args) => return probe_store::run(&args),
        Command::New(args) => new::run(&args, terminal),
        Command::Dev(args) => dev::run(args, terminal),
        Command::Run(args) => run::run(args, terminal),
        Command::Pack(args) => pack::run(&args, terminal),
        Command::Sign(args) => sign::run(&args, terminal),
        Command::Install(args) => install::run(&args, terminal),
        Command::Remove(args) => remove::run(&args, terminal),
        Command::Demo(args) => demo::run(args, terminal),
        Command::Serve(args) => serve::run(args, terminal),
        Command::Admin(args) => admin::run(&args, terminal),
        Command::Audit(args) => audit::run(&args, terminal),
        Command::Backup(args) => backup::run(&args, terminal),
        Command::Restore(args) => restore::run(&args, terminal),
        Command::Completions(args) => completions::run(&args),
    };
    outcome.map_or_else(|failure| finish(&failure, terminal), |()| ExitCode::SUCCESS)
}

fn finish(failure: &Failure, terminal: Terminal) -> ExitCode {
    terminal.fail(failure);
    ExitCode::from(failure.exit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_options_of_run_are_read() {
        let line =
            "yizhan run --addr 127.0.0.1:0 --as zhang-wei --grant name,age-over-18 --env A=1 --env B=2 app.wasm --json";
        let cli = Cli::try_parse_from(line.split(' ')).expect("parses");
        let Command::Run(args) = cli.command else { panic!("run") };
        assert!(cli.json);
        assert_eq!(args.local.grant.len(), 2);
        assert_eq!(args.env.len(), 2);
    }

    #[test]
    fn wrong_usage_is_refused() {
        for line in [
            "yizhan",
            "yizhan run",
            "yizhan run --grant name app.wasm",
            "yizhan run --as p --grant salary app.wasm",
            "yizhan run --addr 0.0.0.0:80 app.wasm",
            "yizhan sign x.ma",
            "yizhan sign x.ma --new-key k.pem",
            "yizhan install x.ma",
            "yizhan new",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
