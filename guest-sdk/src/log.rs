//! Log lines for whoever operates the app. Never write personal data into them.
//!
//! ```
//! use yizhan_sdk::{log, testing::FakeHost};
//!
//! let host = FakeHost::new().install();
//! log::info("search without words");
//! assert_eq!(host.log_lines(), ["info: search without words"]);
//! ```

use std::fmt::Display;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The flow of control and the values of variables.
    Trace,
    /// For someone who debugs the app.
    Debug,
    /// For someone who watches the app.
    Info,
    /// Something that may become an error.
    Warn,
    /// An error.
    Error,
    /// An error that ends the app's service.
    Critical,
}

/// Writes a line; the context groups lines of the same kind and may be empty.
pub fn write(level: Level, context: &str, message: impl Display) {
    crate::host::log::write(level, context, &message.to_string());
}

/// Writes a line for someone who debugs the app.
pub fn debug(message: impl Display) {
    write(Level::Debug, "", message);
}

/// Writes a line for someone who watches the app.
pub fn info(message: impl Display) {
    write(Level::Info, "", message);
}

/// Writes a line about something that may become an error.
pub fn warn(message: impl Display) {
    write(Level::Warn, "", message);
}

/// Writes a line about an error.
pub fn error(message: impl Display) {
    write(Level::Error, "", message);
}
