//! A core thread: one current-thread runtime that serves connections and runs their guests, and nothing else.

use super::{DRAIN, Door, connection};
use crate::app::App;
use crate::http::routes::{self, portal::HubRoutes};
use rand::{Rng as _, TryRngCore as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;
use yizhan_domain::RequestId;
use yizhan_sandbox::CoreSlice;

/// What the requests of one core share.
pub(crate) struct Core {
    pub(crate) app: Arc<App>,
    pub(crate) slice: CoreSlice,
    pub(crate) ids: Ids,
    /// The hub's routes, called for its own host name.
    pub(crate) hub_routes: HubRoutes,
}

/// Names for requests: unique, not secret.
pub(crate) struct Ids {
    high: u64,
    next: AtomicU64,
}

impl Ids {
    fn new() -> Self {
        let mut random = rand::rngs::OsRng.unwrap_err();
        Self { high: random.random(), next: AtomicU64::new(random.random()) }
    }

    /// The next request's id.
    pub(crate) fn next(&self) -> RequestId {
        // Spread by an odd factor, so that neighbours do not look alike.
        let low = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        RequestId(u128::from(self.high) << 64 | u128::from(low))
    }
}

/// A running core.
pub(crate) struct CoreThread {
    door: Door,
    thread: JoinHandle<()>,
}

impl CoreThread {
    /// Starts it.
    pub(crate) fn start(number: usize, app: Arc<App>, stopping: watch::Receiver<bool>) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (sockets, incoming) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicU64::new(0));
        let door = Door { sockets, connections: Arc::clone(&connections) };
        let hub_routes = routes::portal::router(Arc::clone(&app));
        let core = Arc::new(Core { app, slice: CoreSlice::default(), ids: Ids::new(), hub_routes });
        let name = format!("core-{number}");
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || runtime.block_on(run(core, incoming, connections, stopping)))?;
        Ok(Self { door, thread })
    }

    /// Where its sockets are handed in.
    pub(crate) fn door(&self) -> Door {
        self.door.clone()
    }

    /// Waits for its end.
    pub(crate) fn join(self) {
        drop(self.door);
        if self.thread.join().is_err() {
            tracing::error!("a core thread panicked");
        }
    }
}

async fn run(
    core: Arc<Core>,
    mut incoming: mpsc::UnboundedReceiver<std::net::TcpStream>,
    connections: Arc<AtomicU64>,
    mut stopping: watch::Receiver<bool>,
) {
    let tracker = TaskTracker::new();
    loop {
        let stream = tokio::select! {
            stream = incoming.recv() => stream,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let Some(stream) = stream else { break };
        let (core, stopping, connections) = (Arc::clone(&core), stopping.clone(), Arc::clone(&connections));
        tracker.spawn(async move {
            connection::serve(core, stream, stopping).await;
            connections.fetch_sub(1, Ordering::Relaxed);
        });
    }
    tracker.close();
    if tokio::time::timeout(DRAIN, tracker.wait()).await.is_err() {
        tracing::warn!("requests were still running after {} s and were ended", DRAIN.as_secs());
    }
}
