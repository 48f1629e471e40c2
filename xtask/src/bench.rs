//! `cargo xtask bench`: throughput and CPU time of one fresh instance per request, through the whole product path, beside
//! `wasmtime serve` and native axum, in interleaved rounds on one machine.

mod contender;
mod load;
mod machine;
mod report;

use std::fs;

use anyhow::Context;
use clap::Args;

use crate::workspace::Workspace;
use crate::{guests, step, tools};
use contender::Contender;
use load::{Load, Sample};

/// How long and how often to measure.
#[derive(Args)]
pub(crate) struct Settings {
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

/// Builds everything in the release profile, measures, prints the report and writes it to `bench/report.md`.
pub(crate) fn run(workspace: &Workspace, settings: &Settings) -> anyhow::Result<()> {
    tools::ensure(&[tools::WASM_TARGET, tools::LOAD])?;
    step::run("build the test guests", &mut workspace.guest_cargo("tests/guests", guests::RELEASE))?;
    let release = ["build", "--release", "--locked", "--package", "yizhan", "--package", "axum-peer"];
    step::run("build yizhan and the axum peer", &mut workspace.cargo(release))?;
    contender::install_wasmtime(workspace)?;
    let folder = workspace.target().join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut contenders = contender::start_all(workspace, &folder, &settings.guest)?;
    let load = Load { seconds: settings.seconds, connections: settings.connections };
    let series = measure(&mut contenders, &load, settings.rounds)?;
    drop(contenders);
    let text = report::write(&machine::describe(workspace)?, settings, &series);
    let path = folder.join("report.md");
    fs::write(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
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
