//! Idle connections, kept per caller and destination: never shared between apps, bounded in number and age.

use super::Caller;
use super::connect::Connection;
use super::target::Target;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::Instant;

/// Bounds of the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// Idle connections of one caller to one destination; 0 keeps none.
    pub idle_per_target_max: usize,
    /// Idle connections in all; the one that has waited longest leaves first.
    pub idle_max: usize,
    /// Milliseconds that a connection may stay idle.
    pub idle_ms_max: u64,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self { idle_per_target_max: 4, idle_max: 512, idle_ms_max: 15_000 }
    }
}

/// Whose connections, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) caller: Caller,
    pub(crate) target: Target,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

#[derive(Debug, Default)]
struct Shelves {
    /// Oldest first; no shelf is empty.
    idle: HashMap<Key, Vec<Idle>>,
    count: usize,
    sweeping: bool,
}

/// The idle connections of an `Egress`.
#[derive(Debug)]
pub(crate) struct Pool {
    limits: PoolLimits,
    handle: Handle,
    shelves: Mutex<Shelves>,
}

impl Pool {
    pub(crate) fn new(limits: PoolLimits, handle: Handle) -> Self {
        Self { limits, handle, shelves: Mutex::default() }
    }

    /// The connection that was used last, when it is young and still open.
    pub(crate) fn take(&self, key: &Key) -> Option<Connection> {
        let mut shelves = self.shelves();
        loop {
            let idle = shelves.pop(key)?;
            if !idle.connection.sender.is_closed() && idle.since.elapsed() < self.idle_time() {
                return Some(idle.connection);
            }
        }
    }

    /// Keeps a connection whose exchange is over.
    pub(crate) fn put(self: &Arc<Self>, key: Key, connection: Connection) {
        if connection.sender.is_closed() || self.limits.idle_per_target_max == 0 || self.limits.idle_max == 0 {
            return;
        }
        let mut shelves = self.shelves();
        if shelves.idle.get(&key).is_some_and(|shelf| shelf.len() >= self.limits.idle_per_target_max) {
            shelves.remove_oldest(&key);
        }
        if shelves.count >= self.limits.idle_max {
            shelves.remove_oldest_of_all();
        }
        shelves.idle.entry(key).or_default().push(Idle { connection, since: Instant::now() });
        shelves.count += 1;
        if !shelves.sweeping {
            shelves.sweeping = true;
            self.spawn_sweeper();
        }
    }

    /// Closes the idle connections of a caller.
    pub(crate) fn forget(&self, caller: &Caller) {
        self.shelves().retain(|key, _| key.caller != *caller);
    }

    /// Idle connections in all.
    pub(crate) fn count(&self) -> usize {
        self.shelves().count
    }

    /// Closes old connections while there are any, then ends.
    fn spawn_sweeper(self: &Arc<Self>) {
        let (pool, pause) = (Arc::downgrade(self), self.idle_time() / 2);
        self.handle.spawn(async move {
            loop {
                tokio::time::sleep(pause.max(Duration::from_millis(1))).await;
                let Some(pool) = pool.upgrade() else { return };
                let mut shelves = pool.shelves();
                shelves.retain(|_, idle| idle.since.elapsed() < pool.idle_time());
                if shelves.count == 0 {
                    shelves.sweeping = false;
                    return;
                }
            }
        });
    }

    fn idle_time(&self) -> Duration {
        Duration::from_millis(self.limits.idle_ms_max)
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelves {
    fn pop(&mut self, key: &Key) -> Option<Idle> {
        let shelf = self.idle.get_mut(key)?;
        let idle = shelf.pop();
        if shelf.is_empty() {
            self.idle.remove(key);
        }
        self.count -= usize::from(idle.is_some());
        idle
    }

    fn remove_oldest(&mut self, key: &Key) {
        if let Some(shelf) = self.idle.get_mut(key) {
            drop(shelf.remove(0));
            self.count -= 1;
            if shelf.is_empty() {
                self.idle.remove(key);
            }
        }
    }

    fn remove_oldest_of_all(&mut self) {
        let oldest = self.idle.iter().min_by_key(|(_, shelf)| shelf.first().map(|idle| idle.since));
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.remove_oldest(&key);
        }
    }

    fn retain(&mut self, keep: impl Fn(&Key, &Idle) -> bool) {
        self.idle.retain(|key, shelf| {
            shelf.retain(|idle| keep(key, idle));
            !shelf.is_empty()
        });
        self.count = self.idle.values().map(Vec::len).sum();
    }
}
