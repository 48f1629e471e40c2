//! `wasi:logging/logging@0.1.0-draft`: lines with a level, in the same bounded log as standard output.

use crate::bindings::logging::logging::{Host, Level};
use crate::guest::GuestContext;
use crate::log::LogSource;

impl Host for GuestContext {
    async fn log(&mut self, level: Level, context: String, message: String) -> wasmtime::Result<()> {
        let level = match level {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::Critical => "critical",
        };
        let colon = if context.is_empty() { "" } else { ": " };
        self.request_log().write(LogSource::Logging, format!("{level} {context}{colon}{message}\n").as_bytes());
        Ok(())
    }
}
