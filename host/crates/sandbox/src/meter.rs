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
///
/// The first polls are measured by the monotonic clock, which costs next to nothing. From its first tick on a guest is
/// measured by the CPU time of the thread, so that a busy machine does not cost a guest its budget.
pub(crate) struct Meter {
    base: Instant,
    spent: AtomicU64,
    begun: AtomicU64,
    /// Whether `begun` is CPU time of the thread.
    by_cpu: AtomicBool,
    slice: CoreSlice,
    held: Mutex<Option<OwnedSemaphorePermit>>,
    slow: AtomicBool,
}

/// The most that counts of a poll that the monotonic clock measured: it holds one tick at most.
const UNMEASURED_NS_MAX: u64 = 50_000_000;

/// CPU time of this thread in nanoseconds.
fn thread_cpu() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let part = |number: i64| u64::try_from(number).unwrap_or(0);
    part(time.tv_sec) * 1_000_000_000 + part(time.tv_nsec)
}

impl Meter {
    pub(crate) fn new(slice: CoreSlice) -> Arc<Self> {
        Arc::new(Self {
            base: Instant::now(),
            spent: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            by_cpu: AtomicBool::new(false),
            slice,
            held: Mutex::new(None),
            slow: AtomicBool::new(false),
        })
    }

    /// Nanoseconds since the running poll began.
    fn since_begun(&self) -> u64 {
        let begun = self.begun.load(Ordering::Relaxed);
        if self.by_cpu.load(Ordering::Relaxed) {
            return thread_cpu().saturating_sub(begun);
        }
        self.monotonic().saturating_sub(begun).min(UNMEASURED_NS_MAX)
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Polls the guest and adds the time that this took.
    pub(crate) fn poll<T>(&self, poll: impl FnOnce() -> T) -> T {
        let by_cpu = self.slow.load(Ordering::Relaxed);
        self.by_cpu.store(by_cpu, Ordering::Relaxed);
        self.begun.store(if by_cpu { thread_cpu() } else { self.monotonic() }, Ordering::Relaxed);
        let polled = poll();
        self.spent.fetch_add(self.since_begun(), Ordering::Relaxed);
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
        self.spent() + self.since_begun()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_the_processor_is_not_cpu_time() {
        let meter = Meter::new(CoreSlice::default());
        drop(meter.next_slice());
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_millis(60));
            drop(sender);
        });
        // Stands still until the other thread is done, as a thread that the kernel does not schedule.
        meter.poll(|| receiver.recv().is_err());
        assert!(meter.spent() < 30_000_000, "{} ns", meter.spent());
    }

    #[test]
    fn work_is_cpu_time() {
        let meter = Meter::new(CoreSlice::default());
        drop(meter.next_slice());
        meter.poll(|| {
            let begun = thread_cpu();
            while thread_cpu() - begun < 3_000_000 {
                std::hint::spin_loop();
            }
            assert!(meter.spent_now() >= 3_000_000);
        });
        assert!(meter.spent() >= 3_000_000, "{} ns", meter.spent());
    }
}
