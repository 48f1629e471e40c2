//! The report of the authorization paths.

use std::fmt::Write;

use super::{Found, MORE_CALLS, PATHS};
use crate::bench::Settings;
use crate::bench::load::Sample;
use crate::bench::report::{median, spread_of};

/// Requests per second of session + permit to those of the open path: the goal.
const GOAL: f64 = 0.5;

/// The newest round in a line.
pub(super) fn line(found: &Found) -> String {
    let rates = found.samples.iter().filter_map(|samples| samples.last());
    let words: Vec<String> =
        rates.map(|it| format!("{:.0}/s at {:.0} µs", it.requests_per_second, it.cpu_micros)).collect();
    words.join(", ")
}

/// The part of the report.
pub(super) fn write(settings: &Settings, found: &Found) -> String {
    let mut text = format!(
        "## Authorization\n\nOne `yizhan demo` with its store on disk, a fresh one each round; people signed in through the hub's \
         pages. Paths: `wrk -t1 -c{} -d{}s`; openings: every test person at once, one request after the other. {} interleaved \
         rounds; medians (least to most).\n\n\
         | path | requests/s | CPU µs per request | p50 ms | p99 ms | requests/s ÷ open path, paired |\n|---|---|---|---|---|---|\n",
        settings.connections, settings.seconds, settings.rounds
    );
    for (name, samples) in PATHS.iter().zip(&found.samples) {
        let cell = |value: fn(&Sample) -> f64, digits| spread_of(samples.iter().map(value).collect(), digits);
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} |",
            cell(|it| it.requests_per_second, 0),
            cell(|it| it.cpu_micros, 1),
            cell(|it| it.p50_ms, 2),
            cell(|it| it.p99_ms, 2),
            spread_of(ratios(samples, &found.samples[0]), 2),
        );
    }
    let ratio = median(ratios(&found.samples[1], &found.samples[0]));
    let verdict = if ratio >= GOAL { "reached" } else { "NOT REACHED" };
    let calls = found.samples[3].iter().zip(&found.samples[2]);
    let call = calls.map(|(more, one)| (more.cpu_micros - one.cpu_micros) / f64::from(MORE_CALLS)).collect();
    let _ = write!(
        text,
        "\n- session + permit ≥ {GOAL} × open path: **{verdict}** at {ratio:.2}.\n\
         - a gated host call (`identity.current`): {} CPU µs, by the difference of {MORE_CALLS} calls.\n\
         - an `open` of two claims: {} CPU µs, by the difference of 3 openings.\n\n",
        spread_of(call, 1),
        spread_of(found.open_cpu_micros.clone(), 0),
    );
    text
}

fn ratios(path: &[Sample], open: &[Sample]) -> Vec<f64> {
    path.iter().zip(open).map(|(path, open)| path.requests_per_second / open.requests_per_second).collect()
}
