//! Why a use-case was not carried out. The texts say what was found and what is allowed; guests and people see them.

use std::path::PathBuf;
use yizhan_domain::{calendar::CalendarError, code::CodeError};

/// Why a use-case was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupportError {
    /// An argument is wrong.
    #[error("{what}")]
    Invalid {
        /// Which argument, what was found, and what is allowed.
        what: String,
    },
    /// Nothing has this name or code.
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// A list of the hub cannot be had now; the same call may succeed later.
    #[error("the {what} cannot be had now")]
    Unavailable {
        /// Which list.
        what: &'static str,
        /// Why, for the log.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The working days do not reach that far.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A file of the data directory cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Folder {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Data that was to be loaded breaks a rule; nothing of it is loaded.
    #[error("{file}, entry {entry}: {why}")]
    Data {
        /// Name of the file.
        file: &'static str,
        /// Entry or line, counted from 1; 0 is the file as a whole.
        entry: usize,
        /// Which rule, and what was found.
        why: String,
    },
}

impl SupportError {
    /// A wrong argument, described in full.
    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }
}

/// Reads a code that a caller handed in; a wrong one is refused with its name, the position and the reason.
pub(crate) fn parse_code<T: std::str::FromStr<Err = CodeError>>(name: &str, text: &str) -> Result<T, SupportError> {
    text.parse().map_err(|why: CodeError| SupportError::invalid(format!("{name} {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::code::RegionCode;

    #[test]
    fn a_wrong_code_is_named_with_its_position() {
        let error = parse_code::<RegionCode>("region", "33010x000000").expect_err("letter");
        assert_eq!(error.to_string(), "region has 'x' at position 6; a digit is allowed there");
    }
}
