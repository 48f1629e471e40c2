//! `log` of the fake host.

use super::with;
use crate::log::Level;

pub(crate) fn write(level: Level, context: &str, message: &str) {
    let level = match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
        Level::Critical => "critical",
    };
    let space = if context.is_empty() { "" } else { " " };
    with(|host| host.lines.push(format!("{level}{space}{context}: {message}")));
}
