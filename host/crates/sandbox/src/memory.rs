//! Linear memory: one sum over all memories of an instance, charged to the node too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::ResourceLimiter;

/// The limit of all guests together: not the app's fault.
pub(crate) const NODE_LIMIT: &str = "guest_bytes_max";

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
    refused: Option<&'static str>,
}

impl MemoryLimiter {
    pub(crate) fn new(node: Arc<NodeMemory>, bytes_max: u64, elements_max: u64) -> Self {
        let elements_max = usize::try_from(elements_max).unwrap_or(usize::MAX);
        Self { node, used: 0, bytes_max, elements_max, refused: None }
    }

    /// The limit that refused a growth first: a trap that follows is told as this limit.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        self.refused
    }

    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let refusal = if self.used + more > self.bytes_max {
            Some("memory_bytes_max")
        } else if self.node.take(more) {
            self.used += more;
            None
        } else {
            Some(NODE_LIMIT)
        };
        self.refused = self.refused.or(refusal);
        Ok(refusal.is_none())
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let refusal = (desired > self.elements_max).then_some("table_elements_max");
        self.refused = self.refused.or(refusal);
        Ok(refusal.is_none())
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
        assert_eq!(limiter.refused(), Some("memory_bytes_max"));
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
        assert_eq!(two.refused(), Some(NODE_LIMIT));
        drop(one);
        assert!(two.memory_growing(0, 100, None).expect("answer"));
    }

    #[test]
    fn a_table_grows_up_to_its_elements() {
        let mut limiter = MemoryLimiter::new(NodeMemory::new(250), 200, 10);
        assert!(limiter.table_growing(0, 10, None).expect("answer"));
        assert!(!limiter.table_growing(10, 11, None).expect("answer"));
        assert_eq!(limiter.refused(), Some("table_elements_max"));
    }
}
