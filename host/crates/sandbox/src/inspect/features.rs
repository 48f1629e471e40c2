//! Which WebAssembly features our engines run, and the check of a component against them. The engines' configuration is
//! tested against the same sets.

use wasmparser::types::Types;
use wasmparser::{Validator, WasmFeatures};
use yizhan_domain::{Finding, report::EngineKind};

/// Features of an engine: WebAssembly 3.0 without gc, function references, threads, exceptions, memory64 and relaxed SIMD
/// (whose results differ between machines), and the component model; its async part on P3 alone.
#[must_use]
pub fn features(engine: EngineKind) -> WasmFeatures {
    let off = WasmFeatures::GC
        | WasmFeatures::GC_TYPES
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::THREADS
        | WasmFeatures::MEMORY64
        | WasmFeatures::RELAXED_SIMD;
    let hardened = WasmFeatures::WASM3.difference(off) | WasmFeatures::COMPONENT_MODEL;
    match engine {
        EngineKind::P2 => hardened,
        EngineKind::P3 => hardened | WasmFeatures::CM_ASYNC,
    }
}

/// A valid component, and the engine that runs it.
pub(super) struct Valid {
    pub(super) engine: EngineKind,
    pub(super) types: Types,
}

/// Validates on P2 unless a name already asked for P3; async lifts, streams and futures ask for P3 too.
pub(super) fn validate(wasm: &[u8], engine: EngineKind) -> Result<Valid, Box<Finding>> {
    let error = match Validator::new_with_features(features(engine)).validate_all(wasm) {
        Ok(types) => return Ok(Valid { engine, types }),
        Err(error) => error,
    };
    if engine == EngineKind::P2
        && let Ok(types) = Validator::new_with_features(features(EngineKind::P3)).validate_all(wasm)
    {
        return Ok(Valid { engine: EngineKind::P3, types });
    }
    Err(Box::new(finding(wasm, &error)))
}

/// The mistake told apart: a feature that is off, or bytes that no engine takes.
fn finding(wasm: &[u8], error: &wasmparser::Error) -> Finding {
    let place = format!("offset 0x{:x}", error.offset());
    let message = error.message();
    if Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).is_err() {
        return Finding::error("component.malformed", super::PATH)
            .at(place)
            .why(format!("the component is not valid: {message}"))
            .fix("build it again with current tools; `wasm-tools validate` shows the same place");
    }
    let missing = error.missing_wasm_feature();
    let row = FEATURES_OFF.iter().find(|row| missing.is_some_and(|missing| missing.intersects(row.0)));
    let (name, fix) = row.map_or(("a WebAssembly proposal", "build it without that proposal"), |row| (row.1, row.2));
    Finding::error("component.feature-off", super::PATH)
        .at(place)
        .why(format!("it uses {name}, which the sandbox does not run ({message})"))
        .fix(fix)
}

/// Features that are off, their plain names, and what to do.
const FEATURES_OFF: &[(WasmFeatures, &str, &str)] = &[
    (
        WasmFeatures::THREADS.union(WasmFeatures::SHARED_EVERYTHING_THREADS).union(WasmFeatures::CM_THREADING),
        "threads or shared memory",
        "build without threads: no `-pthread`, no `+atomics`; each request has an instance of its own",
    ),
    (WasmFeatures::MEMORY64, "64-bit memory", "build for a 32-bit memory (wasm32-wasip2)"),
    (
        WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
        "exceptions",
        "build with `panic = \"abort\"` or `-fno-exceptions`",
    ),
    (
        WasmFeatures::GC.union(WasmFeatures::GC_TYPES).union(WasmFeatures::FUNCTION_REFERENCES),
        "garbage-collected or typed references",
        "build for linear memory (wasm32-wasip2), not for WebAssembly GC",
    ),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD", "build without `+relaxed-simd`; plain SIMD is fine"),
    (WasmFeatures::STACK_SWITCHING, "stack switching", "build without stack switching"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sandbox_leaves_out_is_off_on_both_engines() {
        for engine in [EngineKind::P2, EngineKind::P3] {
            let features = features(engine);
            for (off, name, _) in FEATURES_OFF {
                assert!(!features.intersects(*off), "{name} on {engine:?}");
            }
            assert!(features.contains(WasmFeatures::SIMD | WasmFeatures::BULK_MEMORY | WasmFeatures::MULTI_VALUE));
        }
        assert!(!features(EngineKind::P2).contains(WasmFeatures::CM_ASYNC));
        assert!(features(EngineKind::P3).contains(WasmFeatures::CM_ASYNC));
    }
}
