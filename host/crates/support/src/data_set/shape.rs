//! What may stand in a column: how it is checked, and how it is written in a cell of a CSV file. Lists have one entry per
//! line of the cell.

use super::text::{self, plain};
use serde_json::Value;
use yizhan_domain::{Date, code::CodeError};

/// Most entries of a list, other than the items of a place.
pub const LIST_ENTRIES_MAX: usize = 200;
/// Most items of one place.
pub const PLACE_ITEMS_MAX: usize = 20_000;
/// Most days of a time limit.
pub const DAYS_MAX: u64 = 9_999;

/// What a value is.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A text of one line, of so many bytes at most.
    Text { bytes_max: usize, may_be_empty: bool },
    /// Texts, each as before with 1000 bytes.
    Texts,
    /// A code with rules of its own.
    Code(fn(&str) -> Option<CodeError>),
    /// Implementing codes.
    ItemCodes(fn(&str) -> Option<CodeError>),
    /// Days, 0 to [`DAYS_MAX`].
    Days,
    /// The same, or nothing.
    DaysOrNone,
    /// Yes or no.
    Flag,
    /// The same, or nothing.
    FlagOrNone,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Degrees, so many at most either way.
    Degrees(f64),
    /// A date.
    Date,
    /// An identifier: small letters, digits and hyphens.
    Id,
    /// Documents to hand in.
    Materials,
    /// Weekly opening hours.
    Hours,
    /// Dates with other hours.
    SpecialDays,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) struct Complaint {
    pub(super) found: String,
    pub(super) allowed: String,
    pub(super) fix: String,
}

impl Complaint {
    pub(super) fn new(found: &str, allowed: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { found: text::shortened(found), allowed: allowed.into(), fix: fix.into() }
    }
}

type Checked<T> = Result<T, Complaint>;

impl Shape {
    /// Whether a row may leave the value out.
    pub(super) fn is_optional(self) -> bool {
        matches!(self, Self::DaysOrNone | Self::FlagOrNone | Self::SpecialDays)
    }

    /// What stands for a value that was left out.
    pub(super) fn nothing(self) -> Value {
        if matches!(self, Self::SpecialDays) { Value::Array(Vec::new()) } else { Value::Null }
    }

    /// Reads a cell of a CSV file; [`Shape::check`] says the rest.
    pub(super) fn read_cell(self, cell: &str) -> Checked<Value> {
        let lines = || cell.lines().map(str::trim).filter(|line| !line.is_empty());
        match self {
            _ if cell.is_empty() && self.is_optional() => Ok(self.nothing()),
            Self::Text { .. } | Self::Code(_) | Self::Choice(_) | Self::Date | Self::Id => Ok(cell.into()),
            Self::Texts | Self::ItemCodes(_) => Ok(lines().map(Value::from).collect()),
            Self::Days | Self::DaysOrNone => number(cell),
            Self::Flag | Self::FlagOrNone => flag(cell),
            Self::Degrees(most) => degrees(cell, most),
            Self::Materials => lines().map(text::material).collect(),
            Self::Hours => Ok(lines().map(text::hours).collect::<Checked<Vec<_>>>()?.concat().into()),
            Self::SpecialDays => lines().map(text::special_day).collect(),
        }
    }

