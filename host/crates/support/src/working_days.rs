//! The working days of now: the holidays that ship with the product, under those that an operator imported. Everything that
//! counts days or asks whether a hall is open reads them here.

use crate::{
    current::Current,
    data_set::{DataFolder, DataSet},
    error::SupportError,
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use yizhan_domain::{Calendar, Date, calendar::MovedDay};

const SHIPPED: &str = include_str!("../data/holidays.csv");
const SHIPPED_FILE: &str = "holidays.csv";
const FILE: &str = "holidays.json";

/// A file of holidays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holidays {
    holidays: Vec<MovedDay>,
}

/// The calendar of working days, which an import renews.
#[derive(Debug)]
pub struct WorkingDays(Current<Calendar>);

impl WorkingDays {
    /// The holidays that ship with the product. [`SupportError::Data`] if the embedded file is broken.
    pub fn shipped() -> Result<Self, SupportError> {
        Self::open(&DataFolder::nowhere())
    }

    /// The same under what was imported into a data directory.
    pub fn open(folder: &DataFolder) -> Result<Self, SupportError> {
        Ok(Self(Current::new(read(folder)?)))
    }

    /// Reads the data directory again; what was there stays if that fails.
    pub fn reload(&self, folder: &DataFolder) -> Result<(), SupportError> {
        self.0.set(read(folder)?);
        Ok(())
    }

    /// The calendar of now; whoever holds it keeps it as it is.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        self.0.get()
    }
}

/// The calendar that ships with the product.
pub(crate) fn shipped() -> Result<Calendar, SupportError> {
    let rows = csv::Reader::from_reader(SHIPPED.as_bytes());
    let mut days = Vec::new();
    for (index, row) in rows.into_deserialize::<MovedDay>().enumerate() {
        let refuse = |why: String| SupportError::Data { file: SHIPPED_FILE, entry: index + 1, why };
        days.push(row.map_err(|error| refuse(error.to_string()))?);
    }
    Calendar::new(days).map_err(|error| SupportError::Data { file: SHIPPED_FILE, entry: 0, why: error.to_string() })
}

/// The calendar of a data directory.
pub(crate) fn read(folder: &DataFolder) -> Result<Calendar, SupportError> {
    let shipped = shipped()?;
    let Some(imported) = folder.read(DataSet::Holidays)? else { return Ok(shipped) };
    let refuse = |why: String| SupportError::Data { file: FILE, entry: 0, why };
    let imported: Holidays = serde_json::from_str(&imported.text).map_err(|error| refuse(error.to_string()))?;
    let imported = Calendar::new(imported.holidays).map_err(|error| refuse(error.to_string()))?;
    over(&shipped, &imported).map_err(|error| refuse(error.to_string()))
}

/// One calendar under another: a year that the upper one knows is as it says; of other years it changes single days, as the
/// notice of a new year does with the last days of the old one.
pub(crate) fn over(lower: &Calendar, upper: &Calendar) -> Result<Calendar, yizhan_domain::calendar::CalendarError> {
    let known = upper.years();
    let kept = lower.moved_days().filter(|day| !known.contains(&day.date.year()));
    let mut days: BTreeMap<Date, MovedDay> = kept.map(|day| (day.date, day.clone())).collect();
    days.extend(upper.moved_days().map(|day| (day.date, day.clone())));
    Calendar::new(days.into_values())
}

#[cfg(test)]
mod tests;
