//! `wasi:logging/logging`.

use super::bindings::wasi::logging::logging as wit;
use crate::log::Level;

pub(crate) fn write(level: Level, context: &str, message: &str) {
    let level = match level {
        Level::Trace => wit::Level::Trace,
        Level::Debug => wit::Level::Debug,
        Level::Info => wit::Level::Info,
        Level::Warn => wit::Level::Warn,
        Level::Error => wit::Level::Error,
        Level::Critical => wit::Level::Critical,
    };
    wit::log(level, context, message);
}
