//! Gives a data set out as a file that [`super::import`] takes as it is.

use super::{
    DataFolder, DataSet, Format, check,
    report::Report,
    row::{self, Row, Rows},
};
use crate::{error::SupportError, working_days};
use serde_json::json;
use std::collections::BTreeMap;
use yizhan_domain::{Calendar, Context};

/// The data set of now: what was imported, else the sample, which says so in JSON. Of holidays the whole calendar. CSV begins
/// with a byte order mark.
pub fn export(_cx: &Context, folder: &DataFolder, set: DataSet, format: Format) -> Result<String, SupportError> {
    let rows = match set {
        DataSet::Holidays => Rows { sample: false, rows: holidays(&working_days::read(folder)?) },
        _ if folder.has_own() => check::imported(folder, set)?,
        _ => {
            let source = folder.read_or_sample(set)?;
            row::read(set, Format::Json, source.text.as_bytes(), &mut Report::of(set))
        }
    };
    Ok(row::write(set, format, &rows))
}

/// The rows of a calendar.
pub(super) fn holidays(calendar: &Calendar) -> Vec<Row> {
    let row = |day: &yizhan_domain::calendar::MovedDay| {
        let cells = [("date", json!(day.date)), ("kind", json!(day.kind)), ("name", json!(day.name))];
        Row { line: 0, cells: BTreeMap::from(cells) }
    };
    calendar.moved_days().map(row).collect()
}
