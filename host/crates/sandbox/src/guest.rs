//! State of one instance: lives as long as its store, one request.

use crate::load::Version;
use crate::log::{LogSource, LogStream, RequestLog};
use crate::memory::MemoryLimiter;
use crate::meter::{Live, Meter};
use crate::outgoing::GuestHooks;
use crate::services::Services;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};
use yizhan_auth::InvokePermit;
use yizhan_domain::Context;

/// How the page should be shown to whoever is looking at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// BCP 47 tag: `zh-CN` or `en`.
    pub locale: String,
    /// Region, 12 digits.
    pub region: String,
    /// Large text and plain pages.
    pub elder_mode: bool,
}

/// What a guest's request carries beside its bytes.
pub(crate) struct Visit {
    pub(crate) context: Context,
    pub(crate) permit: InvokePermit,
    pub(crate) preferences: Preferences,
}

/// The `T` of `Store<T>`.
pub(crate) struct GuestContext {
    pub(crate) table: ResourceTable,
    pub(crate) limiter: MemoryLimiter,
    pub(crate) meter: Arc<Meter>,
    pub(crate) cpu_exceeded: Arc<AtomicBool>,
    pub(crate) visit: Visit,
    pub(crate) version: Arc<Version>,
    pub(crate) services: Arc<Services>,
    /// Openings of claims so far.
    pub(crate) opens: u64,
    /// Bytes of values that the guest's handles keep on the host.
    pub(crate) held_bytes: u64,
    hooks: GuestHooks,
    http: WasiHttpCtx,
    log: OnceLock<RequestLog>,
    /// Made when a guest first needs it: most never do, and making it costs random numbers and boxes.
    wasi: Option<Box<WasiCtx>>,
    _live: Live,
}

/// The parts that the caller brings.
pub(crate) struct Parts {
    pub(crate) limiter: MemoryLimiter,
    pub(crate) meter: Arc<Meter>,
    pub(crate) live: Live,
    pub(crate) visit: Visit,
    pub(crate) version: Arc<Version>,
    pub(crate) services: Arc<Services>,
}

impl GuestContext {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { limiter, meter, live, visit, version, services } = parts;
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut table = ResourceTable::new();
        table.set_max_capacity(size(version.limits.resources_max));
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(size(version.limits.field_bytes_max));
        let hooks = GuestHooks::new(Arc::clone(&services), Arc::clone(&version));
        Self {
            table,
            limiter,
            meter,
            cpu_exceeded: Arc::new(AtomicBool::new(false)),
            visit,
            version,
            services,
            opens: 0,
            held_bytes: 0,
            hooks,
            http,
            log: OnceLock::new(),
            wasi: None,
            _live: live,
        }
    }

    /// The log of this request, made when something is first written.
    pub(crate) fn request_log(&self) -> &RequestLog {
        self.log.get_or_init(|| RequestLog::new(self.version.limits.log_bytes_max))
    }

    /// Tells the observer of a host call and its answer, if it wants to know.
    pub(crate) fn observe<T, E: std::fmt::Debug>(&self, call: impl FnOnce() -> String, answer: &Result<T, E>) {
        if self.services.observer.wants_host_calls() {
            let outcome = match answer {
                Ok(_) => "ok".to_owned(),
                Err(error) => format!("{error:?}"),
            };
            self.services.observer.host_call(self.visit.context.id, &self.version.app, &call(), &outcome);
        }
    }

    fn make_wasi(&self) -> WasiCtx {
        let mut builder = WasiCtx::builder();
        builder
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false)
            .max_random_size(self.version.limits.random_bytes_max)
            .envs(&self.version.env)
            .stdout(LogStream { log: self.request_log().clone(), source: LogSource::Stdout })
            .stderr(LogStream { log: self.request_log().clone(), source: LogSource::Stderr });
        builder.build()
    }
}

impl WasiView for GuestContext {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        if self.wasi.is_none() {
            self.wasi = Some(Box::new(self.make_wasi()));
        }
        let made = self.wasi.get_or_insert_with(|| Box::new(WasiCtx::builder().build()));
        WasiCtxView { ctx: made, table: &mut self.table }
    }
}

impl WasiHttpView for GuestContext {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// However the guest ended, what it wrote reaches the observer.
impl Drop for GuestContext {
    fn drop(&mut self) {
        let Some(log) = self.log.get().map(RequestLog::take) else { return };
        if !log.pieces.is_empty() || log.dropped_bytes > 0 {
            self.services.observer.guest_log(self.visit.context.id, &self.version.app, self.version.digest, log);
        }
    }
}
