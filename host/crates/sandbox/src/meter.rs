//! CPU time of a guest: measured around each poll, read at each epoch tick; and the tick itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::EngineWeak;

/// How often a spinning guest is looked at.
const TICK: Duration = Duration::from_millis(1);
/// Ticks without a guest after which the ticker sleeps until the next one comes.
const IDLE_TICKS: u32 = 100;

/// Raises the epoch of the engines every millisecond while guests live.
pub(crate) struct Ticker {
    engines: Mutex<Vec<EngineWeak>>,
    live: AtomicUsize,
    parked: AtomicBool,
    thread: Mutex<Option<Thread>>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> Arc<Self> {
        let ticker = Arc::new(Self {
            engines: Mutex::new(vec![engine]),
            live: AtomicUsize::new(0),
            parked: AtomicBool::new(false),
            thread: Mutex::new(None),
        });
        let weak = Arc::downgrade(&ticker);
        let spawned = std::thread::Builder::new().name("epoch".into()).spawn(move || {
            let mut idle = 0;
            while let Some(ticker) = weak.upgrade() {
                ticker.tick(&mut idle);
                let rest = if ticker.parked.load(Ordering::SeqCst) { Duration::from_secs(1) } else { TICK };
                drop(ticker);
                std::thread::park_timeout(rest);
            }
        });
        if let (Ok(handle), Ok(mut thread)) = (spawned, ticker.thread.lock()) {
            *thread = Some(handle.thread().clone());
        }
        ticker
    }

    pub(crate) fn add(&self, engine: EngineWeak) {
        if let Ok(mut engines) = self.engines.lock() {
            engines.push(engine);
        }
    }

    fn tick(&self, idle: &mut u32) {
        if self.live.load(Ordering::SeqCst) > 0 {
            *idle = 0;
            self.parked.store(false, Ordering::SeqCst);
        } else {
            *idle += 1;
            if *idle > IDLE_TICKS {
                self.parked.store(true, Ordering::SeqCst);
                // A guest that came in between saw "not parked": look again before sleeping.
                if self.live.load(Ordering::SeqCst) > 0 {
                    self.parked.store(false, Ordering::SeqCst);
                }
            }
        }
        if let Ok(engines) = self.engines.lock() {
            engines.iter().filter_map(EngineWeak::upgrade).for_each(|engine| engine.increment_epoch());
        }
    }

    /// Counts a guest as alive until the value is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> Live {
        self.live.fetch_add(1, Ordering::SeqCst);
        if self.parked.swap(false, Ordering::SeqCst)
            && let Ok(thread) = self.thread.lock()
            && let Some(thread) = &*thread
        {
            thread.unpark();
        }
        Live(Arc::clone(self))
    }
}

/// A live guest.
pub(crate) struct Live(Arc<Ticker>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The one slow slice of a core: of all guests there that run longer than a tick, one runs between two looks at the
/// sockets.
#[derive(Clone)]
pub struct CoreSlice(Arc<Semaphore>);

impl Default for CoreSlice {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// CPU time of one request, in nanoseconds.
pub(crate) struct Meter {
    base: Instant,
    spent: AtomicU64,
    begun: AtomicU64,
    slice: CoreSlice,
    held: Mutex<Option<OwnedSemaphorePermit>>,
    slow: AtomicBool,
}

impl Meter {
    pub(crate) fn new(slice: CoreSlice) -> Arc<Self> {
        Arc::new(Self {
            base: Instant::now(),
            spent: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            slice,
            held: Mutex::new(None),
            slow: AtomicBool::new(false),
        })
    }

    fn clock(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Polls the guest and adds the time that this took.
    pub(crate) fn poll<T>(&self, poll: impl FnOnce() -> T) -> T {
        let begun = self.clock();
        self.begun.store(begun, Ordering::Relaxed);
        let polled = poll();
        self.spent.fetch_add(self.clock() - begun, Ordering::Relaxed);
        if self.slow.load(Ordering::Relaxed)
            && let Ok(mut held) = self.held.lock()
        {
            *held = None;
        }
        polled
    }

    /// Nanoseconds spent in finished polls.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// Nanoseconds spent, the running poll included. Called from inside a poll.
    pub(crate) fn spent_now(&self) -> u64 {
        self.spent() + self.clock().saturating_sub(self.begun.load(Ordering::Relaxed))
    }

    /// What a guest waits for at a tick: its turn on the core's slow slice, after everything else that is ready.
    pub(crate) fn next_slice(self: &Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.slow.store(true, Ordering::Relaxed);
        let meter = Arc::clone(self);
        Box::pin(async move {
            let permit = Arc::clone(&meter.slice.0).acquire_owned().await.ok();
            tokio::task::yield_now().await;
            if let Ok(mut held) = meter.held.lock() {
                *held = permit;
            }
        })
    }
}
