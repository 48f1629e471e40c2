//! What lives as long as the process: the rooms, wired together. Built by the server, read by every request.

use crate::access_log::AccessLogWriter;
use crate::http::cookies::HostCookies;
use crate::http::host_files::HostFiles;
use crate::http::security_headers::HubHeaders;
use crate::metrics::Metrics;
use crate::observer::HostObserver;
use crate::serve_options::{ServeMode, ServeOptions};
use crate::site::{Apps, Sites};
use anyhow::Context as _;
use base64::Engine as _;
use rand::{RngCore as _, TryRngCore as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yizhan_auth::{MemoryAccessLog, Personas, Sessions};
use yizhan_domain::limits::NodeLimits;
use yizhan_domain::{Claim, Clock, SystemClock};
use yizhan_hub::Shelf;
use yizhan_sandbox::egress::{Egress, EgressConfig, Target};
use yizhan_sandbox::{Sandbox, SandboxConfig, Services};
use yizhan_store::{KvStore, MemoryStore, Quota, SledSettings, SledStore};
use yizhan_support::{Catalog, Places};

/// Brand of the portal, a setting of the operator; the sample's.
pub(crate) const BRAND: &str = "掌上通办";
/// Openings of claims that a local run remembers.
const OPENINGS_MAX: usize = 10_000;

/// The process.
pub(crate) struct App {
    pub(crate) mode: ServeMode,
    pub(crate) port: u16,
    pub(crate) portal_origin: String,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) sites: Sites,
    pub(crate) apps: Arc<Apps>,
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) personas: Arc<Personas>,
    pub(crate) sessions: Sessions,
    pub(crate) local: LocalRun,
    pub(crate) cookies: HostCookies,
    pub(crate) hub_headers: HubHeaders,
    pub(crate) host_files: HostFiles,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) access_log: Option<AccessLogWriter>,
    pub(crate) limits: NodeLimits,
    /// Binds form tokens to this process; never leaves it.
    pub(crate) form_key: [u8; 32],
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
        let portal_origin = format!("http://localhost:{}", bound.port());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let personas = Arc::new(Personas::seeded().context("the seeded test persons")?);
        if let Some(name) = &options.persona {
            personas.find_by_name(name)?;
        }
        let egress: Vec<Target> = options.egress.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        let limits = node_limits();
        let apps = Arc::new(Apps::new(Arc::clone(&options.shelf), portal_origin.clone()));
        let services = Arc::new(Services {
            clock: Arc::clone(&clock),
            catalog: Arc::new(Catalog::sample().context("the sample catalog")?),
            places: Arc::new(Places::sample().context("the sample places")?),
            apps: Arc::clone(&apps) as _,
            kv: open_store(options.data.as_deref())?,
            directory: Arc::clone(&personas) as _,
            access_log: Arc::new(MemoryAccessLog::new(OPENINGS_MAX)),
            egress: Egress::new(EgressConfig { operator_hosts: egress.clone(), ..EgressConfig::new(hub.clone()) })?,
            observer: Arc::new(HostObserver::new(options.on_host_call.clone())),
        });
        let (artefacts, node_key) = artefacts(&options.shelf)?;
        let compiler = std::env::current_exe().context("the path of this program, which compiles components")?;
        let sandbox = Sandbox::new(SandboxConfig { limits, compiler, artefacts, node_key }, services)?;
        let access_log = options.access_log.as_deref().map(AccessLogWriter::open).transpose()?;
        Ok(Arc::new(Self {
            mode: options.mode,
            port: bound.port(),
            portal_origin,
            shelf: options.shelf,
            sites: Sites::default(),
            apps,
            sandbox,
            clock,
            personas,
            sessions: Sessions::default(),
            local: LocalRun {
                persona: options.persona,
                grant: options.grant,
                env: options.env,
                config: options.config,
                egress,
            },
            cookies: HostCookies::Development,
            hub_headers: HubHeaders::new(),
            host_files: HostFiles::new(),
            metrics: Arc::new(Metrics::default()),
            access_log,
            limits,
            form_key: random_bytes()?,
            hub,
        }))
    }

    /// The origin of an app.
    pub(crate) fn origin_of(&self, slug: &str) -> String {
        format!("http://{slug}.localhost:{}", self.port)
    }
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

fn open_store(data: Option<&Path>) -> anyhow::Result<Arc<dyn KvStore>> {
    Ok(match data {
        None => Arc::new(MemoryStore::new(Quota::default())),
        Some(data) => Arc::new(SledStore::open(&data.join("store"), &SledSettings::default())?),
    })
}

/// Where compiled components are kept: in the data directory, or for local runs in the user's cache, where the next run
/// finds them.
fn artefacts(shelf: &Shelf) -> anyhow::Result<(PathBuf, [u8; 32])> {
    if let (Some(folder), Some(key)) = (shelf.artefacts(), shelf.node_key()) {
        return Ok((folder, *key));
    }
    crate::local_cache::open().context("the cache of compiled components")
}
