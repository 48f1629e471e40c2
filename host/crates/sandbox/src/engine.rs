//! The two engines: P2, hardened, for nearly everything; P3 for components with WASI 0.3, made on first use.

use crate::SandboxError;
use crate::meter::Ticker;
use std::sync::{Arc, OnceLock};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, RegallocAlgorithm,
};
use yizhan_domain::limits::{AppLimits, NodeLimits};
use yizhan_domain::report::EngineKind;

/// Stack of the guest's code, in bytes.
const WASM_STACK_BYTES: usize = 512 << 10;
/// Stack on which guest and host calls run, in bytes.
const FIBER_STACK_BYTES: usize = 1 << 20;
/// Bytes of a memory that stay resident when a slot is reset; larger ones are given back to the kernel.
const MEMORY_RESIDENT_BYTES: usize = 2 << 20;
/// The same for tables.
const TABLE_RESIDENT_BYTES: usize = 64 << 10;

/// Both engines of a node.
pub(crate) struct Engines {
    limits: NodeLimits,
    p2: Engine,
    p3: OnceLock<Engine>,
    ticker: Arc<Ticker>,
}

impl Engines {
    pub(crate) fn new(limits: NodeLimits) -> Result<Self, SandboxError> {
        let p2 = Engine::new(&serving(EngineKind::P2, &limits)).map_err(SandboxError::Engine)?;
        let ticker = Ticker::start(p2.weak());
        Ok(Self { limits, p2, p3: OnceLock::new(), ticker })
    }

    pub(crate) fn get(&self, kind: EngineKind) -> Result<&Engine, SandboxError> {
        if kind == EngineKind::P2 {
            return Ok(&self.p2);
        }
        if let Some(engine) = self.p3.get() {
            return Ok(engine);
        }
        let engine = Engine::new(&serving(EngineKind::P3, &self.limits)).map_err(SandboxError::Engine)?;
        let weak = engine.weak();
        if self.p3.set(engine).is_ok() {
            self.ticker.add(weak);
        }
        self.p3.get().ok_or(SandboxError::Busy { limit: "engine" })
    }

    pub(crate) fn ticker(&self) -> &Arc<Ticker> {
        &self.ticker
    }
}

/// Whether this kernel can scan page maps (Linux 6.7 and later): told at start and in the bench.
#[must_use]
pub fn pagemap_scan_available() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

/// What both the serving process and the compiler child must agree on.
fn shared(kind: EngineKind) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        .native_unwind_info(false)
        .generate_address_map(false)
        .wasm_backtrace_max_frames(None)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_multi_memory(true)
        .wasm_relaxed_simd(false)
        .memory_init_cow(false);
    let concurrent = kind == EngineKind::P3;
    config.concurrency_support(concurrent).wasm_component_model_async(concurrent);
    config
}

/// Configuration of the compiler child: one thread, on-demand allocator.
pub(crate) fn compiling(kind: EngineKind) -> Config {
    let mut config = shared(kind);
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config
}

fn serving(kind: EngineKind, limits: &NodeLimits) -> Config {
    let mut config = shared(kind);
    config.async_stack_size(FIBER_STACK_BYTES);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(kind, limits)));
    config
}

fn pool(kind: EngineKind, limits: &NodeLimits) -> PoolingAllocationConfig {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    // P3 is opt-in and rare: a quarter of the places keeps its address space modest.
    let guests = small(if kind == EngineKind::P2 { limits.guests_max } else { limits.guests_max.div_ceil(4) });
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(guests)
        .total_stacks(guests)
        .total_core_instances(guests.saturating_mul(small(limits.core_instances_max)))
        .total_memories(guests.saturating_mul(4))
        .total_tables(guests.saturating_mul(4))
        .max_memory_size(usize::try_from(AppLimits::TABLE[0].ceiling).unwrap_or(usize::MAX))
        .table_elements(usize::try_from(limits.table_elements_max).unwrap_or(usize::MAX))
        .max_memories_per_component(small(limits.memories_max))
        .max_memories_per_module(small(limits.memories_max))
        .max_tables_per_component(small(limits.tables_max))
        .max_tables_per_module(small(limits.tables_max))
        .max_core_instances_per_component(small(limits.core_instances_max))
        .max_unused_warm_slots(guests)
        .linear_memory_keep_resident(MEMORY_RESIDENT_BYTES)
        .table_keep_resident(TABLE_RESIDENT_BYTES)
        .pagemap_scan(Enabled::Auto);
    pool
}
