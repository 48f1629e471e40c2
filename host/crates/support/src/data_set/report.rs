//! What an import found, line by line, and what it did.

use super::{DataSet, shape::Complaint};
use serde::Serialize;

/// Most problems that a report lists; the rest is counted.
pub const PROBLEMS_MAX: usize = 1_000;

/// One thing that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line of the file, counted from 1; of a row that has several, its first. 0 is the file as a whole.
    pub line: u64,
    /// Which column; empty for the row or the file as a whole.
    pub column: &'static str,
    /// What was found, shortened.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// What to do.
    pub fix: String,
}

/// What an import found and did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Name of the data set.
    pub set: &'static str,
    /// Rows of the file.
    pub rows: usize,
    /// Rows that were not there before.
    pub added: usize,
    /// Rows that were there with other values.
    pub changed: usize,
    /// Rows that were there with the same values.
    pub same: usize,
    /// Rows that were there and are not in the file: an import brings the whole list. Holidays stay, year by year.
    pub removed: usize,
    /// Whether the file was taken over; never with a problem, nor in a dry run.
    pub written: bool,
    /// What is wrong, in the order of the lines; at most [`PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub problems_left_off: usize,
}

impl Report {
    pub(super) fn of(set: DataSet) -> Self {
        Self {
            set: set.name(),
            rows: 0,
            added: 0,
            changed: 0,
            same: 0,
            removed: 0,
            written: false,
            problems: Vec::new(),
            problems_left_off: 0,
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn add(&mut self, line: u64, column: &'static str, complaint: Complaint) {
        if self.problems.len() == PROBLEMS_MAX {
            self.problems_left_off += 1;
            return;
        }
        let Complaint { found, allowed, fix } = complaint;
        self.problems.push(Problem { line, column, found, allowed, fix });
    }
}
