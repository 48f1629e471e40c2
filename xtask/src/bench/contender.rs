//! The servers that are measured: how each is started, and where it listens.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::step;
use crate::workspace::Workspace;

/// The peer's release: the one that the product is built on.
const WASMTIME: &str = "48.0.8";

/// The guest that needs nothing of the command line's world.
pub(super) const GUEST: &str = "hello";

/// What the peer is given beyond its pooling default: the settings that the product also uses.
const TUNED: &str = "pooling-pagemap-scan=y,pooling-memory-keep-resident=2097152,pooling-table-keep-resident=65536";

/// How long a server may take to say where it listens.
const START_MAX: Duration = Duration::from_secs(60);

/// A server that runs until this value is dropped.
pub(super) struct Contender {
    /// Its name in the report.
    pub(super) name: &'static str,
    /// How it was started, as a line for the report.
    pub(super) how: String,
    /// Host and port of its address.
    pub(super) authority: String,
    /// Its port on the loopback.
    pub(super) port: u16,
    server: Child,
}

impl Contender {
    /// The process that is charged for its CPU time.
    pub(super) fn process(&self) -> u32 {
        self.server.id()
    }

    /// Starts the command with its output in `FOLDER/NAME.log` and waits for the address there.
    pub(super) fn start(name: &'static str, folder: &Path, command: &mut Command) -> anyhow::Result<Self> {
        let path = folder.join(format!("{}.log", name.replace([' ', ','], "-")));
        let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let how = how(command);
        let mut server = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {how}"))?;
        match address(&path, &mut server) {
            Ok((authority, port)) => Ok(Self { name, how, authority, port, server }),
            Err(error) => {
                let _ = server.kill();
                Err(error.context(format!("{name} did not start: {how}")))
            }
        }
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Builds the peer from the registry into the bench's own cache, once.
pub(super) fn install_wasmtime(workspace: &Workspace) -> anyhow::Result<()> {
    let installed = step::output(Command::new(wasmtime(workspace)).arg("--version")).unwrap_or_default();
    if installed.split_whitespace().nth(1) == Some(WASMTIME) {
        return Ok(());
    }
    let cache = workspace.target().join("bench-cache");
    let mut install = workspace.cargo(["install", "wasmtime-cli", "--locked", "--version", WASMTIME, "--root"]);
    install.arg(cache.join("wasmtime-cli")).env("CARGO_TARGET_DIR", cache.join("build"));
    step::run("build wasmtime serve, once and for about ten minutes", &mut install)
}

/// Starts everything that is measured; the first is the product.
pub(super) fn start_all(workspace: &Workspace, folder: &Path, guest: &str) -> anyhow::Result<Vec<Contender>> {
    let component = workspace.guest(guest);
    let mut product = Command::new(workspace.release_binary("yizhan"));
    product.args(["run", "--addr", "127.0.0.1:0", "--access-log"]).arg(folder.join("access.log"));
    product.arg(package(workspace, folder, ("hello", &component), MANIFEST)?);
    let peer = |more: &[&str]| {
        let mut command = Command::new(wasmtime(workspace));
        command.args(["serve", "--addr", "127.0.0.1:0", "-O", "pooling-allocator"]).args(more);
        command.args(if guest == GUEST { &[][..] } else { &["-S", "cli"] }).arg(&component);
        command
    };
    let (mut plain, mut tuned) = (peer(&[]), peer(&["-O", TUNED]));
    Ok(vec![
        Contender::start("yizhan", folder, &mut product)?,
        Contender::start("wasmtime serve, pooling", folder, &mut plain)?,
        Contender::start("wasmtime serve, tuned", folder, &mut tuned)?,
        Contender::start("native axum", folder, &mut Command::new(workspace.release_binary("axum-peer")))?,
    ])
}

/// Packs a component under a name with its manifest, as an author would.
pub(super) fn package(
    workspace: &Workspace,
    folder: &Path,
    (name, component): (&str, &Path),
    manifest: &str,
) -> anyhow::Result<PathBuf> {
    let app = folder.join(name);
    fs::create_dir_all(app.join("public")).with_context(|| format!("cannot make {}", app.display()))?;
    fs::copy(component, app.join("component.wasm")).with_context(|| format!("cannot copy {}", component.display()))?;
    fs::write(app.join("manifest.json"), manifest)?;
    fs::write(app.join("public/icon.svg"), ICON)?;
    let package = folder.join(format!("{name}.ma"));
    let mut pack = Command::new(workspace.release_binary("yizhan"));
    pack.arg("pack").arg(&app).arg("--output").arg(&package);
    step::run("pack the bench guest", &mut pack)?;
    Ok(package)
}

const MANIFEST: &str = r#"{
  "app_id": "cn.example.bench",
  "name": "Bench",
  "description": "The guest of the bench.",
  "lang": "en",
  "version": { "name": "1.0.0", "code": 1 },
  "icons": [{ "src": "public/icon.svg", "sizes": "any" }],
  "gov_access": "open",
  "gov_owner": { "unit": "Bench", "uscc": "91350100M000100Y43" },
  "gov_component": { "path": "component.wasm", "world": "open-app" }
}
"#;

const ICON: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>"#;

fn wasmtime(workspace: &Workspace) -> PathBuf {
    workspace.target().join("bench-cache/wasmtime-cli/bin/wasmtime")
}

/// The first `http://HOST:PORT` that the server wrote.
fn address(log: &Path, server: &mut Child) -> anyhow::Result<(String, u16)> {
    let deadline = Instant::now() + START_MAX;
    while Instant::now() < deadline {
        let text = fs::read_to_string(log)?;
        if let Some((_, rest)) = text.split_once("http://")
            && let Some((authority, _)) = rest.split_once(|end: char| end == '/' || end.is_whitespace())
        {
            let port = authority.rsplit(':').next().and_then(|port| port.parse().ok());
            return Ok((authority.to_owned(), port.with_context(|| format!("no port in {authority}"))?));
        }
        if let Some(status) = server.try_wait()? {
            bail!("it ended with {status}: {}", text.trim());
        }
        thread::sleep(Duration::from_millis(20));
    }
    bail!("it did not say where it listens within {} s", START_MAX.as_secs())
}

/// The command without the folders of this machine.
fn how(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let short = |word: &std::ffi::OsStr| {
        let path = Path::new(word);
        path.file_name().filter(|_| path.is_absolute()).unwrap_or(word).to_string_lossy().into_owned()
    };
    words.map(short).collect::<Vec<_>>().join(" ")
}
