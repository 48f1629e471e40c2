//! One request through one fresh instance: admission, store with all limits, the guest, its answer.

mod failure;
mod run;

use crate::SandboxError;
use crate::admission::{Admission, Place};
use crate::body::{GuestBody, RequestBody, RequestFlags};
use crate::engine::Engines;
use crate::guest::{GuestContext, Parts, Preferences, Visit};
use crate::load::{Loaded, Pre};
use crate::memory::{MemoryLimiter, NodeMemory};
use crate::meter::{CoreSlice, Meter};
use crate::services::Services;
use bytes::Bytes;
use http_body::Body;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wasmtime::{Store, UpdateDeadline};
use yizhan_auth::InvokePermit;
use yizhan_domain::Context;
use yizhan_domain::limits::NodeLimits;

/// One request, beside its bytes.
pub struct Invocation {
    /// Its id and moment.
    pub context: Context,
    /// Proof that it may run.
    pub permit: InvokePermit,
    /// How the page should be shown.
    pub preferences: Preferences,
    /// The slow slice of the core that serves it.
    pub slice: CoreSlice,
}

/// What a request cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// CPU time of the guest up to its answer, in nanoseconds.
    pub cpu_ns: u64,
    /// Linear memory that it held, in bytes.
    pub memory_bytes: u64,
}

/// An answer with its cost.
pub struct Answer {
    /// The answer.
    pub response: http::Response<GuestBody>,
    /// What it cost.
    pub cost: Cost,
}

/// What every invocation shares.
pub(crate) struct Node {
    pub(crate) engines: Arc<Engines>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) memory: Arc<NodeMemory>,
    pub(crate) limits: NodeLimits,
    pub(crate) services: Arc<Services>,
}

impl Node {
    /// Runs a guest for one request.
    pub(crate) async fn invoke<B>(
        &self,
        loaded: &Arc<Loaded>,
        invocation: Invocation,
        request: http::Request<B>,
    ) -> Result<Answer, SandboxError>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let version = &loaded.version;
        let permitted = invocation.permit.policy().digest;
        if permitted != version.digest {
            return Err(SandboxError::Permit { permitted, asked: version.digest });
        }
        let limits = &version.limits;
        let bytes_max = limits.request_body_bytes_max;
        if request.body().size_hint().lower() > bytes_max {
            return Err(SandboxError::BodyTooLarge { bytes_max });
        }
        let place =
            self.admission.enter(&version.app, limits.concurrent_requests_max, limits.queued_requests_max).await?;
        let flags = Arc::new(RequestFlags::default());
        let idle = Duration::from_millis(limits.body_idle_ms_max);
        let request = request.map(|body| RequestBody::new(body, bytes_max, idle, Arc::clone(&flags)));
        let store = self.store(loaded, invocation)?;
        let answer = match &loaded.pre {
            Pre::P2(pre) => run::p2(pre, store, request, place).await,
            Pre::P3(pre) => run::p3(pre, store, request, place).await,
        };
        if answer.is_err() && flags.too_large.load(Ordering::Relaxed) {
            return Err(SandboxError::BodyTooLarge { bytes_max });
        }
        answer
    }

    /// A store with every limit set, before anything of the guest is instantiated.
    fn store(&self, loaded: &Arc<Loaded>, invocation: Invocation) -> Result<Store<GuestContext>, SandboxError> {
        let Invocation { context, permit, preferences, slice } = invocation;
        let version = Arc::clone(&loaded.version);
        let limits = version.limits;
        let limiter =
            MemoryLimiter::new(Arc::clone(&self.memory), limits.memory_bytes_max, self.limits.table_elements_max);
        let meter = Meter::new(slice);
        let guest = GuestContext::new(Parts {
            limiter,
            meter: Arc::clone(&meter),
            live: self.engines.ticker().enter(),
            visit: Visit { context, permit, preferences },
            version,
            services: Arc::clone(&self.services),
        });
        let engine = match &loaded.pre {
            Pre::P2(pre) => pre.engine(),
            Pre::P3(pre) => pre.engine(),
        };
        let mut store = Store::new(engine, guest);
        store.limiter(|guest| &mut guest.limiter);
        store.set_hostcall_fuel(usize::try_from(limits.host_call_bytes_max).unwrap_or(usize::MAX));
        store.set_max_component_handles(usize::try_from(limits.handles_max).unwrap_or(usize::MAX));
        if let Some(table) = store.concurrent_resource_table() {
            table.set_max_capacity(usize::try_from(limits.resources_max).unwrap_or(usize::MAX));
        }
        let cpu_ns_max = limits.cpu_ms_max * 1_000_000;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |store| {
            if meter.spent_now() > cpu_ns_max {
                store.data().cpu_exceeded.store(true, Ordering::Relaxed);
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::YieldCustom(1, meter.next_slice()))
        });
        Ok(store)
    }
}

/// A place is held as long as the guest lives, also while it streams.
pub(crate) type Held = Place;
