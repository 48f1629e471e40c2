//! What the rows of one data set must keep among each other and towards the other sets.

use super::{
    DataFolder, DataSet, Format,
    report::Report,
    row::{self, Row, Rows},
    shape::Complaint,
};
use crate::{
    catalog::data::REGIONS,
    error::SupportError,
    region::Regions,
    working_days::{self, over},
};
use std::collections::{BTreeSet, HashMap, HashSet};
use yizhan_domain::{
    Calendar, Date,
    calendar::MovedDay,
    code::{ImplementingCode, RegionCode},
};

/// Checks sound rows of any data set but holidays.
pub(super) fn check(folder: &DataFolder, set: DataSet, rows: &Rows, report: &mut Report) -> Result<(), SupportError> {
    check_twice(set, &rows.rows, report);
    match set {
        DataSet::Units => {
            check_regions(&rows.rows, report)?;
            check_still_named(folder, (DataSet::Items, "code"), keys(set, &rows.rows), report)
        }
        DataSet::Items => {
            rows.rows.iter().for_each(|row| check_item(row, report));
            let units = imported(folder, DataSet::Units)?;
            let known = keys(DataSet::Units, &units.rows);
            for row in &rows.rows {
                let unit = row.text("code").get(..18).unwrap_or_default();
                if !unit.is_empty() && !known.contains(unit) {
                    let fix = "import a list of units that has it first: `yizhan admin import units`";
                    report.add(row.line, "code", Complaint::new(unit, "the credit code of an imported unit", fix));
                }
            }
            check_still_named(folder, (DataSet::Places, "items"), keys(set, &rows.rows), report)
        }
        DataSet::Places => {
            check_regions(&rows.rows, report)?;
            let items = imported(folder, DataSet::Items)?;
            let known = keys(DataSet::Items, &items.rows);
            for row in &rows.rows {
                if let Some(item) = row.texts("items").find(|item| !known.contains(item)) {
                    let fix = "import a list of items that has it first: `yizhan admin import items`";
                    report.add(row.line, "items", Complaint::new(item, "the code of an imported item", fix));
                }
            }
            Ok(())
        }
        DataSet::Holidays => Ok(()),
    }
}

/// Rows of what was imported before; samples do not count.
pub(super) fn imported(folder: &DataFolder, set: DataSet) -> Result<Rows, SupportError> {
    let Some(source) = folder.read(set)? else { return Ok(Rows::default()) };
    let mut report = Report::of(set);
    let rows = row::read(set, Format::Json, source.text.as_bytes(), &mut report);
    match report.problems.into_iter().next() {
        None => Ok(rows),
        Some(problem) => Err(SupportError::Data {
            file: source.file,
            entry: usize::try_from(problem.line).unwrap_or(0),
            why: format!("{} is {}; {} is allowed", problem.column, problem.found, problem.allowed),
        }),
    }
}

fn keys(set: DataSet, rows: &[Row]) -> HashSet<&str> {
    rows.iter().map(|row| row.text(set.key())).collect()
}

fn check_twice(set: DataSet, rows: &[Row], report: &mut Report) {
    let mut seen: HashMap<&str, u64> = HashMap::with_capacity(rows.len());
    for row in rows {
        let key = row.text(set.key());
        let Some(before) = seen.insert(key, row.line).filter(|_| !key.is_empty()) else { continue };
        let allowed = format!("each {} once; line {before} has it too", set.key());
        report.add(row.line, set.key(), Complaint::new(key, allowed, "remove one of the two rows"));
    }
}

fn check_regions(rows: &[Row], report: &mut Report) -> Result<(), SupportError> {
    let regions = Regions::parse(REGIONS)?;
    for row in rows {
        let Ok(code) = row.text("region").parse::<RegionCode>() else { continue };
        if regions.find(&code).is_none() {
            let allowed = "a region down to the county, as of 2023-06-30";
            let fix = "write the code of the county or city, filled with zeros to 12 digits";
            report.add(row.line, "region", Complaint::new(code.as_str(), allowed, fix));
        }
    }
    Ok(())
}

fn check_item(row: &Row, report: &mut Report) {
    if let (Ok(code), kind) = (row.text("code").parse::<ImplementingCode>(), row.text("kind"))
        && !kind.is_empty()
        && code.kind().name() != kind
    {
        let allowed = format!("{}, which positions 22 and 23 of the code say", code.kind().name());
        report.add(row.line, "kind", Complaint::new(kind, allowed, "correct the kind or the code"));
    }
    if let (Some(legal), Some(promised)) = (row.number("legal_days"), row.number("promised_days"))
        && promised > legal
    {
        let allowed = format!("at most the legal {legal} days");
        report.add(row.line, "promised_days", Complaint::new(&promised.to_string(), allowed, "promise fewer days"));
    }
}

/// What another data set names must not vanish.
fn check_still_named(
    folder: &DataFolder,
    (other, column): (DataSet, &'static str),
    known: HashSet<&str>,
    report: &mut Report,
) -> Result<(), SupportError> {
    let others = imported(folder, other)?;
    let named = others.rows.iter().flat_map(|row| match other {
        DataSet::Items => vec![row.text(column).get(..18).unwrap_or_default()],
        _ => row.texts(column).collect(),
    });
    let missing: BTreeSet<&str> = named.filter(|name| !known.contains(name)).collect();
    for name in missing {
        let allowed = format!("every code that the imported {} name", other.name());
        let fix = format!("keep the row, or import {} without it first", other.name());
        report.add(0, "", Complaint::new(&format!("no row for {name}"), allowed, fix));
    }
    Ok(())
}

/// The calendar as it will be: the imported years in the place of those that were known.
pub(super) fn check_holidays(
    folder: &DataFolder,
    rows: &Rows,
    report: &mut Report,
) -> Result<Option<Calendar>, SupportError> {
    check_twice(DataSet::Holidays, &rows.rows, report);
    let mut days = Vec::with_capacity(rows.rows.len());
    for row in &rows.rows {
        let Some(day) = moved_day(row) else { continue };
        if day.kind == yizhan_domain::calendar::DayKind::Workday && day.date.weekday() < 6 {
            let allowed = "a Saturday or Sunday: other days are worked anyway";
            report.add(row.line, "date", Complaint::new(row.text("date"), allowed, "correct the date or the kind"));
        }
        days.push(day);
    }
    if !report.is_sound() {
        return Ok(None);
    }
    let refuse = |error: yizhan_domain::calendar::CalendarError| SupportError::invalid(error.to_string());
    let calendar = over(&working_days::read(folder)?, &Calendar::new(days).map_err(refuse)?).map_err(refuse)?;
    let years = calendar.years();
    for row in &rows.rows {
        let year = row.text("date").parse::<Date>().map(Date::year).unwrap_or_default();
        if !years.contains(&year) {
            let allowed = format!("days of a year whose 1 January is a holiday in the list; {year}-01-01 is not");
            report.add(row.line, "date", Complaint::new(row.text("date"), allowed, "add the whole year"));
        }
    }
    Ok(report.is_sound().then_some(calendar))
}

fn moved_day(row: &Row) -> Option<MovedDay> {
    Some(MovedDay {
        date: row.text("date").parse().ok()?,
        kind: serde_json::from_value(row.cells.get("kind")?.clone()).ok()?,
        name: row.text("name").to_owned(),
    })
}
