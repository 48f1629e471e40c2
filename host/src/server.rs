//! Serving: one acceptor deals connections to core threads, each a runtime of its own; everything that is not a guest runs on
//! the hub's runtime. `run`, `dev` and `demo` end up here.

mod connection;
mod core;
pub(crate) mod tls;

pub(crate) use core::Core;

use self::core::CoreThread;
use crate::app::App;
use crate::heads::Heads;
use crate::registered_apps;
use crate::serve_options::{HeadsExport, ServeOptions};
use crate::shutdown;
use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use yizhan_hub::control::ControlSocket;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1_024;
/// Threads of the hub's runtime.
const HUB_THREADS: usize = 2;
/// How long connections may go on after a signal to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Pause after a failed accept (open-file limit), so that it does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until SIGINT or SIGTERM, then lets running requests finish for up to ten seconds.
///
/// # Errors
/// When the address cannot be listened on or a part of the host cannot start; the text says which.
pub fn serve(mut options: ServeOptions) -> anyhow::Result<()> {
    raise_file_limit();
    let listener = listen(options.addr)?;
    let bound = listener.local_addr()?;
    let hub = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(HUB_THREADS)
        .thread_name("hub")
        .enable_all()
        .build()
        .context("cannot start the hub's threads")?;
    let (on_ready, options_heads) = (options.on_ready.take(), options.heads.take());
    let _guard = hub.enter();
    let mut signals = shutdown::Signals::listen()?;
    let app = App::new(options, bound, hub.handle().clone())?;
    let control = control(&app)?;
    let heads = heads(&app, options_heads)?;
    let (stop, stopping) = watch::channel(false);
    let cores = start_cores(&app, &stopping)?;
    if let Some(on_ready) = on_ready {
        on_ready(bound);
    }
    hub.block_on(async {
        let accepting = tokio::spawn(accept(Arc::clone(&app), listener, cores.iter().map(CoreThread::door).collect()));
        signals.wait().await;
        accepting.abort();
        // A closed channel means that every core has ended already.
        let _ = stop.send(true);
    });
    drop(control);
    cores.into_iter().for_each(CoreThread::join);
    if let Some(heads) = heads {
        heads.finish();
    }
    hub.shutdown_timeout(Duration::from_secs(2));
    Ok(())
}

/// Binds exclusively: a second process on the same port is an error, not a silent half of the traffic.
fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&addr.into()).with_context(|| format!("cannot listen on {addr}"))?;
    socket.listen(BACKLOG).with_context(|| format!("cannot listen on {addr}"))?;
    Ok(socket.into())
}

/// As many open files as this user may have: every connection and every loaded version needs one.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }) {
        tracing::warn!(%error, "the open-file limit stays as it is");
    }
}

/// Hears of installs, removals and imports in the data directory; the task ends with what this returns.
fn control(app: &Arc<App>) -> anyhow::Result<Option<AbortOnDrop>> {
    let Some(dir) = app.shelf.data_directory() else { return Ok(None) };
    let mut socket = ControlSocket::bind(dir)?;
    if let Some(stores) = &app.stores {
        socket = socket.with_export(stores.export(app.hub.clone()));
    }
    let data = Arc::clone(app);
    socket = socket.with_data_sets(Arc::new(move || data.data_sets.reload().map_err(|error| error.to_string())));
    let (shelf, reloaded) = (Arc::clone(&app.shelf), Arc::clone(app));
    let task = app.hub.spawn(socket.run(shelf, move |snapshot| {
        reloaded.sites.retain(&reloaded, snapshot);
        reloaded.hub.spawn(registered_apps::follow(Arc::clone(&reloaded)));
    }));
    // Before the first connection: a back end may ask for an app that nobody has opened yet.
    app.hub.block_on(registered_apps::follow(Arc::clone(app)));
    Ok(Some(AbortOnDrop(task)))
}

/// Exports signed heads, where the operator asked for it.
fn heads(app: &App, settings: Option<HeadsExport>) -> anyhow::Result<Option<Heads>> {
    let (Some(settings), Some(stores)) = (settings, app.stores.clone()) else { return Ok(None) };
    Heads::start(settings, stores, Arc::clone(&app.node_keys), app.hub.clone()).map(Some)
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn start_cores(app: &Arc<App>, stopping: &watch::Receiver<bool>) -> anyhow::Result<Vec<CoreThread>> {
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    (0..count).map(|number| CoreThread::start(number, Arc::clone(app), stopping.clone())).collect()
}

/// A core's door: where sockets are handed in, and how many connections it has.
#[derive(Clone)]
pub(crate) struct Door {
    sockets: tokio::sync::mpsc::UnboundedSender<std::net::TcpStream>,
    connections: Arc<AtomicU64>,
}

/// Deals each new connection to the core that has the fewest.
async fn accept(app: Arc<App>, listener: TcpListener, doors: Vec<Door>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "cannot accept connections");
            return;
        }
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let open: u64 = doors.iter().map(|door| door.connections.load(Ordering::Relaxed)).sum();
        if open >= app.limits.connections_max {
            // Closed at once: nothing can be answered without a place.
            continue;
        }
        let Some(door) = doors.iter().min_by_key(|door| door.connections.load(Ordering::Relaxed)) else { return };
        if let Ok(stream) = stream.into_std() {
            door.connections.fetch_add(1, Ordering::Relaxed);
            // The core ends only after this task.
            let _ = door.sockets.send(stream);
        }
    }
}
