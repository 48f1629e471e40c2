//! What lives as long as the process: the rooms, wired together. Built by the server, read by every request.

use crate::access_log::AccessLogWriter;
use crate::data_sets::DataSets;
use crate::data_stores::{self, DataStores};
use crate::development::Development;
use crate::http::cookies::HostCookies;
use crate::http::host_files::HostFiles;
use crate::http::security_headers::HubHeaders;
use crate::hub_side::{HubSettings, HubSide};
use crate::logout_notices;
use crate::metrics::Metrics;
use crate::node_keys::NodeKeys;
use crate::observer::HostObserver;
use crate::origins::Origins;
use crate::outbound::Outbound;
use crate::runtime_side;
use crate::serve_options::{ServeMode, ServeOptions, ServeRole};
use crate::server::tls;
use crate::site::{Apps, Sites};
use crate::trusted_proxy::Cidr;
use crate::upstream;
use anyhow::Context as _;
use base64::Engine as _;
use rand::{RngCore as _, TryRngCore as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use yizhan_auth::Personas;
use yizhan_auth::keys::{KeyStore, Purpose, RootKey};
use yizhan_auth::runtime::Runtime;
use yizhan_domain::limits::NodeLimits;
use yizhan_domain::{Claim, Clock, Context, RequestId, SystemClock};
use yizhan_hub::{DataMode, Shelf};
use yizhan_sandbox::egress::Target;
use yizhan_sandbox::{Sandbox, SandboxConfig, Services};
use yizhan_store::records::{HubStore, RuntimeStore, StoreMode};
use yizhan_store::{JournalKey, KvStore, MemoryRecords, MemoryStore, Quota, RecordsSettings};

/// Brand of the portal, a setting of the operator; the sample's.
pub(crate) const BRAND: &str = "掌上通办";

/// The process.
pub(crate) struct App {
    pub(crate) mode: ServeMode,
    pub(crate) role: ServeRole,
    /// Where hub and apps are reached.
    pub(crate) origins: Origins,
    /// Public keys that a runtime elsewhere sent; none where the runtime is this process.
    pub(crate) runtime_keys: Option<PathBuf>,
    pub(crate) trusted_proxies: Vec<Cidr>,
    pub(crate) port: u16,
    pub(crate) portal_origin: String,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) sites: Sites,
    pub(crate) apps: Arc<Apps>,
    pub(crate) sandbox: Sandbox,
    /// Catalog, places and working days.
    pub(crate) data_sets: DataSets,
    pub(crate) clock: Arc<dyn Clock>,
    /// The development page's own; none with a production store.
    pub(crate) development: Option<Development>,
    /// The hub's half; none where this process is a runtime alone.
    pub(crate) hub_side: Option<Arc<HubSide>>,
    /// The runtime as a client of the hub.
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) local: LocalRun,
    /// Scheme of every origin here: `http` on loopback, else `https`.
    pub(crate) scheme: &'static str,
    /// TLS of the listener; none serves plain HTTP.
    pub(crate) tls: Option<tokio_rustls::TlsAcceptor>,
    pub(crate) cookies: HostCookies,
    pub(crate) hub_headers: HubHeaders,
    /// The stores of the data directory; none where everything is in memory.
    pub(crate) stores: Option<DataStores>,
    /// Signing keys of this node.
    pub(crate) node_keys: Arc<dyn KeyStore>,
    pub(crate) host_files: HostFiles,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) access_log: Option<AccessLogWriter>,
    pub(crate) limits: NodeLimits,
    /// The runtime of everything that is not a guest.
    pub(crate) hub: tokio::runtime::Handle,
}

/// What the person at this machine asked for on the command line.
pub(crate) struct LocalRun {
    pub(crate) persona: Option<String>,
    pub(crate) grant: Vec<Claim>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) config: Vec<(String, String)>,
    pub(crate) egress: Vec<Target>,
}

/// Random bytes of the operating system.
pub(crate) fn random_bytes() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).context("the operating system gives no random bytes")?;
    Ok(bytes)
}

