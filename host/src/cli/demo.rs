//! `yizhan demo`: serves a development store with the portal and the given packages on their own origins.

use super::{
    data_directory,
    failure::{Failure, Outcome},
    keys::{read_signing_key, write_new_key},
    run::{announce, parse_loopback, serve},
    sign::read_package_bytes,
    terminal::Terminal,
};
use crate::serve_options::{HeadsArgs, ServeMode, ServeOptions, ServeRole, TlsFiles};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use yizhan_domain::Context;
use yizhan_hub::{InstallRequest, Shelf, install_package, list_apps, register_publisher};
use yizhan_package::{Algorithm, Package, SigningKey};

const KEY: &str = "development-publisher.pem";
const UNIT: &str = "development";

/// Serves a development store: the portal at localhost, each app on its own origin.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Address to listen on, loopback only.
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = parse_loopback)]
    pub addr: SocketAddr,
    /// Data directory; `yizhan/demo` under $XDG_DATA_HOME or ~/.local/share when not given.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Package to sign with the store's development key and install; may be given again.
    #[arg(long, value_name = "X.ma")]
    pub package: Vec<PathBuf>,
    /// TLS certificate with its chain, PEM; every origin is then https.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the TLS certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Which half it serves: hub and runtime as two processes, each with its own data directory.
    #[arg(long, value_enum, default_value_t)]
    pub role: ServeRole,
    /// Origin of the hub, for a runtime alone, as in http://localhost:8080.
    #[arg(long, value_name = "ORIGIN", required_if_eq("role", "runtime"))]
    pub hub_at: Option<String>,
    /// Origin below which the apps are, for a hub alone, as in http://localhost:8081.
    #[arg(long, value_name = "ORIGIN", required_if_eq("role", "hub"))]
    pub apps_at: Option<String>,
    /// The runtime's public keys, for a hub alone: `runtime-keys.json` of the runtime's data directory.
    #[arg(long, value_name = "FILE", required_if_eq("role", "hub"))]
    pub runtime_keys: Option<PathBuf>,
    /// Destination that the hub itself may reach although its address is not public, as in `https://login.internal.example.cn`;
    /// may be given again.
    #[arg(long, value_name = "SCHEME://HOST[:PORT]")]
    pub allow_host: Vec<String>,
    /// Certificate authorities, PEM, that the platform's own connections trust besides the machine's: between hub and runtime, to
    /// back ends and upstream providers. Guests do not.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Upstream OpenID providers at which people may sign in; docs/operations.md has the form.
    #[arg(long, value_name = "FILE")]
    pub upstreams: Option<PathBuf>,
    /// File that gets one line of JSON per request; - is standard error.
    #[arg(long, value_name = "FILE|-")]
    pub access_log: Option<PathBuf>,
    /// Export of signed heads.
    #[command(flatten)]
    pub heads: HeadsArgs,
}

/// Runs the command.
pub fn run(args: DemoArgs, terminal: Terminal) -> Outcome {
    let dir = args.data.map_or_else(default_directory, Ok)?;
    let shelf = data_directory::create(&dir, "cannot open the demo's data directory")?;
    data_directory::refuse_if_served(&dir, "cannot serve the demo")?;
    let context = data_directory::context()?;
    let key = development_key(&dir)?;
    register_publisher(&context, &shelf, &key.verifying_key(), UNIT)
        .map_err(|error| Failure::hub("cannot register the development key", &dir, error))?;
    for path in &args.package {
        install(&context, &shelf, &key, path)?;
    }
    let shelf = Arc::new(shelf);
    let (shown, shown_dir) = (Arc::clone(&shelf), dir.clone());
    let tls = args.tls_cert.zip(args.tls_key).map(|(certificate, key)| TlsFiles { certificate, key });
    let scheme = if tls.is_some() { "https" } else { "http" };
    let options = ServeOptions {
        data: Some(dir),
        allowed_hosts: args.allow_host,
        authorities: args.ca,
        upstreams: args.upstreams,
        access_log: args.access_log,
        heads: args.heads.export(),
        tls,
        role: args.role,
        hub_at: args.hub_at,
        apps_at: args.apps_at,
        runtime_keys: args.runtime_keys,
        on_ready: Some(Box::new(move |addr| welcome((scheme, addr), &shown, &shown_dir, terminal))),
        ..ServeOptions::new(args.addr, shelf, ServeMode::Demo)
    };
    serve(options)
}

fn default_directory() -> Result<PathBuf, Failure> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("yizhan/demo"))
        .ok_or_else(|| Failure::unreadable("no place for the demo's data").why("HOME is not set").fix("say --data DIR"))
}

/// The key that signs what `demo` installs; made once, and good for this store alone.
fn development_key(dir: &Path) -> Result<SigningKey, Failure> {
    let path = dir.join(KEY);
    if path.exists() { read_signing_key(&path) } else { write_new_key(&path, Algorithm::Es256).map(|(key, _)| key) }
}

/// Signs and installs a package; one that is installed already is left alone.
fn install(context: &Context, shelf: &Shelf, key: &SigningKey, path: &Path) -> Outcome {
    let what = format!("cannot install {}", path.display());
    let mut package =
        Package::read(&read_package_bytes(path)?).map_err(|error| Failure::package(&what, path, &error))?;
    let app_id = package.manifest().app_id.clone();
    if shelf.snapshot().find_app(app_id.as_str()).is_some_and(|installed| installed.digest == package.digest()) {
        return Ok(());
    }
    let bytes =
        package.sign(key).and_then(|()| package.write()).map_err(|error| Failure::package(&what, path, &error))?;
    let name = path.display().to_string();
    let request = InstallRequest { name: &name, bytes: &bytes, slug: None, tier: None, allow_downgrade: true };
    install_package(context, shelf, &request).map_err(|error| Failure::hub(&what, path, error))?;
    Ok(())
}

fn welcome((scheme, addr): (&str, SocketAddr), shelf: &Shelf, dir: &Path, terminal: Terminal) {
    announce(scheme, addr, terminal);
    let port = addr.port();
    terminal.say(&format!("portal  {scheme}://localhost:{port}"));
    for app in list_apps(shelf).unwrap_or_default() {
        terminal.say(&format!("app     {scheme}://{}.localhost:{port}  {} {}", app.slug, app.app_id, app.version_name));
    }
    terminal.say(&format!("data    {} (development store); Ctrl-C stops", dir.display()));
}
