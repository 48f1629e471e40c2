//! `cargo xtask bench`: throughput and CPU time of one fresh instance per request, through the whole product path, beside
//! `wasmtime serve` and native axum, in interleaved rounds on one machine. Parts of their own measure the authorization.

mod authorization;
mod contender;
mod flow;
mod load;
mod machine;
mod report;
mod search;
mod visitor;

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::workspace::Workspace;
use crate::{guests, step, tools};
use contender::Contender;
use load::{Load, Sample};

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One fresh instance per request beside `wasmtime serve` and native axum.
    Throughput,
    /// Open path beside session + permit, gated calls, openings.
    Authorization,
    /// Durable consents in a second: 32 writers, and one alone.
    Consents,
    /// Costs at 1 000, 100 000 and 1 000 000 grants.
    Grants,
    /// The catalog's search beside SQLite FTS5 on generated items.
    Search,
    /// Everything.
    All,
}

/// How long and how often to measure.
#[derive(Args)]
pub(crate) struct Settings {
    /// What to measure.
    #[arg(value_enum, default_values_t = [Part::Throughput])]
    parts: Vec<Part>,
    /// Measure the release binaries and guests that are there already.
    #[arg(long)]
    built: bool,
    /// Numbers of grants, separated by commas.
    #[arg(long, default_value = "1000,100000,1000000")]
    sizes: String,
    /// Store of the grants: `memory`, or `sled` on disk, which takes many minutes to fill with a million.
    #[arg(long, default_value = "memory", value_parser = ["memory", "sled"])]
    backend: String,
    /// Items of the catalog that is searched.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=200_000))]
    items: u32,
    /// Rounds; in each, every contender is measured once.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Seconds of load for each measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Connections that wrk keeps open.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Test guest to serve, by the name of its folder; its `/` answers like `hello`.
    #[arg(long, default_value = contender::GUEST)]
    guest: String,
}

/// All samples of one contender, one a round.
struct Series {
    name: &'static str,
    how: String,
    samples: Vec<Sample>,
}

/// Builds what the parts need in the release profile, measures, prints the reports and writes them to `bench`.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    tools::ensure(&[tools::WASM_TARGET, tools::LOAD])?;
    let chosen = |part| settings.parts.contains(&part) || settings.parts.contains(&Part::All);
    if !settings.built {
        build(workspace)?;
    }
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if chosen(Part::Throughput) {
        keep(&folder, "report.md", &throughput(workspace, settings, &folder)?)?;
    }
    if chosen(Part::Search) {
        let machine = machine::describe(workspace)?;
        keep(&folder, "search.md", &format!("# Bench: search\n\n{machine}.\n\n{}", search::run(workspace, settings)?))?;
    }
    let mut text = String::new();
    if chosen(Part::Authorization) {
        text += &authorization::run(workspace, settings, &folder)?;
    }
    for (part, name) in [(Part::Consents, "consents"), (Part::Grants, "grants")] {
        if chosen(part) {
            text += &flow::run(workspace, settings, name)?;
        }
    }
    if !text.is_empty() {
        let machine = machine::describe(workspace)?;
        keep(&folder, "authorization.md", &format!("# Bench: access authorization\n\n{machine}.\n\n{text}"))?;
    }
    Ok(())
}

fn build(workspace: &Workspace) -> anyhow::Result<()> {
    step::run("build the test guests", &mut workspace.guest_cargo("tests/guests", guests::RELEASE))?;
    let release = ["build", "--release", "--locked", "--package", "yizhan", "--package", "axum-peer", "--package"];
    let release = release.into_iter().chain(["flow-bench", "--package", "search-bench"]);
    step::run("build yizhan, the axum peer and the benches", &mut workspace.cargo(release))
}

fn throughput(workspace: &Workspace, settings: &Settings, folder: &Path) -> anyhow::Result<String> {
    contender::install_wasmtime(workspace)?;
    let mut contenders = contender::start_all(workspace, folder, &settings.guest)?;
    let load = Load { seconds: settings.seconds, connections: settings.connections };
    let series = measure(&mut contenders, &load, settings.rounds)?;
    drop(contenders);
    Ok(report::write(&machine::describe(workspace)?, settings, &series))
}

fn keep(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("\n{text}\nwritten to {}", path.display());
    Ok(())
}

/// Warms each contender up, then measures all of them in every round; each round begins with another one.
fn measure(contenders: &mut [Contender], load: &Load, rounds: u32) -> anyhow::Result<Vec<Series>> {
    let mut series: Vec<Series> = contenders
        .iter()
        .map(|contender| Series { name: contender.name, how: contender.how.clone(), samples: Vec::new() })
        .collect();
    for contender in contenders.iter() {
        Load { seconds: 1, ..*load }.run(contender)?;
    }
    for round in 0..rounds as usize {
        for turn in 0..contenders.len() {
            let index = (round + turn) % contenders.len();
            let sample = load.run(&contenders[index])?;
            eprintln!(
                "round {}/{rounds}: {:<28} {:>7.0} requests/s {:>6.1} µs CPU each",
                round + 1,
                contenders[index].name,
                sample.requests_per_second,
                sample.cpu_micros
            );
            series[index].samples.push(sample);
        }
    }
    Ok(series)
}
