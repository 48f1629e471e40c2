//! `cargo xtask clients`: client libraries that no one here wrote go the whole way against a running hub over TLS: sign-in,
//! tokens, encrypted userinfo; then its description is held against it. `tests/clients/README.md` says how the programs talk
//! to this driver.

mod authority;
mod description;
mod hub;
mod library;
mod registration;
mod upstream;

use std::collections::BTreeSet;
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

/// Which clients to run.
#[derive(clap::Args)]
pub(crate) struct Settings {
    /// One by its name: openid-client, openid-client-high, authlib, idpyoidc, openidconnect, mod_auth_openidc, schemathesis or oidc-provider;
    /// all when not given.
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
    let (libraries, is_described) = chosen(settings.only.as_deref())?;
    let folder = workspace.target().join("clients").join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if settings.only.as_deref().is_none_or(|only| only == upstream::NAME) {
        upstream::check(workspace, &folder)?;
    }
    if settings.only.as_deref() == Some(upstream::NAME) {
        return Ok(());
    }
    authority::make(&folder)?;
    let mut hub = Hub::start(workspace, &folder)?;
    hub.stop()?;
    let register = |library: &Library| registration::register(workspace, &folder, *library);
    let setups: Vec<PathBuf> = libraries.iter().map(register).collect::<anyhow::Result<_>>()?;
    let bare = is_described.then(|| registration::register_bare(workspace, &folder, description::NAME)).transpose()?;
    let mut hub = Hub::start(workspace, &folder)?;
    let mut subjects = BTreeSet::new();
    for (library, setup) in libraries.iter().zip(&setups) {
        let program = library.prepare(workspace)?;
        eprintln!("── {}", library.name());
        let answer = flow(workspace, &hub, program, (*library, setup))
            .with_context(|| format!("{} did not get through", library.name()))?;
        check(*library, &answer).with_context(|| format!("{} got something else: {answer}", library.name()))?;
        eprintln!("── {}: subject {}, claims {}", library.name(), answer["sub"], names(&answer["claims"]));
        subjects.insert(answer["sub"].to_string());
    }
    ensure!(subjects.len() <= 1, "one person has several subjects at one unit: {subjects:?}");
    if let Some(client_id) = bare {
        description::check(workspace, &hub, &folder, &client_id)?;
    }
    hub.stop()?;
    let openers = libraries.iter().filter(|library| !library.by_secret()).count();
    userinfo_was_asked(&folder.join(hub::ACCESS_LOG), openers)
}

/// The libraries, and whether the description is checked too.
fn chosen(only: Option<&str>) -> anyhow::Result<(Vec<Library>, bool)> {
    let Some(name) = only else { return Ok((Library::ALL.to_vec(), true)) };
    if name == description::NAME {
        return Ok((Vec::new(), true));
    }
    if name == upstream::NAME {
        return Ok((Vec::new(), false));
    }
    let known = || Library::ALL.map(Library::name).join(", ");
    let library = Library::ALL.into_iter().find(|it| it.name() == name);
    let library = library.with_context(|| {
        format!("no client {name:?}; known: {}, {}, {}", known(), description::NAME, upstream::NAME)
    })?;
    Ok((vec![library], false))
}

/// Each client that opens an envelope asked for one; who signs in by the ID token alone asked for none.
fn userinfo_was_asked(access_log: &Path, openers: usize) -> anyhow::Result<()> {
    let log = fs::read_to_string(access_log).with_context(|| format!("cannot read {}", access_log.display()))?;
    let asked = log.lines().filter(|line| line.contains(r#""path":"/oauth/userinfo""#)).count();
    ensure!(asked == openers, "userinfo was asked for {asked} times by {openers} clients that open it");
    Ok(())
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
