//! `yizhan serve`: serves real people from a production store: the hub, the runtime, or both, over https.

use super::{
    data_directory,
    failure::{Failure, Outcome},
    run::{announce, serve},
    terminal::Terminal,
};
use crate::serve_options::{HeadsArgs, ServeMode, ServeOptions, ServeRole, TlsFiles};
use crate::trusted_proxy::Cidr;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};
use yizhan_hub::DataMode;

const WHAT: &str = "cannot serve";

/// Serves a production store over https; a development store is refused.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Which half it serves: hub and runtime may be two processes, each with its own data directory.
    #[arg(long, value_enum, default_value_t)]
    pub role: ServeRole,
    /// Data directory; a missing or empty folder becomes a production store.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Address to listen on.
    #[arg(long, default_value = "0.0.0.0:443")]
    pub addr: SocketAddr,
    /// Public origin of the hub: https, host and perhaps a port; the issuer, which never changes.
    #[arg(long, value_name = "https://HOST")]
    pub origin: String,
    /// Domain below which every app has an origin of its own, as in apps.example.cn; not below the hub's.
    #[arg(long, value_name = "DOMAIN")]
    pub apps_domain: String,
    /// TLS certificate with its chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the TLS certificate, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Proxy that speaks TLS for this process and is believed about the client's address, as in 10.0.0.0/8; may be given
    /// again.
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<Cidr>,
    /// The runtime's public keys, for a hub alone: `runtime-keys.json` of the runtime's data directory.
    #[arg(long, value_name = "FILE", required_if_eq("role", "hub"))]
    pub runtime_keys: Option<PathBuf>,
    /// Destination that the hub itself may reach although its address is not public, as in `https://login.internal.example.cn`;
    /// may be given again.
    #[arg(long, value_name = "SCHEME://HOST[:PORT]")]
    pub allow_host: Vec<String>,
    /// Public address of the platform that this machine does not see, which nothing here may call; may be given again.
    #[arg(long, value_name = "ADDRESS")]
    pub own_address: Vec<IpAddr>,
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
pub fn run(args: ServeArgs, terminal: Terminal) -> Outcome {
    check(&args)?;
    let shelf = match data_directory::open_or_none(&args.data, WHAT)? {
        Some(shelf) => shelf,
        None => data_directory::create_in(&args.data, DataMode::Production, WHAT)?,
    };
    if shelf.mode() != DataMode::Production {
        return Err(Failure::refused(WHAT)
            .at(&args.data)
            .why("this is a development store: it may hold test persons and registrations of developers")
            .fix("name another folder; a store keeps the mode that it was made with"));
    }
    data_directory::refuse_if_served(&args.data, WHAT)?;
    let tls = args.tls_cert.zip(args.tls_key).map(|(certificate, key)| TlsFiles { certificate, key });
    let origin = args.origin.clone();
    let ready = move |addr: SocketAddr| {
        announce("https", addr, terminal);
        terminal.say(&format!("origin  {origin}"));
    };
    let options = ServeOptions {
        data: Some(args.data),
        role: args.role,
        hub_at: Some(args.origin),
        apps_at: Some(format!("https://{}", args.apps_domain)),
        runtime_keys: args.runtime_keys,
        trusted_proxies: args.trusted_proxy,
        tls,
        allowed_hosts: args.allow_host,
        own_addresses: args.own_address,
        authorities: args.ca,
        upstreams: args.upstreams,
        access_log: args.access_log,
        heads: args.heads.export(),
        on_ready: Some(Box::new(ready)),
        ..ServeOptions::new(args.addr, Arc::new(shelf), ServeMode::Serve)
    };
    serve(options)
}

/// Rules that need no store.
fn check(args: &ServeArgs) -> Outcome {
    let refused = |why: String, fix: &str| Err(Failure::refused(WHAT).why(why).fix(fix));
    let Some(host) = args.origin.strip_prefix("https://").map(host_of).filter(|host| is_public(host)) else {
        let why = format!("{} is no public https origin", args.origin);
        return refused(why, "name the hub's origin as people see it, as in https://hub.example.gov.cn");
    };
    let apps = host_of(&args.apps_domain);
    if !is_public(apps) {
        return refused(
            format!("{} is no public domain", args.apps_domain),
            "name a domain, as in apps.example.cn, whose sub-domains lead here",
        );
    }
    if is_one_site(host, apps) {
        let why = format!("{apps} and the hub's {host} are one site: an app could set cookies for the hub");
        return refused(why, "give the apps a domain of their own, best one on the Public Suffix List");
    }
    if args.tls_cert.is_none() && args.trusted_proxy.is_empty() {
        return refused(
            "people would reach it over plain http".to_owned(),
            "give --tls-cert and --tls-key, or --trusted-proxy when a proxy speaks TLS",
        );
    }
    Ok(())
}