/// 256 random bits of the operating system, 43 characters: a secret.
pub(crate) fn random_token() -> String {
    let mut bytes = [0u8; 32];
    rand::rngs::OsRng.unwrap_err().fill_bytes(&mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

impl App {
    /// Wires the rooms together for the address that was bound.
    pub(crate) fn new(
        options: ServeOptions,
        bound: SocketAddr,
        hub: tokio::runtime::Handle,
    ) -> anyhow::Result<Arc<Self>> {
        let scheme = options.scheme();
        let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let cookies = if scheme == "https" { HostCookies::Secure } else { HostCookies::Development };
        let origins = Origins::of(&options, bound.port())?;
        let portal_origin = portal_origin(&options, &origins, bound.port());
        let development = (options.shelf.mode() == DataMode::Development).then(Development::default);
        let clock = clock_of(development.as_ref());
        if let Some(name) = &options.persona {
            Personas::seeded().context("the seeded test persons")?.find_by_name(name)?;
        }
        let egress: Vec<Target> = options.egress.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let limits = node_limits();
        let apps = Arc::new(Apps::new(Arc::clone(&options.shelf), origins.clone()));
        let keys = options.data.as_deref().map_or_else(NodeKeys::in_memory, NodeKeys::open)?;
        let open = |data| DataStores::open(data, options.shelf.mode(), &keys);
        let stores = options.data.as_deref().map(open).transpose()?;
        let outbound = outbound(&options, &hub)?;
        let data_sets = DataSets::open(options.data.as_deref())?;
        let wiring = Wiring {
            options: &options,
            keys: &keys,
            origins: &origins,
            outbound: &outbound,
            clock: &clock,
            hub: &hub,
            data_sets: &data_sets,
        };
        let (hub_side, runtime) = halves(&wiring, stores.as_ref(), cookies)?;
        let services = services(&wiring, &apps, stores.as_ref(), (&runtime, hub_side.as_ref()), &egress)?;
        let (artefacts, node_key) = artefacts(&options.shelf)?;
        let compiler = std::env::current_exe().context("the path of this program, which compiles components")?;
        let sandbox = Sandbox::new(SandboxConfig { limits, compiler, artefacts, node_key }, services)?;
        let access_log = options.access_log.as_deref().map(AccessLogWriter::open).transpose()?;
        Ok(Arc::new(Self {
            mode: options.mode,
            role: options.role,
            origins,
            runtime_keys: options.runtime_keys,
            trusted_proxies: options.trusted_proxies,
            port: bound.port(),
            portal_origin,
            shelf: options.shelf,
            sites: Sites::default(),
            apps,
            sandbox,
            data_sets,
            clock,
            development,
            hub_side,
            runtime,
            scheme,
            tls,
            local: LocalRun {
                persona: options.persona,
                grant: options.grant,
                env: options.env,
                config: options.config,
                egress,
            },
            cookies,
            hub_headers: HubHeaders::new(),
            stores,
            node_keys: keys.hub,
            host_files: HostFiles::new(),
            metrics: Arc::new(Metrics::default()),
            access_log,
            limits,
            hub,
        }))
    }

    /// The origin of an app.
    pub(crate) fn origin_of(&self, slug: &str) -> String {
        self.origins.app(slug)
    }
}

/// The context of something that the process does by itself.
pub(crate) fn new_context(clock: &dyn Clock) -> anyhow::Result<Context> {
    let [id, _] = *random_bytes()?.as_chunks::<16>().0 else { anyhow::bail!("32 bytes are two of 16") };
    Ok(Context { id: RequestId(u128::from_be_bytes(id)), now: clock.now() })
}

/// Where "home" leads on the host's own pages: a local run has no portal, so there it is the app.
fn portal_origin(options: &ServeOptions, origins: &Origins, port: u16) -> String {
    match options.mode {
        ServeMode::Run | ServeMode::Dev => format!("{}://localhost:{port}", options.scheme()),
        ServeMode::Demo | ServeMode::Serve => origins.hub.clone(),
    }
}

/// The development page may move its clock.
fn clock_of(development: Option<&Development>) -> Arc<dyn Clock> {
    match development {
        Some(development) => Arc::clone(&development.clock) as _,
        None => Arc::new(SystemClock),
    }
}

/// The platform's own way out, as the operator opened it.
fn outbound(options: &ServeOptions, hub: &tokio::runtime::Handle) -> anyhow::Result<Outbound> {
    let allowed = options.allowed_hosts.iter().map(|text| text.parse()).collect::<Result<Vec<Target>, _>>();
    let outbound = Outbound::new(hub.clone(), allowed.context("an allowed host")?, &options.own_addresses)?;
    match &options.authorities {
        Some(file) => outbound.trusting(file),
        None => Ok(outbound),
    }
}

/// What the halves are made of.
struct Wiring<'a> {
    options: &'a ServeOptions,
    keys: &'a NodeKeys,
    origins: &'a Origins,
    outbound: &'a Outbound,
    clock: &'a Arc<dyn Clock>,
    hub: &'a tokio::runtime::Handle,
    data_sets: &'a DataSets,
}

/// What guests are given.
fn services(
    wiring: &Wiring<'_>,
    apps: &Arc<Apps>,
    stores: Option<&DataStores>,
    (runtime, hub_side): (&Arc<Runtime>, Option<&Arc<HubSide>>),
    egress: &[Target],
) -> anyhow::Result<Arc<Services>> {
    let Wiring { options, clock, hub, data_sets, .. } = *wiring;
    Ok(Arc::new(Services {
        clock: Arc::clone(clock),
        catalog: Arc::clone(&data_sets.catalog),
        places: Arc::clone(&data_sets.places),
        appointments: hub_side.map(|hub| Arc::clone(&hub.appointments)),
        apps: Arc::clone(apps) as _,
        kv: stores.map_or_else(kv_in_memory, |stores| Arc::clone(&stores.kv) as _),
        authorization: Arc::clone(runtime),
        egress: Outbound::new(hub.clone(), egress.to_vec(), &options.own_addresses)?.egress().clone(),
        observer: Arc::new(HostObserver::new(options.on_host_call.clone())),
    }))
}

/// The hub's half, unless this process is a runtime alone, and the runtime's.
fn halves(
    wiring: &Wiring<'_>,
    stores: Option<&DataStores>,
    cookies: HostCookies,
) -> anyhow::Result<(Option<Arc<HubSide>>, Arc<Runtime>)> {
    let Wiring { options, keys, origins, outbound, clock, hub, data_sets } = *wiring;
    let (records, sessions) = both_sides(stores);
    if options.role == ServeRole::Runtime {
        return Ok((None, runtime_side::apart(&origins.hub, sessions, keys, outbound)?));
    }
    let issuer = origins.hub.clone();
    let send_logout = logout_notices::sender(hub.clone(), outbound.clone(), origins.clone());
    let upstreams = match &options.upstreams {
        Some(path) => {
            let development = options.shelf.mode() == DataMode::Development;
            upstream::open(path, (&issuer, development), outbound, (&keys.hub, clock.now()))?
        }
        None => Vec::new(),
    };
    let (catalog, places) = (Arc::clone(&data_sets.catalog), Arc::clone(&data_sets.places));
    let settings = HubSettings { issuer, cookies, brand: BRAND, upstreams, send_logout, catalog, places };
    let hub_side = hub.block_on(HubSide::open(&new_context(&**clock)?, records, keys, settings))?;
    let runtime = runtime_side::beside(&hub_side, sessions, keys);
    Ok((Some(hub_side), runtime))
}

/// What hub and runtime remember: one store, seen from two sides.
fn both_sides(stores: Option<&DataStores>) -> (Arc<dyn HubStore>, Arc<dyn RuntimeStore>) {
    match stores {
        Some(stores) => (Arc::clone(&stores.records) as _, Arc::clone(&stores.records) as _),
        None => {
            let records = Arc::new(MemoryRecords::new(StoreMode::Development));
            (Arc::clone(&records) as _, records)
        }
    }
}

/// How the records of a data directory are opened: by the server, and by commands on a hub that is stopped.
pub(crate) fn records_settings(mode: DataMode, root: &RootKey) -> RecordsSettings {
    let mode = match mode {
        DataMode::Development => StoreMode::Development,
        DataMode::Production => StoreMode::Production,
    };
    let settings = RecordsSettings::new(mode, JournalKey::new(*root.derive(Purpose::Journal)));
    RecordsSettings { probe: data_stores::probe(), ..settings }
}

/// Defaults, with half of the machine's memory for guests.
fn node_limits() -> NodeLimits {
    let memory = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    let limits = NodeLimits::default();
    NodeLimits { guest_bytes_max: memory.map_or(limits.guest_bytes_max, |kib| kib * 1024 / 2), ..limits }
}

fn kv_in_memory() -> Arc<dyn KvStore> {
    Arc::new(MemoryStore::new(Quota::default()))
}

/// Where compiled components are kept: in the data directory, or for local runs in the user's cache, where the next run
/// finds them.
fn artefacts(shelf: &Shelf) -> anyhow::Result<(PathBuf, [u8; 32])> {
    if let (Some(folder), Some(key)) = (shelf.artefacts(), shelf.node_key()) {
        return Ok((folder, *key));
    }
    crate::local_cache::open().context("the cache of compiled components")
}
