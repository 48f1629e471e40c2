//! A finding: what is wrong with an app, where, why, and how to mend it. The same on the command line, in the API and in
//! the console.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Works, but should be mended.
    Warning,
    /// The app is refused until it is mended.
    Error,
}

/// One thing found in an app. The fields and the codes are stable; see `docs/errors.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, as in `manifest.member-missing`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// File inside the app, as in `manifest.json`.
    pub path: String,
    /// Place inside the file: a JSON pointer (RFC 6901) in JSON, the name of an import or `offset 0x…` in a component,
    /// `line N` in a page, else empty.
    pub pointer: String,
    /// What was found, and what is allowed.
    pub why: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// An error; `why` and `fix` are set by the two methods that follow.
    #[must_use]
    pub fn error(code: &str, path: &str) -> Self {
        Self {
            code: code.to_owned(),
            severity: Severity::Error,
            path: path.to_owned(),
            pointer: String::new(),
            why: String::new(),
            fix: String::new(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &str, path: &str) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, path) }
    }

    /// A note.
    #[must_use]
    pub fn note(code: &str, path: &str) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, path) }
    }

    /// Sets the place inside the file.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = pointer.into();
        self
    }

    /// Sets what was found and what is allowed.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }
}
