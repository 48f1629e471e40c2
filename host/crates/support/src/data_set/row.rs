//! A row of a data set, however it was written: a value per column, and the line where it stands.

use super::{
    DataSet, Format,
    columns::POINT,
    report::Report,
    shape::{Complaint, Shape},
};
use serde_json::Value;
use std::collections::BTreeMap;

mod csv;
mod json;

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Line of the file, counted from 1.
    pub(super) line: u64,
    /// A value per column; a column whose value was refused is missing.
    pub(super) cells: BTreeMap<&'static str, Value>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Whether the file says that it is made up.
    pub(super) sample: bool,
    pub(super) rows: Vec<Row>,
}

impl Row {
    /// The text of a column; empty if it was refused.
    pub(super) fn text(&self, column: &str) -> &str {
        self.cells.get(column).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number of a column.
    pub(super) fn number(&self, column: &str) -> Option<u64> {
        self.cells.get(column).and_then(Value::as_u64)
    }

    /// The texts of a list.
    pub(super) fn texts(&self, column: &str) -> impl Iterator<Item = &str> {
        self.cells.get(column).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Reads a file; what is wrong with its shape stands in the report.
pub(super) fn read(set: DataSet, format: Format, bytes: &[u8], report: &mut Report) -> Rows {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = &bytes[..error.valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            let fix = "save the file as UTF-8; spreadsheets call it CSV UTF-8";
            report.add(line, "", Complaint::new("bytes of another encoding", "UTF-8", fix));
            return Rows::default();
        }
    };
    match format {
        Format::Csv => csv::read(set, text, report),
        Format::Json => json::read(set, text, report),
    }
}

/// Writes rows as a file.
pub(super) fn write(set: DataSet, format: Format, rows: &Rows) -> String {
    match format {
        Format::Csv => csv::write(set, &rows.rows),
        Format::Json => json::write(set, rows),
    }
}

/// Takes a value into a row if its shape is right.
fn take(row: &mut Row, (name, shape): (&'static str, Shape), value: Value, report: &mut Report) {
    match shape.check(&value) {
        Ok(()) => {
            row.cells.insert(name, value);
        }
        Err(complaint) => report.add(row.line, name, complaint),
    }
}
