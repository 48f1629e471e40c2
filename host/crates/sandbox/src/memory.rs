//! Linear memory: one sum over all memories of an instance, charged to the node too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::ResourceLimiter;

/// Bytes that all guests of the node may hold.
#[derive(Debug)]
pub(crate) struct NodeMemory {
    used: AtomicU64,
    bytes_max: u64,
}

impl NodeMemory {
    pub(crate) fn new(bytes_max: u64) -> Arc<Self> {
        Arc::new(Self { used: AtomicU64::new(0), bytes_max })
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: u64) -> bool {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.bytes_max {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        true
    }
}

/// What one instance holds; given back to the node when it is dropped.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    node: Arc<NodeMemory>,
    used: u64,
    bytes_max: u64,
    elements_max: usize,
    refused: bool,
}

impl MemoryLimiter {
    pub(crate) fn new(node: Arc<NodeMemory>, bytes_max: u64, elements_max: u64) -> Self {
        let elements_max = usize::try_from(elements_max).unwrap_or(usize::MAX);
        Self { node, used: 0, bytes_max, elements_max, refused: false }
    }

    /// Whether a growth was refused: a trap that follows is told as "memory".
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let fits = self.used + more <= self.bytes_max && self.node.take(more);
        if fits {
            self.used += more;
        } else {
            self.refused = true;
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.elements_max;
        self.refused |= !fits;
        Ok(fits)
    }
}

impl Drop for MemoryLimiter {
    fn drop(&mut self) {
        self.node.used.fetch_sub(self.used, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_of_an_instance_are_summed_and_given_back() {
        let node = NodeMemory::new(1 << 20);
        let mut limiter = MemoryLimiter::new(Arc::clone(&node), 300, 10);
        assert!(limiter.memory_growing(0, 200, None).expect("answer"));
        assert!(!limiter.memory_growing(0, 101, None).expect("answer"), "two memories together");
        assert!(limiter.refused());
        assert!(limiter.memory_growing(0, 100, None).expect("answer"));
        assert_eq!(node.used(), 300);
        drop(limiter);
        assert_eq!(node.used(), 0);
    }

    #[test]
    fn the_node_refuses_when_all_guests_together_hold_too_much() {
        let node = NodeMemory::new(250);
        let mut one = MemoryLimiter::new(Arc::clone(&node), 200, 10);
        let mut two = MemoryLimiter::new(Arc::clone(&node), 200, 10);
        assert!(one.memory_growing(0, 200, None).expect("answer"));
        assert!(!two.memory_growing(0, 100, None).expect("answer"));
        drop(one);
        assert!(two.memory_growing(0, 100, None).expect("answer"));
        assert!(!two.table_growing(0, 11, None).expect("answer"));
    }
}
