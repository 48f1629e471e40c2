//! Hears what guests do: their log lines go to the host's log, their calls to whoever watches (`dev`).

use crate::serve_options::{HostCall, OnHostCall};
use yizhan_domain::{AppId, RequestId, VersionDigest};
use yizhan_sandbox::{GuestLog, LogSource, Observer};

/// The observer of a process.
pub(crate) struct HostObserver {
    on_host_call: Option<OnHostCall>,
}

impl HostObserver {
    pub(crate) fn new(on_host_call: Option<OnHostCall>) -> Self {
        Self { on_host_call }
    }
}

impl Observer for HostObserver {
    fn wants_host_calls(&self) -> bool {
        self.on_host_call.is_some()
    }

    fn host_call(&self, _: RequestId, app: &AppId, function: &str, outcome: &str) {
        if let Some(tell) = &self.on_host_call {
            tell(&HostCall { app: app.clone(), function: function.to_owned(), outcome: outcome.to_owned() });
        }
    }

    fn guest_log(&self, request: RequestId, app: &AppId, version: VersionDigest, log: GuestLog) {
        for (source, text) in &log.pieces {
            let source = match source {
                LogSource::Stdout => "stdout",
                LogSource::Stderr => "stderr",
                LogSource::Logging => "logging",
            };
            // Escaped: a guest cannot forge a line of the host's log.
            let text = text.trim_end().escape_debug();
            tracing::info!(target: "yizhan::guest", %request, %app, %version, source, "{text}");
        }
        if log.dropped_bytes > 0 {
            let dropped = log.dropped_bytes;
            tracing::warn!(target: "yizhan::guest", %request, %app, dropped, "limit_exceeded: log_bytes_max");
        }
    }
}
