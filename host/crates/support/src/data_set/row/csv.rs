//! Rows as CSV (RFC 4180): a header with the names of the columns in any order, lists with one entry per line of a cell.

use super::{Complaint, DataSet, Report, Row, Rows, take};
use crate::data_set::{FIELD_BYTES_MAX, ROWS_MAX, columns::Column};
use ::csv::{ReaderBuilder, StringRecord, WriterBuilder};
use std::collections::BTreeMap;

pub(super) fn read(set: DataSet, text: &str, report: &mut Report) -> Rows {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            report.add(
                1,
                "",
                Complaint::new(&error.to_string(), "a header line", "begin with the names of the columns"),
            );
            return Rows::default();
        }
    };
    let Some(columns) = columns_of(set, &header, report) else { return Rows::default() };
    let mut rows = Rows::default();
    for record in reader.into_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, ::csv::Position::line);
                report.add(
                    line,
                    "",
                    Complaint::new(&error.to_string(), "a line of CSV", "look for a quotation mark that is not closed"),
                );
                break;
            }
        };
        report.rows += 1;
        if report.rows > ROWS_MAX {
            report.rows -= 1;
            let allowed = format!("at most {ROWS_MAX} rows");
            report.add(line_of(&record), "", Complaint::new("more rows", allowed, "leave rows out"));
            break;
        }
        rows.rows.push(row(set, &columns, &record, report));
    }
    rows
}

/// Which column each field belongs to; none if the header is wrong.
fn columns_of(set: DataSet, header: &StringRecord, report: &mut Report) -> Option<Vec<Column>> {
    let known = set.columns();
    let names: Vec<&str> = known.iter().map(|column| column.name).collect();
    let mut columns: Vec<Column> = Vec::with_capacity(known.len());
    for name in header.iter().map(str::trim) {
        match known.iter().find(|column| column.name == name) {
            Some(column) if columns.iter().all(|before| before.name != name) => columns.push(*column),
            Some(_) => {
                report.add(1, "", Complaint::new(name, "each column once", "remove one of the two"));
                return None;
            }
            None => {
                let allowed = format!("these columns: {}", names.join(", "));
                report.add(1, "", Complaint::new(name, allowed, "correct or remove the column"));
                return None;
            }
        }
    }
    let missing = known.iter().filter(|column| !column.shape.is_optional());
    for column in missing.filter(|column| columns.iter().all(|there| there.name != column.name)) {
        report.add(1, column.name, Complaint::new("no such column", "a column of this name", "add it to the header"));
    }
    report.is_sound().then_some(columns)
}

fn row(set: DataSet, columns: &[Column], record: &StringRecord, report: &mut Report) -> Row {
    let mut row = Row { line: line_of(record), cells: BTreeMap::new() };
    if record.len() != columns.len() {
        let found = format!("{} fields", record.len());
        let fix = "put texts with commas or line ends into quotation marks";
        report.add(row.line, "", Complaint::new(&found, format!("{} fields, as in the header", columns.len()), fix));
        return row;
    }
    for (column, cell) in columns.iter().zip(record) {
        if cell.len() > FIELD_BYTES_MAX {
            let found = format!("{} bytes", cell.len());
            report.add(
                row.line,
                column.name,
                Complaint::new(&found, format!("at most {FIELD_BYTES_MAX} bytes"), "shorten it"),
            );
            continue;
        }
        match column.shape.read_cell(cell.trim()) {
            Ok(value) => take(&mut row, (column.name, column.shape), value, report),
            Err(complaint) => report.add(row.line, column.name, complaint),
        }
    }
    for column in set.columns().iter().filter(|column| column.shape.is_optional()) {
        row.cells.entry(column.name).or_insert_with(|| column.shape.nothing());
    }
    row
}

fn line_of(record: &StringRecord) -> u64 {
    record.position().map_or(0, ::csv::Position::line)
}

/// With a byte order mark, by which spreadsheets know UTF-8.
pub(super) fn write(set: DataSet, rows: &[Row]) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let columns = set.columns();
    let mut put = |fields: Vec<String>| writer.write_record(fields);
    let header = put(columns.iter().map(|column| column.name.to_owned()).collect());
    let cells = |row: &Row| {
        let cell = |column: &Column| {
            row.cells.get(column.name).map_or_else(String::new, |value| column.shape.write_cell(value))
        };
        columns.iter().map(cell).collect()
    };
    let written = header.and_then(|()| rows.iter().try_for_each(|row| put(cells(row))));
    // Writing records of equal length into memory cannot fail.
    let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}
