//! Why a guest ended badly, told as the limit that it met or as a trap.

use crate::SandboxError;
use crate::guest::GuestContext;
use crate::memory::NODE_LIMIT;
use std::sync::atomic::Ordering;
use wasmtime::component::ResourceTableError;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};
use wasmtime_wasi_http::FieldMapError;

/// Limits that the runtime tells in words alone.
const IN_WORDS: [(&str, &str); 3] = [
    ("fuel allocated for hostcalls has been exhausted", "host_call_bytes_max"),
    ("store handle limit exceeded", "handles_max"),
    ("requested len ", "random_bytes_max"),
];

/// The limit that stands behind an error if there is one, else a trap with its text.
pub(super) fn of(store: &Store<GuestContext>, error: &wasmtime::Error) -> SandboxError {
    let guest = store.data();
    let limit = |limit| SandboxError::LimitExceeded { limit };
    if guest.cpu_exceeded.load(Ordering::Relaxed) {
        return limit("cpu_ms_max");
    }
    match guest.limiter.refused() {
        Some(NODE_LIMIT) => return SandboxError::Busy { limit: NODE_LIMIT },
        Some(name) => return limit(name),
        None => {}
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return SandboxError::Busy { limit: "guests_max" };
    }
    if matches!(error.downcast_ref::<ResourceTableError>(), Some(ResourceTableError::Full)) {
        return limit("resources_max");
    }
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) = error.downcast_ref() {
        return limit("field_bytes_max");
    }
    if matches!(error.downcast_ref::<Trap>(), Some(Trap::StackOverflow)) {
        return limit("wasm_stack_bytes_max");
    }
    let text = format!("{error:#}");
    if let Some((_, name)) = IN_WORDS.iter().find(|(words, _)| text.contains(words)) {
        return limit(name);
    }
    SandboxError::Trap(text.chars().take(2_000).collect())
}
