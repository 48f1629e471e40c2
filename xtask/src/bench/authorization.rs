//! The open path beside the session + permit path, the cost of a gated call and of an opening: one server, its whole product
//! path, people who signed in through the hub's own pages. A fresh server for each round, since a person's openings by one app
//! are limited for a minute.

mod openings;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::Settings;
use super::contender::{self, Contender};
use super::load::{Load, Sample, Target};
use super::visitor::{Connection, Visitor, values};
use crate::workspace::Workspace;

/// Gated calls that the guest makes more in one request than in the other.
pub(super) const MORE_CALLS: u32 = 20;

/// What is measured in a round, in the report's order.
pub(super) const PATHS: [&str; 5] = [
    "open app, no session",
    "session + permit, the same guest",
    "one gated call (`identity.current`)",
    "21 gated calls",
    "`open` of two claims, once",
];

/// All samples: one list for each of [`PATHS`], and the cost of an opening by difference.
#[derive(Default)]
pub(super) struct Found {
    pub(super) samples: [Vec<Sample>; 5],
    pub(super) open_cpu_micros: Vec<f64>,
}

/// A served app of the bench.
struct App {
    slug: &'static str,
    guest: &'static str,
    identity: bool,
}

const APPS: [App; 3] = [
    App { slug: "bench-open", guest: "hello", identity: false },
    App { slug: "bench-session", guest: "hello", identity: true },
    App { slug: "bench-identity", guest: "identity", identity: true },
];

/// Measures; the part of the report.
pub(super) fn run(workspace: &Workspace, settings: &Settings, folder: &Path) -> anyhow::Result<String> {
    let packages = APPS.iter().map(|app| pack(workspace, folder, app)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut found = Found::default();
    for round in 1..=settings.rounds {
        let server = start(workspace, folder, &packages)?;
        measure(&server, settings, &mut found).with_context(|| format!("round {round}"))?;
        eprintln!("round {round}/{}: {}", settings.rounds, table::line(&found));
    }
    Ok(table::write(settings, &found))
}

fn pack(workspace: &Workspace, folder: &Path, app: &App) -> anyhow::Result<PathBuf> {
    let (access, world) = if app.identity { ("identity-required", "identity-app") } else { ("open", "open-app") };
    let claims = ["name", "mobile"]
        .map(|claim| serde_json::json!({ "claim": claim, "purpose": "test", "optional": false, "retention_days": 0 }));
    let permissions =
        ["name", "mobile"].map(|claim| serde_json::json!({ "name": format!("identity:{claim}"), "reason": "Bench" }));
    let mut manifest = serde_json::json!({
        "app_id": format!("cn.example.{}", app.slug), "name": app.slug, "description": "A guest of the bench.", "lang": "en",
        "version": { "name": "1.0.0", "code": 1 }, "icons": [{ "src": "public/icon.svg", "sizes": "any" }],
        "gov_access": access, "gov_owner": { "unit": "Bench", "uscc": "91350100M000100Y43" },
        "gov_component": { "path": "component.wasm", "world": world },
    });
    if app.identity {
        manifest["req_permissions"] = permissions.to_vec().into();
        manifest["gov_data_use"] = claims.to_vec().into();
    }
    contender::package(workspace, folder, (app.slug, &workspace.guest(app.guest)), &manifest.to_string())
}

fn start(workspace: &Workspace, folder: &Path, packages: &[PathBuf]) -> anyhow::Result<Contender> {
    let data = folder.join("authorization-data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    let mut command = Command::new(workspace.release_binary("yizhan"));
    command.args(["demo", "--addr", "127.0.0.1:0", "--data"]).arg(&data);
    for package in packages {
        command.arg("--package").arg(package);
    }
    Contender::start("yizhan demo", folder, &mut command)
}

/// One round: signs people in, then measures each path in turn.
fn measure(server: &Contender, settings: &Settings, found: &mut Found) -> anyhow::Result<()> {
    let [open, session, identity] = APPS.map(|app| format!("http://{}.localhost:{}", app.slug, server.port));
    let people = openings::sign_in(server, &identity)?;
    let first = people.first().context("nobody is signed in")?;
    let cookie = Visitor::default().sign_in(&session, &first.persona)?;
    is_signed_in(server, &session, &cookie)?;
    let more = format!("/current?times={}", MORE_CALLS + 1);
    let targets = [
        Target::of(&open, "/", None)?,
        Target::of(&session, "/", Some(&cookie))?,
        Target::of(&identity, "/current?times=1", Some(&first.cookie))?,
        Target::of(&identity, &more, Some(&first.cookie))?,
    ];
    let load = Load { seconds: settings.seconds, connections: settings.connections };
    for target in &targets {
        Load { seconds: 1, ..load }.at(server, target)?;
    }
    // Each round begins with another one.
    let round = found.samples[0].len();
    for turn in 0..targets.len() {
        let index = (round + turn) % targets.len();
        found.samples[index].push(load.at(server, &targets[index])?);
    }
    let (once, cpu_of_one) = openings::measure(server, &identity, &people)?;
    found.samples[4].push(once);
    found.open_cpu_micros.push(cpu_of_one);
    Ok(())
}

/// An answer to somebody who is signed in is never stored: that tells the paths apart.
fn is_signed_in(server: &Contender, origin: &str, cookie: &str) -> anyhow::Result<()> {
    let target = Target::of(origin, "/", Some(cookie))?;
    let answer = Connection::open(server.port)?.send(&target.head(), "")?;
    let stored = answer.header("cache-control").is_none_or(|value| value != "no-store");
    ensure!(answer.status == 200 && !stored, "{origin} answered {} as to nobody: {}", answer.status, answer.text());
    Ok(())
}

/// The test persons that the hub's sign-in page offers.
pub(super) fn personas(server: &Contender) -> anyhow::Result<Vec<String>> {
    let hub = format!("http://localhost:{}", server.port);
    let target = Target::of(&hub, "/sign-in?to=/me", None)?;
    let page = Connection::open(server.port)?.send(&target.head(), "")?.text();
    Ok(values(&page, "persona"))
}
