//! Why a guest ended badly, told as the limit that it met or as a trap.

use crate::SandboxError;
use crate::guest::GuestContext;
use std::sync::atomic::Ordering;
use wasmtime::component::ResourceTableError;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

/// The limit that stands behind an error if there is one, else a trap with its text.
pub(super) fn of(store: &Store<GuestContext>, error: &wasmtime::Error) -> SandboxError {
    let guest = store.data();
    let limit = |limit| SandboxError::LimitExceeded { limit };
    if guest.cpu_exceeded.load(Ordering::Relaxed) {
        return limit("cpu_ms_max");
    }
    if guest.limiter.refused() {
        return limit("memory_bytes_max");
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return SandboxError::Busy { limit: "guests_max" };
    }
    if matches!(error.downcast_ref::<ResourceTableError>(), Some(ResourceTableError::Full)) {
        return limit("resources_max");
    }
    if matches!(error.downcast_ref::<Trap>(), Some(Trap::StackOverflow)) {
        return limit("wasm_stack_bytes_max");
    }
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        return limit("host_call_bytes_max");
    }
    if text.contains("store handle limit exceeded") {
        return limit("handles_max");
    }
    SandboxError::Trap(text.chars().take(2_000).collect())
}