/// The host name of an authority.
fn host_of(authority: &str) -> &str {
    authority.split([':', '/']).next().unwrap_or_default()
}

/// A name with at least two labels that is not of this machine alone.
fn is_public(host: &str) -> bool {
    let named = host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte));
    let local = host == "localhost" || [".localhost", ".local", ".internal"].iter().any(|end| host.ends_with(end));
    named && !local && host.split('.').filter(|label| !label.is_empty()).count() >= 2 && host.parse::<IpAddr>().is_err()
}

/// Whether a browser lets both names share cookies, by the Public Suffix List with its private part; and whether one is below
/// the other, which no list allows.
fn is_one_site(hub: &str, apps: &str) -> bool {
    let below =
        |name: &str, of: &str| name.strip_suffix(of).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    let registered = psl::domain_str(hub);
    below(hub, apps) || below(apps, hub) || (registered.is_some() && registered == psl::domain_str(apps))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(origin: &str, apps: &str, proxy: Option<&str>) -> ServeArgs {
        ServeArgs {
            role: ServeRole::Both,
            data: PathBuf::from("hub"),
            addr: "127.0.0.1:0".parse().expect("an address"),
            origin: origin.to_owned(),
            apps_domain: apps.to_owned(),
            tls_cert: None,
            tls_key: None,
            trusted_proxy: proxy.map(|text| text.parse().expect("a range")).into_iter().collect(),
            runtime_keys: None,
            allow_host: Vec::new(),
            own_address: Vec::new(),
            ca: None,
            upstreams: None,
            access_log: None,
            heads: HeadsArgs::default(),
        }
    }

    fn why(origin: &str, apps: &str) -> String {
        check(&args(origin, apps, Some("10.0.0.0/8"))).err().map_or_else(String::new, |failure| failure.why)
    }

    #[test]
    fn apps_below_the_hubs_domain_are_refused() {
        let hub = "https://hub.example.gov.cn";
        for apps in ["apps.example.gov.cn", "example.gov.cn", "hub.example.gov.cn", "x.hub.example.gov.cn"] {
            assert!(why(hub, apps).contains("one site"), "{apps}");
        }
        for apps in ["apps.other.gov.cn", "example-apps.cn"] {
            assert_eq!(why(hub, apps), "", "{apps}");
        }
        assert!(why("https://hub.example.cn", "apps.example.cn").contains("one site"));
    }

    #[test]
    fn the_public_suffix_list_says_what_one_site_is() {
        let sites = [
            ("hub.one.com.cn", "apps.two.com.cn", false),
            ("hub.one.com.cn", "apps.one.com.cn", true),
            // Suffixes that no rule of thumb knows: a province's, a private one, an exception of a wildcard.
            ("hub.one.zj.cn", "apps.two.zj.cn", false),
            ("one.github.io", "two.github.io", false),
            ("hub.city.kawasaki.jp", "apps.city.kawasaki.jp", true),
            ("hub.city.kawasaki.jp", "apps.other.kawasaki.jp", false),
            // Under one suffix each app is a site of its own, but the hub's name would be an app's.
            ("hub.github.io", "github.io", true),
        ];
        for (hub, apps, one) in sites {
            assert_eq!(why(&format!("https://{hub}"), apps).contains("one site"), one, "{hub} {apps}");
        }
    }

    #[test]
    fn only_a_public_https_origin_is_served() {
        for origin in ["http://hub.example.cn", "https://localhost:8080", "https://10.0.0.1", "https://hub", "hub.cn"] {
            assert!(why(origin, "apps.example.org").contains("no public https origin"), "{origin}");
        }
        assert!(why("https://hub.example.cn", "localhost").contains("no public domain"));
    }

    #[test]
    fn plain_http_is_never_served() {
        let failure = check(&args("https://hub.example.cn", "apps.example.org", None)).expect_err("refused");
        assert!(failure.why.contains("plain http"), "{failure:?}");
    }
}
