//! Texts of one line, and the lines in which materials, opening hours and special days are written in a cell.

use super::shape::{Complaint, refuse};
use crate::{
    catalog::Material,
    place::{Opening, Span, SpecialDay},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yizhan_domain::Date;

/// Most characters of what was found that a report repeats.
const FOUND_CHARACTERS_MAX: usize = 80;
const MATERIAL: &str = "NAME|ORIGINALS|COPIES|required or optional, with 0 to 99 originals and copies";
const HOURS: &str = "WEEKDAYS HH:MM-HH:MM[,HH:MM-HH:MM], weekdays 1 (Monday) to 7 or a span as in 1-5";
const SPECIAL_DAY: &str = "YYYY-MM-DD, then `closed` or HH:MM-HH:MM[,HH:MM-HH:MM], then perhaps a name";

type Checked<T> = Result<T, Complaint>;

/// What was found, short enough for a report.
pub(super) fn shortened(found: &str) -> String {
    let mut characters = found.chars();
    let start: String = characters.by_ref().take(FOUND_CHARACTERS_MAX).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// A text of one line. A leading `=` or `@` is refused, because a spreadsheet would take an export of it for a formula.
pub(super) fn plain(found: &str, bytes_max: usize, may_be_empty: bool) -> Checked<()> {
    let refuse = |allowed: String, fix: &str| Err(Complaint::new(found, allowed, fix));
    if found.is_empty() && !may_be_empty {
        return refuse("a text".to_owned(), "write something");
    }
    if found.len() > bytes_max {
        return refuse(format!("at most {bytes_max} bytes; these are {}", found.len()), "shorten it");
    }
    if found.chars().any(char::is_control) || found.trim() != found {
        let allowed = "one line without control characters and without white space around it".to_owned();
        return refuse(allowed, "remove line ends, tabs and outer spaces");
    }
    if found.starts_with(['=', '@']) {
        let fix = "a spreadsheet would take it for a formula; begin with another character";
        return refuse("a text that does not begin with = or @".to_owned(), fix);
    }
    Ok(())
}

/// `name|originals|copies|required`.
pub(super) fn material(line: &str) -> Checked<Value> {
    let refuse = || Complaint::new(line, MATERIAL, "write one document per line, as in 居民身份证|1|0|required");
    let mut parts = line.split('|').map(str::trim);
    let mut part = || parts.next().ok_or_else(refuse);
    let (name, originals, copies, required) = (part()?, part()?, part()?, part()?);
    let number = |text: &str| text.parse::<u32>().map_err(|_| refuse());
    let required = match required {
        "required" => true,
        "optional" => false,
        _ => return Err(refuse()),
    };
    if parts.next().is_some() {
        return Err(refuse());
    }
    Ok(json!({"name": name, "originals": number(originals)?, "copies": number(copies)?, "required": required}))
}

pub(super) fn material_line(value: &Value) -> String {
    let Ok(material) = serde_json::from_value::<Material>(value.clone()) else { return String::new() };
    let required = if material.required { "required" } else { "optional" };
    format!("{}|{}|{}|{required}", material.name, material.originals, material.copies)
}

pub(super) fn check_material(value: &Value) -> Checked<()> {
    let material: Material = typed(value, "name, originals, copies and required")?;
    plain(&material.name, 500, false)?;
    if material.name.contains('|') || material.originals > 99 || material.copies > 99 {
        return Err(refuse(value, MATERIAL, "take the | out of the name, and ask for fewer"));
    }
    Ok(())
}

/// `1-5 09:00-12:00,13:30-17:00`: one opening per day and span.
pub(super) fn hours(line: &str) -> Checked<Vec<Value>> {
    let refuse = || Complaint::new(line, HOURS, "write it as in 1-5 09:00-12:00,13:30-17:00");
    let (days, spans) = line.split_once(' ').ok_or_else(refuse)?;
    let day = |text: &str| text.parse::<u8>().ok().filter(|day| (1..=7).contains(day)).ok_or_else(refuse);
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(days)?, day(days)?),
    };
    let spans = spans_of(spans).ok_or_else(refuse)?;
    if first > last {
        return Err(refuse());
    }
    let of_day = |weekday: u8| spans.iter().map(move |Span { opens, closes }| (weekday, *opens, *closes));
    let openings = (first..=last).flat_map(of_day);
    Ok(openings.map(|(weekday, opens, closes)| json!({"weekday": weekday, "opens": opens, "closes": closes})).collect())
}

