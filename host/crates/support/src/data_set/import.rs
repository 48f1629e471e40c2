//! Takes a file over as a data set: every line is checked with all rules first, and then all of it is taken or nothing.

use super::{
    DataFolder, DataSet, FILE_BYTES_MAX, Format, check,
    report::Report,
    row::{self, Row, Rows},
    shape::Complaint,
};
use crate::error::SupportError;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use yizhan_domain::Context;

/// What is to be imported.
#[derive(Debug, Clone, Copy)]
pub struct ImportRequest<'a> {
    /// Which list the file is.
    pub set: DataSet,
    /// How it is written.
    pub format: Format,
    /// The file, at most [`FILE_BYTES_MAX`].
    pub bytes: &'a [u8],
    /// Only check.
    pub dry_run: bool,
}

/// Checks a file and, if nothing is wrong and it is no dry run, puts it in the place of the data set; the one before is kept
/// as a file. What is wrong with the file stands in the report; errors are about the data directory. A hub that runs must be
/// told afterwards.
pub fn import(_cx: &Context, folder: &DataFolder, request: &ImportRequest<'_>) -> Result<Report, SupportError> {
    let mut report = Report::of(request.set);
    if request.bytes.len() > FILE_BYTES_MAX {
        let (found, allowed) = (format!("{} bytes", request.bytes.len()), format!("at most {FILE_BYTES_MAX} bytes"));
        report.add(0, "", Complaint::new(&found, allowed, "leave rows out"));
        return Ok(report);
    }
    let mut rows = row::read(request.set, request.format, request.bytes, &mut report);
    if request.dry_run {
        judge(folder, request.set, &mut rows, &mut report)?;
        report.problems.sort_by_key(|problem| problem.line);
        return Ok(report);
    }
    let lock = folder.lock()?;
    judge(folder, request.set, &mut rows, &mut report)?;
    report.problems.sort_by_key(|problem| problem.line);
    if report.is_sound() {
        folder.replace(&lock, request.set, &row::write(request.set, Format::Json, &rows))?;
        report.written = true;
    }
    Ok(report)
}

/// Checks the rows against each other and the other sets, and counts what they change.
fn judge(folder: &DataFolder, set: DataSet, rows: &mut Rows, report: &mut Report) -> Result<(), SupportError> {
    if set == DataSet::Holidays {
        let before = super::export::holidays(&crate::working_days::read(folder)?);
        let Some(calendar) = check::check_holidays(folder, rows, report)? else { return Ok(()) };
        rows.rows = super::export::holidays(&calendar);
        count(set, &before, &rows.rows, report);
        return Ok(());
    }
    check::check(folder, set, rows, report)?;
    if report.is_sound() {
        count(set, &check::imported(folder, set)?.rows, &rows.rows, report);
    }
    Ok(())
}

fn count(set: DataSet, before: &[Row], after: &[Row], report: &mut Report) {
    let mut old: HashMap<&str, &BTreeMap<&'static str, Value>> =
        before.iter().map(|row| (row.text(set.key()), &row.cells)).collect();
    for row in after {
        match old.remove(row.text(set.key())) {
            None => report.added += 1,
            Some(cells) if *cells == row.cells => report.same += 1,
            Some(_) => report.changed += 1,
        }
    }
    report.removed = old.len();
}

#[cfg(test)]
mod tests;
