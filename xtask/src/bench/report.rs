//! The report: medians over the rounds and, because a machine's speed drifts, ratios paired within each round.

use std::fmt::Write;

use super::load::Sample;
use super::{Series, Settings};

/// The ratios that must hold and the goals: product to peer, from `wasmtime serve` at its pooling default and native axum.
const LINES: [(usize, f64, f64); 2] = [(1, 3.5, 5.0), (3, 0.40, 0.55)];

/// The whole report as Markdown. The first series is the product.
pub(super) fn write(machine: &str, settings: &Settings, series: &[Series]) -> String {
    let mut text = format!(
        "# Bench: one fresh instance of `{}` per request\n\n{machine}.\n\n`wrk -t1 -c{} -d{}s` on the same machine; {} interleaved \
         rounds; medians (least to most).\n\n",
        settings.guest, settings.connections, settings.seconds, settings.rounds
    );
    text += "| server | requests/s | CPU µs per request | p99 ms | yizhan ÷ it, paired |\n|---|---|---|---|---|\n";
    for row in series {
        let (rate, cpu, p99) = (
            spread(row, |sample| sample.requests_per_second, 0),
            spread(row, |sample| sample.cpu_micros, 1),
            spread(row, |sample| sample.p99_ms, 2),
        );
        let ratio = spread_of(ratios(&series[0], row), 2);
        let _ = writeln!(text, "| {} | {rate} | {cpu} | {p99} | {ratio} |", row.name);
    }
    text += "\n";
    for (peer, must, goal) in LINES {
        let found = median(ratios(&series[0], &series[peer]));
        let verdict = if found >= must { "holds" } else { "DOES NOT HOLD" };
        let _ = writeln!(text, "- ≥ {must} × {}: **{verdict}** at {found:.2} (goal {goal}).", series[peer].name);
    }
    text += "\n";
    for row in series {
        let _ = writeln!(text, "- {}: `{}`", row.name, row.how);
    }
    text
}

/// Product to peer, round by round.
fn ratios(product: &Series, peer: &Series) -> Vec<f64> {
    let pairs = product.samples.iter().zip(&peer.samples);
    pairs.map(|(ours, theirs)| ours.requests_per_second / theirs.requests_per_second).collect()
}

fn spread(series: &Series, value: impl Fn(&Sample) -> f64, digits: usize) -> String {
    spread_of(series.samples.iter().map(value).collect(), digits)
}

/// Median, least and most.
pub(super) fn spread_of(values: Vec<f64>, digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.digits$} ({least:.digits$}–{most:.digits$})", median(values))
}

/// The middle value, or the mean of the two in the middle; NaN of nothing.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(vec![]).is_nan());
    }
}
