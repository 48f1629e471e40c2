//! `yizhan run`: serves one component, package or app directory; no hub, nothing installed.

use super::{
    failure::{Exit, Failure, Outcome},
    local_app,
    terminal::{Terminal, write_err},
};
use crate::serve_options::{ServeMode, ServeOptions};
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use yizhan_domain::{Claim, Clock, SystemClock};
use yizhan_hub::Shelf;

/// Serves one app at the root of an address; its first line on standard error is that address.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Component, package, or app directory (which is built first).
    #[arg(value_name = "X.wasm|X.ma|DIR")]
    pub app: PathBuf,
    /// How it is served.
    #[command(flatten)]
    pub local: LocalArgs,
    /// Environment variable that the component sees; may be given again.
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub env: Vec<(String, String)>,
    /// Further egress target, scheme://host:port, loopback and private addresses included; may be given again.
    #[arg(long, value_name = "URL", value_parser = parse_egress)]
    pub egress: Vec<String>,
    /// Setting that the component reads by wasi:config; may be given again.
    #[arg(long, value_name = "K=V", value_parser = parse_pair)]
    pub config: Vec<(String, String)>,
}

/// How `run` and `dev` serve.
#[derive(Debug, Clone, clap::Args)]
pub struct LocalArgs {
    /// Address to listen on, loopback only; port 0 lets the system choose.
    #[arg(long, default_value = "127.0.0.1:0", value_parser = parse_loopback)]
    pub addr: SocketAddr,
    /// Signs every visitor in as this seeded test person.
    #[arg(long = "as", value_name = "PERSONA")]
    pub persona: Option<String>,
    /// Claims that this person has granted, separated by commas, as in name,id-number.
    #[arg(long, value_name = "CLAIMS", value_delimiter = ',', requires = "persona", value_parser = parse_claim)]
    pub grant: Vec<Claim>,
    /// File that gets one line of JSON per request; - is standard error.
    #[arg(long, value_name = "FILE|-")]
    pub access_log: Option<PathBuf>,
}

/// Reads `K=V`.
pub fn parse_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a name, '=' and a value are needed, as in REGION=440300".to_owned()),
    }
}

/// Reads an address of this machine alone: development never listens to others.
pub fn parse_loopback(text: &str) -> Result<SocketAddr, String> {
    let text = text.replace("localhost", "127.0.0.1");
    let addr: SocketAddr =
        text.parse().map_err(|_| "an address and a port are needed, as in 127.0.0.1:8080".to_owned())?;
    if addr.ip().is_loopback() { Ok(addr) } else { Err("only loopback is served, as in 127.0.0.1:8080".to_owned()) }
}

fn parse_claim(text: &str) -> Result<Claim, String> {
    text.trim().parse().map_err(|error: yizhan_domain::claim::ClaimError| error.to_string())
}

fn parse_egress(text: &str) -> Result<String, String> {
    let origin = text.strip_suffix('/').unwrap_or(text);
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.contains(['/', '?', '#', '@', '*', ' ']) {
        return Err(
            "scheme://host[:port] is needed with http or https and no path, as in http://127.0.0.1:9000".to_owned()
        );
    }
    Ok(origin.to_owned())
}

/// Runs the command.
pub fn run(args: RunArgs, terminal: Terminal) -> Outcome {
    let claims = args.local.persona.is_some().then_some(args.local.grant.as_slice());
    let app = local_app::open(&args.app, claims, terminal.quiet())?;
    let shelf = Arc::new(Shelf::local());
    let slug = app.slug.clone();
    shelf.put_local(app.slug, Arc::new(app.package), SystemClock.now());
    let warnings = app.warnings;
    let ready = move |addr: SocketAddr| {
        announce("http", addr, terminal);
        terminal.say(&format!("also http://{slug}.localhost:{}", addr.port()));
        warnings.iter().for_each(|warning| write_err(&format!("{warning}\n")));
    };
    let options = ServeOptions {
        persona: args.local.persona,
        grant: args.local.grant,
        access_log: args.local.access_log,
        env: args.env,
        egress: args.egress,
        config: args.config,
        on_ready: Some(Box::new(ready)),
        ..ServeOptions::new(args.local.addr, shelf, ServeMode::Run)
    };
    serve(options)
}

/// Prints the address: the first line on standard error, and JSON on standard output when a machine reads. The host's own
/// log begins after it.
pub fn announce(scheme: &str, addr: SocketAddr, terminal: Terminal) {
    write_err(&format!("{scheme}://{addr}\n"));
    crate::telemetry::init(terminal.is_json());
    if terminal.is_json() {
        terminal.result(serde_json::json!({ "url": format!("{scheme}://{addr}") }), "");
    }
}

/// Serves until SIGINT or SIGTERM.
pub fn serve(options: ServeOptions) -> Outcome {
    let addr = options.addr;
    crate::server::serve(options).map_err(|error| {
        Failure::new(Exit::NotServed, "cannot serve")
            .at(addr.to_string())
            .why(format!("{error:#}"))
            .fix("change what the reason names; if the address is in use, choose another with --addr")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_listened_on() {
        assert_eq!(parse_loopback("localhost:8080").map(|addr| addr.port()), Ok(8080));
        assert!(parse_loopback("[::1]:0").is_ok());
        for text in ["0.0.0.0:80", "192.168.1.5:80", "127.0.0.1", "8080"] {
            assert!(parse_loopback(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pairs_and_egress_targets_are_checked() {
        assert_eq!(parse_pair("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(parse_pair("A").is_err() && parse_pair("=b").is_err());
        assert_eq!(parse_egress("http://127.0.0.1:9000/"), Ok("http://127.0.0.1:9000".to_owned()));
        for text in ["127.0.0.1", "ftp://a", "http://a/b", "https://*.a", "https://"] {
            assert!(parse_egress(text).is_err(), "{text}");
        }
    }
}
