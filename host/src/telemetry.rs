//! The host's own log: `tracing` events on standard error, chosen by `YIZHAN_LOG` (as `RUST_LOG`), JSON when asked.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

/// What is logged when `YIZHAN_LOG` is not set.
const DEFAULT: &str = "warn,yizhan=info,yizhan_sandbox=info,yizhan_auth=info,yizhan_hub=info";

/// Starts logging; a second call in one process changes nothing.
pub fn init(json: bool) {
    let filter = EnvFilter::try_from_env("YIZHAN_LOG").unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(true);
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    // An error means that somebody, a test for instance, has set up logging before.
    let _ = Registry::default().with(lines).with(filter).with(filter_fn(is_safe)).try_init();
}

/// Whether an event can be without payloads. Our own are at every level; libraries write what passes through them (keys and
/// records of a database, addresses with their queries) into their debug and trace lines, so those are never taken.
fn is_safe(event: &Metadata<'_>) -> bool {
    *event.level() <= Level::INFO || event.target().starts_with("yizhan")
}
