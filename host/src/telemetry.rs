//! The host's own log: `tracing` events on standard error, chosen by `YIZHAN_LOG` (as `RUST_LOG`), JSON when asked.

use tracing_subscriber::EnvFilter;

/// What is logged when `YIZHAN_LOG` is not set.
const DEFAULT: &str = "warn,yizhan=info,yizhan_sandbox=info,yizhan_auth=info,yizhan_hub=info";

/// Starts logging; a second call in one process changes nothing.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_env("YIZHAN_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    // An error means that somebody, a test for instance, has set up logging before.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}
