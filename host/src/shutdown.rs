//! Signals that end the process.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal as listen};

/// Hears SIGINT and SIGTERM from the moment it is made, so that none is lost while the process starts.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen; within a runtime.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let hear = |kind| listen(kind).context("signals cannot be heard");
        Ok(Self { interrupt: hear(SignalKind::interrupt())?, terminate: hear(SignalKind::terminate())? })
    }

    /// Waits for one of them.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
