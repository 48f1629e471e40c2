//! The data sets that an operator brings: units, items, places and holidays. They lie as files in the data directory, come
//! in by [`import`] and go out by [`export`], as CSV or JSON. Used by `yizhan admin`, by the start and by the reload of a hub.

mod check;
mod columns;
mod export;
mod folder;
mod import;
mod report;
mod row;
mod shape;
mod text;

pub use export::export;
pub(crate) use folder::Source;
pub use folder::{DataFolder, FOLDER};
pub use import::{ImportRequest, import};
pub use report::{PROBLEMS_MAX, Problem, Report};
pub use shape::{DAYS_MAX, LIST_ENTRIES_MAX, PLACE_ITEMS_MAX};

/// Largest file that is imported: 256 MiB.
pub const FILE_BYTES_MAX: usize = 256 << 20;
/// Most rows of a file.
pub const ROWS_MAX: usize = 200_000;
/// Largest cell of a CSV file, and text of a JSON file: 1 MiB.
pub const FIELD_BYTES_MAX: usize = 1 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), UTF-8, with a header line.
    Csv,
    /// JSON (RFC 8259).
    Json,
}

/// A list that can be imported and exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataSet {
    /// Units that carry out services.
    Units,
    /// Service items; each names its unit by its code.
    Items,
    /// Halls and terminals; each names the items that are handled there.
    Places,
    /// Public holidays and moved working days.
    Holidays,
}

impl DataSet {
    /// All of them; what one names stands before it.
    pub const ALL: [Self; 4] = [Self::Units, Self::Items, Self::Places, Self::Holidays];

    /// Its name: the member of the JSON file that holds its rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Units => "units",
            Self::Items => "items",
            Self::Places => "places",
            Self::Holidays => "holidays",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Units => "units.json",
            Self::Items => "items.json",
            Self::Places => "places.json",
            Self::Holidays => "holidays.json",
        }
    }
}
