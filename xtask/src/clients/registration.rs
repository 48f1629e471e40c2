//! Registers clients with the stopped hub's store, each with keys of its own, and writes what their programs read.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};

use super::library::Library;
use super::{APP, SCOPE, authority};
use crate::step;
use crate::workspace::Workspace;

/// Where the hub sends the browser back to; nobody listens there, the driver reads the address.
pub(super) const REDIRECT: &str = "http://127.0.0.1:9/callback";
/// Secret of the development registrations, for this run's hub alone.
const DEVELOPMENT_SECRET: &str = "a-secret-of-this-run-only-0123456789";

/// Registers a client of its own for a library, and writes the set-up that the program reads (without the issuer, whose port
/// is not known yet).
pub(super) fn register(workspace: &Workspace, folder: &Path, library: Library) -> anyhow::Result<PathBuf> {
    let name = library.name();
    let mut keys = Command::new("node");
    let keys: Value = serde_json::from_str(&step::output(keys.arg(workspace.path("tests/clients/keys.mjs")))?)?;
    // An app has one back end; every further client of it is a developer's.
    let (custody, client_id) = match library {
        Library::OpenidClient => ("backend", format!("{APP}:backend")),
        _ => ("development", format!("{APP}:{name}")),
    };
    let redirect = redirect(library)?;
    let mut registration = json!({
        "client_id": client_id, "app": APP, "suite": "international", "tier": library.tier(), "custody": custody,
        "redirect_uris": [redirect],
    });
    if library.by_secret() {
        registration["auth_method"] = json!({ "client-secret-basic": DEVELOPMENT_SECRET });
    } else {
        registration["auth_method"] = json!("private-key-jwt");
        registration["jwks"] = keys["jwks"].clone();
    }
    put(workspace, folder, name, &registration)?;
    let setup = json!({
        "client_id": client_id, "client_secret": DEVELOPMENT_SECRET, "redirect_uri": redirect, "scope": SCOPE,
        "tier": library.tier(), "ca": folder.join(authority::AUTHORITY),
        "signing_key": keys["signing_key"], "encryption_key": keys["encryption_key"],
    });
    let path = folder.join(format!("{name}.json"));
    fs::write(&path, setup.to_string())?;
    Ok(path)
}

/// Registers a client without a program, in whose name somebody can be asked to agree; answers with its id.
pub(super) fn register_bare(workspace: &Workspace, folder: &Path, name: &str) -> anyhow::Result<String> {
    let client_id = format!("{APP}:{name}");
    let registration = json!({
        "client_id": client_id, "app": APP, "suite": "international", "tier": "baseline", "custody": "development",
        "redirect_uris": [REDIRECT], "auth_method": { "client-secret-basic": DEVELOPMENT_SECRET },
    });
    put(workspace, folder, name, &registration)?;
    Ok(client_id)
}

fn put(workspace: &Workspace, folder: &Path, name: &str, registration: &Value) -> anyhow::Result<()> {
    let file = folder.join(format!("{name}.registration.json"));
    fs::write(&file, registration.to_string())?;
    let mut command = Command::new(workspace.binary());
    command.args(["admin", "register-client"]).arg(&file).arg("--data").arg(folder.join("data"));
    step::run(&format!("register {name}"), &mut command)
}

/// The redirect address; with a port that is free now for a program that listens there.
fn redirect(library: Library) -> anyhow::Result<String> {
    if !library.listens() {
        return Ok(REDIRECT.to_owned());
    }
    let free = TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?;
    Ok(format!("http://{free}/callback"))
}
