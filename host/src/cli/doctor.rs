//! `yizhan doctor`: reads a component, a package or an app directory and says in plain words what it is, what will happen,
//! and what to mend. Packages and components are only read; an app directory is built first, as for `pack`.

#[cfg(test)]
mod tests;
mod text;

use super::{
    build::build,
    failure::{Exit, Failure},
    sign::read_package_bytes,
    terminal::Terminal,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use yizhan_domain::limits::NodeLimits;
use yizhan_hub::check::{Report, check_component, check_files, check_package};
use yizhan_sandbox::inspect::offered::{OFFERED, Offer};

/// Says what an app is, what it needs and what is wrong with it.
///
/// Exit codes: 0 no errors, 1 errors found, 2 something cannot be read, 4 the app directory cannot be built.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Components (.wasm), packages (.ma) or app directories; the current folder when none is given.
    pub paths: Vec<PathBuf>,
    /// Lists every interface that the host offers, and ends.
    #[arg(long)]
    pub imports: bool,
}

/// Runs the command. Paths that cannot be read are told, and the others still checked; the worst result is the exit code.
pub fn run(args: &DoctorArgs, terminal: Terminal) -> ExitCode {
    if args.imports {
        let lines = if terminal.is_json() { format!("{}\n", imports_json()) } else { text::imports() };
        write_out(&lines);
        return ExitCode::SUCCESS;
    }
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let worst = paths.iter().map(|path| examine(path, terminal)).max();
    ExitCode::from(worst.unwrap_or(0))
}

/// Checks one path, prints what was found, and answers the exit code.
fn examine(path: &Path, terminal: Terminal) -> u8 {
    let report = match read(path, terminal) {
        Ok(report) => report,
        Err(failure) => {
            terminal.fail(&failure);
            return failure.exit as u8;
        }
    };
    if terminal.is_json() {
        write_out(&format!("{}\n", report_json(path, &report)));
    } else {
        write_out(&text::report(path, &report, text::Paint::for_stdout(terminal)));
    }
    if report.ok { 0 } else { Exit::Refused as u8 }
}

fn read(path: &Path, terminal: Terminal) -> Result<Report, Failure> {
    if path.is_dir() {
        return Ok(check_files(&build(path, terminal)?.files));
    }
    if path.extension().is_some_and(|extension| extension == "ma") {
        return Ok(check_package(&read_package_bytes(path)?));
    }
    let unreadable = |error| {
        Failure::unreadable(format!("cannot read {}", path.display()))
            .at(path)
            .why(error)
            .fix("name a .wasm component, a .ma package, or a folder with manifest.json")
    };
    // One byte more than allowed is enough to say that it is too large.
    let bytes_max = NodeLimits::default().component_bytes_max + 1;
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(bytes_max).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(if bytes.starts_with(b"PK") { check_package(&bytes) } else { check_component(&bytes) })
}

/// The report with `input`, the path as it was given; one line, so that several paths give JSON Lines.
fn report_json(path: &Path, report: &Report) -> Value {
    let mut json = json!(report);
    if let Some(members) = json.as_object_mut() {
        members.insert("input".to_owned(), json!(path.display().to_string()));
    }
    json
}

fn imports_json() -> Value {
    let row = |offer: &Offer| {
        json!({
            "name": offer.name(), "versions": offer.versions(), "offered_by": offer.provider.as_str(),
            "access": if offer.identity_only { "identity-required" } else { "all" },
            "engine": if offer.p3_only { "p3" } else { "all" },
        })
    };
    json!({ "schema": "yizhan-imports/1", "imports": OFFERED.iter().map(row).collect::<Vec<_>>() })
}

/// Writes to standard output; a closed pipe is nobody's fault.
fn write_out(text: &str) {
    let _closed_pipe = io::stdout().lock().write_all(text.as_bytes());
}
