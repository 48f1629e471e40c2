//! What `run`, `dev` and `demo` ask of the server. The command line fills it in, `server::serve` reads it.

use crate::trusted_proxy::Cidr;
use std::{fmt, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use yizhan_domain::{AppId, Claim};
use yizhan_hub::Shelf;

/// What to serve, where, and for whom.
pub struct ServeOptions {
    /// Where to listen; port 0 lets the system choose.
    pub addr: SocketAddr,
    /// The installed apps. A shelf in memory for `run` and `dev`, one over a data directory for `demo`.
    pub shelf: Arc<Shelf>,
    /// Data directory for what apps store (and the control socket); none keeps everything in memory.
    pub data: Option<PathBuf>,
    /// What kind of serving it is.
    pub mode: ServeMode,
    /// Which half of the platform it is.
    pub role: ServeRole,
    /// Public origin of the hub; made from the listener's address when none is given.
    pub hub_at: Option<String>,
    /// Origin below which every app has its own by its slug, as in `https://apps.example.cn`; as above.
    pub apps_at: Option<String>,
    /// Public keys of a runtime elsewhere, as that runtime wrote them; for a hub alone.
    pub runtime_keys: Option<PathBuf>,
    /// Proxies that are believed about the client's address and that speak TLS for this process.
    pub trusted_proxies: Vec<Cidr>,
    /// Certificate and key; none serves plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Seeded test person as whom every visitor is signed in; none means nobody.
    pub persona: Option<String>,
    /// Claims that the persona has granted.
    pub grant: Vec<Claim>,
    /// Environment variables that the component sees; the host's own are never passed on.
    pub env: Vec<(String, String)>,
    /// Further egress targets, `scheme://host[:port]`, that the person at this machine allows for this exact host, loopback
    /// and private addresses included.
    pub egress: Vec<String>,
    /// Destinations, `scheme://host[:port]`, that the platform's own requests may reach although their addresses are not
    /// globally routable: back ends' logout addresses, upstream providers.
    pub allowed_hosts: Vec<String>,
    /// Public addresses of the platform that this machine does not see, as behind address translation: nothing goes there.
    pub own_addresses: Vec<std::net::IpAddr>,
    /// File of certificate authorities, PEM, that the platform's own connections trust besides the machine's.
    pub authorities: Option<PathBuf>,
    /// File of upstream OpenID providers at which people may sign in.
    pub upstreams: Option<PathBuf>,
    /// Settings of `wasi:config`, over those of the manifest.
    pub config: Vec<(String, String)>,
    /// File that gets one line of JSON per request; `-` is standard error, none keeps no access log.
    pub access_log: Option<PathBuf>,
    /// Where signed heads of the audit chain are exported to; none exports none. Needs a data directory.
    pub heads: Option<HeadsExport>,
    /// Called once, when connections are accepted, with the address that was bound.
    pub on_ready: Option<OnReady>,
    /// Called after each host call of a guest; on a core thread, so it must be quick.
    pub on_host_call: Option<OnHostCall>,
}

/// Files of the listener's TLS, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, its chain after it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where and how often signed heads are exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadsExport {
    /// Directory of files that only grow.
    pub to: PathBuf,
    /// Time between two.
    pub every: Duration,
}

/// Its options on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct HeadsArgs {
    /// Folder to which signed heads of the audit chain are appended; best one that this machine can write and not rewrite.
    #[arg(long, value_name = "DIR")]
    pub heads: Option<PathBuf>,
    /// Seconds between two signed heads.
    #[arg(long, value_name = "SECONDS", default_value_t = 300, requires = "heads", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub heads_every: u64,
}

impl HeadsArgs {
    /// As the server takes it.
    #[must_use]
    pub fn export(self) -> Option<HeadsExport> {
        let every = Duration::from_secs(self.heads_every);
        self.heads.map(|to| HeadsExport { to, every })
    }
}

/// Called once with the bound address.
pub type OnReady = Box<dyn FnOnce(SocketAddr) + Send>;
/// Called after each host call.
pub type OnHostCall = Arc<dyn Fn(&HostCall) + Send + Sync>;

/// What kind of serving it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServeMode {
    /// One app, at the root of the address as well as on its own origin. No hub, no portal.
    Run,
    /// As `Run`, and the app is replaced on the shelf while it is served.
    Dev,
    /// All apps of the shelf on their own origins, the portal on `localhost`.
    Demo,
    /// Real people: public origins, a production store.
    Serve,
}

/// Which half of the platform a process is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ServeRole {
    /// People, consent, provider; no guest runs here.
    Hub,
    /// Apps; reaches the hub by the public protocol only.
    Runtime,
    /// Both.
    #[default]
    Both,
}

/// One call of a guest to the host, as `dev` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostCall {
    /// The app that called.
    pub app: AppId,
    /// Interface, function and what it was asked for, as in `catalog.search "社保"`. No value of a claim.
    pub function: String,
    /// How it ended: `ok`, or the error as the guest got it, as in `Error::Denied("identity:name")`.
    pub outcome: String,
}

impl ServeOptions {
    /// `https` with TLS here or at a trusted proxy, else `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() || !self.trusted_proxies.is_empty() { "https" } else { "http" }
    }

    /// Serves `shelf` at `addr` with nobody signed in and nothing else allowed.
    #[must_use]
    pub fn new(addr: SocketAddr, shelf: Arc<Shelf>, mode: ServeMode) -> Self {
        Self {
            addr,
            shelf,
            data: None,
            mode,
            role: ServeRole::Both,
            hub_at: None,
            apps_at: None,
            runtime_keys: None,
            trusted_proxies: Vec::new(),
            tls: None,
            persona: None,
            grant: Vec::new(),
            env: Vec::new(),
            egress: Vec::new(),
            allowed_hosts: Vec::new(),
            own_addresses: Vec::new(),
            authorities: None,
            upstreams: None,
            config: Vec::new(),
            access_log: None,
            heads: None,
            on_ready: None,
            on_host_call: None,
        }
    }
}

impl fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeOptions")
            .field("addr", &self.addr)
            .field("data", &self.data)
            .field("mode", &self.mode)
            .field("persona", &self.persona)
            .finish_non_exhaustive()
    }
}