    /// Writes a value that was checked into a cell.
    pub(super) fn write_cell(self, value: &Value) -> String {
        let lines = |line: fn(&Value) -> String| {
            value.as_array().map_or_else(String::new, |list| list.iter().map(line).collect::<Vec<_>>().join("\n"))
        };
        match self {
            Self::Texts | Self::ItemCodes(_) => lines(|entry| entry.as_str().unwrap_or_default().to_owned()),
            Self::Materials => lines(text::material_line),
            Self::Hours => lines(text::hours_line),
            Self::SpecialDays => lines(text::special_day_line),
            _ => match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            },
        }
    }

    /// Says what is wrong with a value, if anything.
    pub(super) fn check(self, value: &Value) -> Checked<()> {
        let list = |most: usize, each: &dyn Fn(&Value) -> Checked<()>| check_list(value, most, each);
        match self {
            _ if value.is_null() && self.is_optional() => Ok(()),
            Self::Text { bytes_max, may_be_empty } => plain(string(value)?, bytes_max, may_be_empty),
            Self::Texts => list(LIST_ENTRIES_MAX, &|entry| plain(string(entry)?, 1_000, false)),
            Self::Code(refusal) => code(value, refusal),
            Self::ItemCodes(refusal) => list(PLACE_ITEMS_MAX, &|entry| code(entry, refusal)),
            Self::Days | Self::DaysOrNone => match value.as_u64() {
                Some(0..=DAYS_MAX) => Ok(()),
                _ => Err(refuse(value, format!("a whole number of days, 0 to {DAYS_MAX}"), "write the number alone")),
            },
            Self::Flag | Self::FlagOrNone if value.is_boolean() => Ok(()),
            Self::Flag | Self::FlagOrNone => Err(refuse(value, "true or false", "write one of the two")),
            Self::Choice(words) => match string(value)? {
                found if words.contains(&found) => Ok(()),
                found => Err(Complaint::new(found, words.join(", "), "write one of these words")),
            },
            Self::Degrees(most) => match value.as_f64() {
                Some(found) if found.abs() <= most => Ok(()),
                _ => Err(refuse(value, format!("degrees, -{most} to {most}"), "write decimal degrees, as in 30.2741")),
            },
            Self::Date => match string(value)?.parse::<Date>() {
                Ok(_) => Ok(()),
                Err(error) => Err(Complaint::new(&error.found, "a date, YYYY-MM-DD", "write it as in 2027-01-01")),
            },
            Self::Id => id(string(value)?),
            Self::Materials => list(LIST_ENTRIES_MAX, &text::check_material),
            Self::Hours => {
                list(LIST_ENTRIES_MAX, &text::check_hours)?;
                text::check_overlaps(value)
            }
            Self::SpecialDays => {
                list(LIST_ENTRIES_MAX, &text::check_special_day)?;
                text::check_dates(value)
            }
        }
    }
}

pub(super) fn refuse(value: &Value, allowed: impl Into<String>, fix: &str) -> Complaint {
    let found = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Complaint::new(&found, allowed, fix)
}

pub(super) fn string(value: &Value) -> Checked<&str> {
    value.as_str().ok_or_else(|| refuse(value, "a text", "write a text in quotation marks"))
}

fn check_list(value: &Value, most: usize, each: &dyn Fn(&Value) -> Checked<()>) -> Checked<()> {
    let Some(entries) = value.as_array() else {
        return Err(refuse(value, "a list", "write a list, [] if it is empty"));
    };
    if entries.len() > most {
        let found = format!("{} entries", entries.len());
        return Err(Complaint::new(&found, format!("at most {most} entries"), "leave some out"));
    }
    entries.iter().try_for_each(each)
}

fn code(value: &Value, refusal: fn(&str) -> Option<CodeError>) -> Checked<()> {
    let found = string(value)?;
    match refusal(found) {
        None => Ok(()),
        Some(error) => Err(Complaint::new(
            found,
            format!("a code with every rule kept; it {error}"),
            "correct the code at its source",
        )),
    }
}

fn id(found: &str) -> Checked<()> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&found.len()) && found.bytes().all(fits) {
        return Ok(());
    }
    Err(Complaint::new(found, "1 to 64 small letters, digits and hyphens", "write it as in hangzhou-hall"))
}

fn number(cell: &str) -> Checked<Value> {
    let digits = (1..=9).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
    match cell.parse::<u32>() {
        Ok(number) if digits => Ok(number.into()),
        _ => Err(Complaint::new(cell, format!("a whole number of days, 0 to {DAYS_MAX}"), "write the number alone")),
    }
}

fn flag(cell: &str) -> Checked<Value> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "1" | "是" => Ok(true.into()),
        "false" | "0" | "否" => Ok(false.into()),
        _ => Err(Complaint::new(cell, "true or false (or 是, 否)", "write one of these")),
    }
}

fn degrees(cell: &str, most: f64) -> Checked<Value> {
    let plain = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
    match cell.parse::<f64>() {
        Ok(degrees) if plain && degrees.is_finite() => Ok(degrees.into()),
        _ => Err(Complaint::new(cell, format!("degrees, -{most} to {most}"), "write decimal degrees, as in 30.2741")),
    }
}
