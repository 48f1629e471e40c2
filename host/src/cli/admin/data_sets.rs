//! Import and export of units, items, places and holidays, while the hub runs or not.

use super::{ExportArgs, ImportArgs, SetName};
use crate::cli::{
    data_directory,
    failure::{Failure, Outcome},
    terminal::{Terminal, Tone},
};
use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};
use yizhan_domain::Finding;
use yizhan_hub::{Shelf, control};
use yizhan_support::{
    DataFolder, DataSet, SupportError,
    data_set::{FILE_BYTES_MAX, Format, ImportRequest, Problem, Report, export, import},
};

const SHAPE: &str = "docs/how-to/import-and-export.md shows the columns";

/// `import`.
pub(super) fn import_file(args: &ImportArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot import {}", args.file.display());
    open(&args.data, &what)?;
    let format = args.format.map_or_else(|| format_of(&args.file, &what), |format| Ok(format.into()))?;
    let bytes = read(&args.file, &what)?;
    let (context, folder) = (data_directory::context()?, DataFolder::of(&args.data));
    let request = ImportRequest { set: args.set.into(), format, bytes: &bytes, dry_run: args.dry_run };
    let progress = terminal.progress(if args.dry_run { "checking" } else { "checking and importing" });
    let report = import(&context, &folder, &request).map_err(|error| failed(&what, &args.data, &error))?;
    progress.finish_and_clear();
    if !report.is_sound() {
        return Err(refused(&what, &args.file, &report));
    }
    let told = if report.written { tell(args, terminal, &what)? } else { "nothing was changed" };
    let done = terminal.paint(Tone::Good, if report.written { "imported" } else { "sound" });
    let Report { rows, added, changed, same, removed, .. } = &report;
    let text = format!(
        "{done} {rows} rows of {}: {added} new, {changed} changed, {same} as before, {removed} gone\n{told}\n",
        report.set
    );
    let mut json = serde_json::to_value(&report).unwrap_or_default();
    json["hub"] = told.into();
    terminal.result(json, &text);
    Ok(())
}

/// `export`.
pub(super) fn export_file(args: &ExportArgs, terminal: Terminal) -> Outcome {
    let what = format!("cannot export {}", DataSet::from(args.set).name());
    open(&args.data, &what)?;
    let (context, folder) = (data_directory::context()?, DataFolder::of(&args.data));
    let format = match (args.format, &args.to) {
        (Some(format), _) => format.into(),
        (None, Some(file)) => format_of(file, &what)?,
        (None, None) => Format::Csv,
    };
    let text = export(&context, &folder, args.set.into(), format).map_err(|error| failed(&what, &args.data, &error))?;
    let Some(file) = &args.to else {
        terminal.result(serde_json::json!({ "file": text }), &text);
        return Ok(());
    };
    fs::write(file, &text)
        .map_err(|error| Failure::unreadable(&what).at(file).why(error).fix("name a file that you may write"))?;
    let done = terminal.paint(Tone::Good, "exported");
    let json = serde_json::json!({ "to": file, "bytes": text.len() });
    terminal.result(json, &format!("{done} {} ({} bytes)\n", file.display(), text.len()));
    Ok(())
}

/// Refuses a folder that is no data directory.
fn open(dir: &Path, what: &str) -> Result<(), Failure> {
    Shelf::open(dir).map(drop).map_err(|error| Failure::hub(what, dir, error))
}

/// Tells the hub that runs there, if one does, and waits until it has read everything again.
fn tell(args: &ImportArgs, terminal: Terminal, what: &str) -> Result<&'static str, Failure> {
    let progress = terminal.progress("the hub takes it over");
    let told = control::notify_data_sets(&args.data);
    progress.finish_and_clear();
    match told {
        Ok(control::Notified::Reloaded) => Ok("the running hub has taken it over"),
        Ok(control::Notified::NotRunning) => Ok("no hub is running there"),
        Err(error) => {
            Err(Failure::hub(what, &args.data, error)
                .fix("the data are imported; restart the hub that serves this folder"))
        }
    }
}

fn format_of(file: &Path, what: &str) -> Result<Format, Failure> {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Format::Csv),
        Some("json") => Ok(Format::Json),
        _ => {
            let why = "its name ends neither with .csv nor with .json";
            Err(Failure::unreadable(what).at(file).why(why).fix("say --format csv or --format json"))
        }
    }
}

/// At most one byte more than is allowed: the import says that it is too large.
fn read(file: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> =
        File::open(file).and_then(|open| open.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::unreadable(what).at(file).why(error).fix("name a file that you may read"))?;
    Ok(bytes)
}

fn refused(what: &str, file: &Path, report: &Report) -> Failure {
    let count = report.problems.len() + report.problems_left_off;
    let finding = |problem: &Problem| {
        let place = match (problem.line, problem.column) {
            (0, _) => String::new(),
            (line, "") => format!("line {line}"),
            (line, column) => format!("line {line}, {column}"),
        };
        let why = format!("found {}; allowed is {}", problem.found, problem.allowed);
        Finding::error("import.row", &file.display().to_string()).at(place).why(why).fix(problem.fix.as_str())
    };
    let findings = if count == 1 { "finding" } else { "findings" };
    let more = match report.problems_left_off {
        0 => String::new(),
        more => format!(", of which {more} are not listed"),
    };
    Failure::refused(what)
        .at(file)
        .why(format!("{count} {findings} in {} rows{more}; nothing was imported", report.rows))
        .fix(format!("mend them and import the file again; {SHAPE}"))
        .with(report.problems.iter().map(finding).collect())
}

/// What the folder did not do.
fn failed(what: &str, dir: &Path, error: &SupportError) -> Failure {
    let why = super::records::with_source(error);
    Failure::unreadable(what).at(dir).why(why).fix("see that the folder `data-sets` is yours, whole, and has room")
}

impl From<SetName> for DataSet {
    fn from(name: SetName) -> Self {
        match name {
            SetName::Units => Self::Units,
            SetName::Items => Self::Items,
            SetName::Places => Self::Places,
            SetName::Holidays => Self::Holidays,
        }
    }
}

impl From<super::FormatName> for Format {
    fn from(name: super::FormatName) -> Self {
        match name {
            super::FormatName::Csv => Self::Csv,
            super::FormatName::Json => Self::Json,
        }
    }
}
