//! `cargo xtask clients`: client libraries that no one here wrote go the whole way against a running hub over TLS: sign-in,
//! tokens, encrypted userinfo. `tests/clients/README.md` says how the programs talk to this driver.

mod authority;
mod hub;
mod library;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{guests, step, tools};
use hub::Hub;
use library::Library;

/// The app whose clients they are.
const APP: &str = "cn.gov.example.social-security";
/// What every client asks for.
const SCOPE: &str = "openid name id-number-masked";
/// Who signs in.
const PERSONA: &str = "zhang";
/// Where the hub sends the browser back to; nobody listens there, the driver reads the address.
const REDIRECT: &str = "http://127.0.0.1:9/callback";
/// Secret of the development registration, for this run's hub alone.
const DEVELOPMENT_SECRET: &str = "a-secret-of-this-run-only-0123456789";

/// Which clients to run.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// One client by its name: openid-client, openid-client-high, authlib, idpyoidc or openidconnect; all when not given.
    #[arg(long)]
    pub(crate) only: Option<String>,
}

/// Builds the product and lets the clients go.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    tools::ensure(&[tools::WASM_TARGET, tools::NODE, tools::OPENSSL])?;
    guests::pack(workspace)?;
    go(workspace, settings)
}

/// Lets the clients go against what is built already.
pub(crate) fn go(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    let chosen: Vec<Library> = match &settings.only {
        Some(name) => vec![Library::named(name)?],
        None => Library::ALL.to_vec(),
    };
    let folder = workspace.target().join("clients").join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    authority::make(&folder)?;
    let mut hub = Hub::start(workspace, &folder)?;
    hub.stop()?;
    let setups: Vec<PathBuf> =
        chosen.iter().map(|library| register(workspace, &folder, *library)).collect::<anyhow::Result<_>>()?;
    let hub = Hub::start(workspace, &folder)?;
    for (library, setup) in chosen.iter().zip(&setups) {
        let program = library.prepare(workspace)?;
        eprintln!("── {}", library.name());
        let answer = flow(workspace, &hub, program, (*library, setup))
            .with_context(|| format!("{} did not get through", library.name()))?;
        check(*library, &answer).with_context(|| format!("{} got something else: {answer}", library.name()))?;
        eprintln!("── {}: subject {}, claims {}", library.name(), answer["sub"], names(&answer["claims"]));
    }
    Ok(())
}

/// Registers a client of its own for a library, and writes the set-up that the program reads (without the issuer, whose port
/// is not known yet).
fn register(workspace: &Workspace, folder: &Path, library: Library) -> anyhow::Result<PathBuf> {
    let name = library.name();
    let mut keys = Command::new("node");
    let keys: Value = serde_json::from_str(&step::output(keys.arg(workspace.path("tests/clients/keys.mjs")))?)?;
    // An app has one back end; every further client of it is a developer's.
    let (custody, client_id) = match library {
        Library::OpenidClient => ("backend", format!("{APP}:backend")),
        _ => ("development", format!("{APP}:{name}")),
    };
    let mut registration = json!({
        "client_id": client_id, "app": APP, "suite": "international", "tier": library.tier(), "custody": custody,
        "redirect_uris": [REDIRECT],
    });
    if library.by_secret() {
        registration["auth_method"] = json!({ "client-secret-basic": DEVELOPMENT_SECRET });
    } else {
        registration["auth_method"] = json!("private-key-jwt");
        registration["jwks"] = keys["jwks"].clone();
    }
    let file = folder.join(format!("{name}.registration.json"));
    fs::write(&file, registration.to_string())?;
    let mut command = Command::new(workspace.binary());
    command.args(["admin", "register-client"]).arg(&file).arg("--data").arg(folder.join("data"));
    step::run(&format!("register {name}"), &mut command)?;
    let setup = json!({
        "client_id": client_id, "client_secret": DEVELOPMENT_SECRET, "redirect_uri": REDIRECT, "scope": SCOPE,
        "tier": library.tier(), "ca": folder.join(authority::AUTHORITY),
        "signing_key": keys["signing_key"], "encryption_key": keys["encryption_key"],
    });
    let path = folder.join(format!("{name}.json"));
    fs::write(&path, setup.to_string())?;
    Ok(path)
}

/// One program from its first line to its last, with a person in between.
fn flow(
    workspace: &Workspace,
    hub: &Hub,
    mut program: Command,
    (library, setup): (Library, &Path),
) -> anyhow::Result<Value> {
    let mut written: Value = serde_json::from_str(&fs::read_to_string(setup)?)?;
    written["issuer"] = json!(hub.origin());
    fs::write(setup, written.to_string())?;
    let mut child = trusting(program.arg(setup), hub)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", library.name()))?;
    let answer = talk(workspace, hub, &mut child);
    if answer.is_err() {
        // The reason is the first error; a program that has ended already cannot be stopped.
        let _ = child.kill();
    }
    let status = child.wait()?;
    let answer = answer?;
    ensure!(status.success(), "it ended with {status}");
    Ok(answer)
}

fn talk(workspace: &Workspace, hub: &Hub, child: &mut Child) -> anyhow::Result<Value> {
    let mut lines = BufReader::new(child.stdout.take().context("standard output")?).lines();
    let mut next = || -> anyhow::Result<Value> {
        let line = lines.next().context("it ended without an answer; standard error above says why")??;
        serde_json::from_str(&line).with_context(|| format!("not a line of the protocol: {line}"))
    };
    let first = next()?;
    let address = first["open"].as_str().context("the first line has no \"open\"")?;
    let mut citizen = Command::new("node");
    citizen.arg(workspace.path("tests/clients/citizen.mjs")).args([address, PERSONA]);
    let callback = step::output(trusting(&mut citizen, hub))?;
    let mut input = child.stdin.take().context("standard input")?;
    writeln!(input, "{}", callback.trim())?;
    drop(input);
    next()
}

/// With the throw-away authority trusted, in every way that these libraries read it.
fn trusting<'a>(command: &'a mut Command, hub: &Hub) -> &'a mut Command {
    for name in ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
        command.env(name, hub.authority());
    }
    command
}

fn check(library: Library, answer: &Value) -> anyhow::Result<()> {
    ensure!(answer["sub"].as_str().is_some_and(|sub| sub.len() == 43), "the subject is not pairwise");
    if library.by_secret() {
        return Ok(());
    }
    let claims = &answer["claims"];
    for claim in ["name", "id-number-masked"] {
        if !claims[claim].is_string() {
            bail!("{claim} is missing");
        }
    }
    ensure!(claims["sub"] == answer["sub"], "the subject of userinfo differs");
    Ok(())
}

fn names(claims: &Value) -> String {
    let names = claims.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    names.collect::<Vec<_>>().join(" ")
}
