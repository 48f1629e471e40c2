//! Rows as JSON: an object whose member of the data set's name is the list of rows, one row per line when written. The point
//! of a place is an object of its own.

use super::{Complaint, DataSet, POINT, Report, Row, Rows, take};
use crate::data_set::{FIELD_BYTES_MAX, ROWS_MAX};
use serde_json::{Deserializer, Map, Value};
use std::collections::BTreeMap;

pub(super) fn read(set: DataSet, text: &str, report: &mut Report) -> Rows {
    let mut reader = Reader { text, at: 0, counted: 0, line: 1 };
    match reader.file(set, report) {
        Ok(rows) => rows,
        Err(complaint) => {
            let line = reader.line();
            report.add(line, "", complaint);
            Rows::default()
        }
    }
}

/// Walks through the outer object and the list of rows by hand, so that every row is known by its line.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    counted: usize,
    line: u64,
}

type Read<T> = Result<T, Complaint>;

impl Reader<'_> {
    fn file(&mut self, set: DataSet, report: &mut Report) -> Read<Rows> {
        let (mut rows, mut found) = (Rows::default(), false);
        self.expect(b'{', set)?;
        if !self.skip(b'}') {
            loop {
                let name: String = self.value(set)?;
                self.expect(b':', set)?;
                match name.as_str() {
                    "sample" => rows.sample = self.value(set)?,
                    name if name == set.name() && !found => {
                        found = true;
                        self.rows(set, &mut rows.rows, report)?;
                    }
                    other => {
                        let allowed =
                            format!("the members {} (a list) and sample (true or false), each once", set.name());
                        return Err(Complaint::new(other, allowed, "remove this member"));
                    }
                }
                if !self.skip(b',') {
                    break;
                }
            }
            self.expect(b'}', set)?;
        }
        self.white();
        if self.at < self.text.len() {
            return Err(Complaint::new(&self.text[self.at..], "nothing after the object", "remove it"));
        }
        if !found {
            let allowed = format!("a member {} with the list of rows", set.name());
            return Err(Complaint::new("no rows", allowed, "see what an export looks like"));
        }
        Ok(rows)
    }

    fn rows(&mut self, set: DataSet, rows: &mut Vec<Row>, report: &mut Report) -> Read<()> {
        self.expect(b'[', set)?;
        if self.skip(b']') {
            return Ok(());
        }
        loop {
            self.white();
            let line = self.line();
            if rows.len() == ROWS_MAX {
                return Err(Complaint::new("more rows", format!("at most {ROWS_MAX} rows"), "leave rows out"));
            }
            let value: Value = self.value(set)?;
            report.rows += 1;
            rows.push(row(set, line, value, report));
            if !self.skip(b',') {
                return self.expect(b']', set);
            }
        }
    }

    /// The next value, whatever it is.
    fn value<T: serde::de::DeserializeOwned>(&mut self, set: DataSet) -> Read<T> {
        let mut values = Deserializer::from_str(&self.text[self.at..]).into_iter::<T>();
        let value = values.next();
        let read = values.byte_offset();
        match value {
            Some(Ok(value)) => {
                self.at += read;
                Ok(value)
            }
            Some(Err(error)) => Err(Complaint::new(&error.to_string(), shape_of(set), "mend the JSON at this line")),
            None => Err(Complaint::new("the end of the file", shape_of(set), "complete the file")),
        }
    }

    fn expect(&mut self, byte: u8, set: DataSet) -> Read<()> {
        if self.skip(byte) {
            return Ok(());
        }
        let found = self.text[self.at..].chars().next().map_or_else(|| "the end of the file".to_owned(), String::from);
        Err(Complaint::new(
            &found,
            format!("{:?}, in {}", char::from(byte), shape_of(set)),
            "mend the JSON at this line",
        ))
    }

    fn skip(&mut self, byte: u8) -> bool {
        self.white();
        let there = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn white(&mut self) {
        let rest = self.text.as_bytes()[self.at..].iter();
        self.at += rest.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    /// Line of the place where it stands.
    fn line(&mut self) -> u64 {
        let passed = &self.text.as_bytes()[self.counted..self.at];
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = self.at;
        self.line
    }
}

fn shape_of(set: DataSet) -> String {
    format!("{{\"{}\": [ … ]}}", set.name())
}

fn row(set: DataSet, line: u64, value: Value, report: &mut Report) -> Row {
    let mut row = Row { line, cells: BTreeMap::new() };
    let Value::Object(mut members) = value else {
        report.add(line, "", Complaint::new(&value.to_string(), "an object", "write each row as { … }"));
        return row;
    };
    if let (DataSet::Places, Some(point)) = (set, members.remove("point")) {
        match point {
            Value::Object(point) if point.keys().all(|name| POINT.contains(&name.as_str())) => members.extend(point),
            other => {
                let fix = "write {\"latitude\": 30.2, \"longitude\": 120.1, \"datum\": \"wgs84\"}";
                report.add(line, "datum", Complaint::new(&other.to_string(), "a point with its datum", fix));
                return row;
            }
        }
    }
    for column in set.columns() {
        match members.remove(column.name) {
            Some(Value::String(text)) if text.len() > FIELD_BYTES_MAX => {
                let found = format!("{} bytes", text.len());
                report.add(
                    line,
                    column.name,
                    Complaint::new(&found, format!("at most {FIELD_BYTES_MAX} bytes"), "shorten it"),
                );
            }
            Some(value) => take(&mut row, (column.name, column.shape), value, report),
            None if column.shape.is_optional() => {
                row.cells.insert(column.name, column.shape.nothing());
            }
            None => report.add(line, column.name, Complaint::new("nothing", "a value", "add this member to the row")),
        }
    }
    for name in members.keys() {
        let names: Vec<&str> = set.columns().iter().map(|column| column.name).collect();
        let allowed = format!("these members: {}", names.join(", "));
        report.add(line, "", Complaint::new(name, allowed, "correct or remove the member"));
    }
    row
}

pub(super) fn write(set: DataSet, rows: &Rows) -> String {
    let lines: Vec<String> = rows.rows.iter().map(|row| line(set, row)).collect();
    let sample = if rows.sample { "\"sample\": true, " } else { "" };
    format!("{{{sample}\"{}\": [\n{}\n]}}\n", set.name(), lines.join(",\n"))
}

fn line(set: DataSet, row: &Row) -> String {
    let mut members: Vec<String> = Vec::new();
    let mut point = Map::new();
    for column in set.columns() {
        let value = row.cells.get(column.name).cloned().unwrap_or_else(|| column.shape.nothing());
        if set == DataSet::Places && POINT.contains(&column.name) {
            point.insert(column.name.to_owned(), value);
            if point.len() == POINT.len() {
                members.push(format!("\"point\":{}", Value::Object(std::mem::take(&mut point))));
            }
        } else {
            members.push(format!("\"{}\":{value}", column.name));
        }
    }
    format!("{{{}}}", members.join(","))
}