pub(super) fn hours_line(value: &Value) -> String {
    let Ok(opening) = serde_json::from_value::<Opening>(value.clone()) else { return String::new() };
    format!("{} {}", opening.weekday, span_text(opening.span()))
}

pub(super) fn check_hours(value: &Value) -> Checked<()> {
    let opening: Opening = typed(value, "weekday, opens and closes")?;
    opening.check().map_err(|why| Complaint::new(&why, HOURS, "open before closing, at 24:00 at the latest"))
}

/// Two spans of one weekday may touch, but not overlap.
pub(super) fn check_overlaps(value: &Value) -> Checked<()> {
    let mut openings: Vec<Opening> = typed(value, "a list of opening hours")?;
    openings.sort_by_key(|opening| (opening.weekday, opening.opens));
    let overlap = openings.windows(2).find(|two| two[0].weekday == two[1].weekday && two[1].opens < two[0].closes);
    overlap.map_or(Ok(()), |two| {
        let found =
            format!("{} and {} on weekday {}", span_text(two[0].span()), span_text(two[1].span()), two[0].weekday);
        Err(Complaint::new(&found, "hours of a day that do not overlap", "write them as one span"))
    })
}

/// `2027-02-06 closed 春节` or `2027-02-08 10:00-15:00 值班`.
pub(super) fn special_day(line: &str) -> Checked<Value> {
    let refuse = || Complaint::new(line, SPECIAL_DAY, "write it as in 2027-02-08 10:00-15:00 春节值班");
    let mut parts = line.splitn(3, ' ');
    let (Some(date), Some(spans)) = (parts.next(), parts.next()) else { return Err(refuse()) };
    let spans = if spans == "closed" { Vec::new() } else { spans_of(spans).ok_or_else(refuse)? };
    Ok(json!({"date": date, "spans": spans, "name": parts.next().unwrap_or_default().trim()}))
}

pub(super) fn special_day_line(value: &Value) -> String {
    let Ok(day) = serde_json::from_value::<SpecialDay>(value.clone()) else { return String::new() };
    let spans: Vec<String> = day.spans.iter().map(|span| span_text(*span)).collect();
    let spans = if spans.is_empty() { "closed".to_owned() } else { spans.join(",") };
    format!("{} {spans} {}", day.date, day.name).trim_end().to_owned()
}

pub(super) fn check_special_day(value: &Value) -> Checked<()> {
    let day: SpecialDay = typed(value, "date, spans and name")?;
    plain(&day.name, 100, true)?;
    let mut spans = day.spans;
    spans.sort();
    let overlap = spans.windows(2).any(|two| two[1].opens < two[0].closes);
    if overlap || spans.iter().any(|span| span.check().is_err()) {
        return Err(refuse(value, SPECIAL_DAY, "open before closing, and let no hours overlap"));
    }
    Ok(())
}

/// A date stands there once.
pub(super) fn check_dates(value: &Value) -> Checked<()> {
    let days: Vec<SpecialDay> = typed(value, "a list of special days")?;
    let mut seen: BTreeSet<Date> = BTreeSet::new();
    match days.iter().find(|day| !seen.insert(day.date)) {
        Some(day) => {
            Err(Complaint::new(&day.date.to_string(), "each date once", "write all hours of a date in one entry"))
        }
        None => Ok(()),
    }
}

fn typed<T: serde::de::DeserializeOwned>(value: &Value, members: &str) -> Checked<T> {
    let refuse =
        |error: serde_json::Error| refuse(value, format!("{members}: {error}"), "write an object with these members");
    serde_json::from_value(value.clone()).map_err(refuse)
}

fn spans_of(text: &str) -> Option<Vec<Span>> {
    text.split(',')
        .map(|span| {
            let (opens, closes) = span.trim().split_once('-')?;
            Some(Span { opens: minute_of(opens)?, closes: minute_of(closes)? })
        })
        .collect()
}

/// Minutes after midnight of `HH:MM`, 00:00 to 24:00.
fn minute_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |digits: &str| (digits.len() == 2).then(|| digits.parse::<u16>().ok()).flatten();
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= 1_440).then_some(hours * 60 + minutes)
}

fn span_text(span: Span) -> String {
    let time = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", time(span.opens), time(span.closes))
}
