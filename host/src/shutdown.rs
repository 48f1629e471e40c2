//! Signals that end the process.

use tokio::signal::unix::{SignalKind, signal as listen};

/// Waits for SIGINT or SIGTERM.
pub(crate) async fn signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be heard; the process ends only by SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
