//! What a gated call, an opening and a consent cost where a store holds few grants and where it holds many.

use crate::Backend;
use crate::bed::{Bed, CLAIMS, PURPOSE};
use crate::figures::{ratios, spread};
use crate::{consents, fill};
use anyhow::{Context as _, bail};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use yizhan_auth::flow::open::{self, OPENS_PER_MINUTE};
use yizhan_auth::{Authorized, check};
use zeroize::Zeroizing;

/// People who are signed in.
const PEOPLE: usize = 24;
/// Gated calls of each person in a round.
const CALLS: usize = 50;
/// Openings of each person in a round at most; the quota of a minute is shared by all rounds.
const OPENS_MAX: u64 = 4;
/// Consents of a round.
const CONSENTS: usize = 50;

/// One store, and what was measured on it, microseconds each.
struct Row {
    grants: u64,
    fill_s: f64,
    bed: Arc<Bed>,
    people: Vec<Zeroizing<String>>,
    /// Permit of a request: session and confirmation.
    permits: Vec<f64>,
    /// Gated call.
    calls: Vec<f64>,
    /// Opening of two claims.
    opens: Vec<f64>,
    /// Consent, one by one.
    consents: Vec<f64>,
}

/// Fills a store for each size, then measures all of them in every round; the part of the report.
pub(crate) async fn measure(folder: &Path, rounds: u32, sizes: &[u64], backend: Backend) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    for size in sizes {
        rows.push(Row::prepare(folder, *size, backend).await?);
    }
    let opens = (OPENS_PER_MINUTE / u64::from(rounds)).clamp(1, OPENS_MAX);
    for round in 1..=rounds {
        for row in &mut rows {
            row.round(opens).await?;
        }
        eprintln!("round {round}/{rounds}: done at {} sizes", rows.len());
    }
    Ok(report(&rows, rounds, backend))
}

impl Row {
    async fn prepare(folder: &Path, grants: u64, backend: Backend) -> anyhow::Result<Self> {
        let bed = Bed::open(&folder.join(format!("grants-{grants}")), backend).await?;
        let began = Instant::now();
        fill::fill(&bed, grants).await?;
        let fill_s = began.elapsed().as_secs_f64();
        eprintln!("{grants} grants filled in {fill_s:.1} s");
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            people.push(bed.signed_in().await?);
        }
        let none = Vec::new;
        Ok(Self { grants, fill_s, bed, people, permits: none(), calls: none(), opens: none(), consents: none() })
    }

    async fn round(&mut self, opens: u64) -> anyhow::Result<()> {
        let (bed, names) = (&*self.bed, CLAIMS.map(|claim| claim.to_string()));
        let (mut permit_us, mut call_us, mut open_us) = (0.0, 0.0, 0.0);
        for token in &self.people {
            let began = Instant::now();
            let permit = check::invoke(&bed.context(), &bed.runtime, &bed.policy, Some(token)).await;
            permit_us += micros(began);
            let began = Instant::now();
            for _ in 0..CALLS {
                if !matches!(permit.authorization(&bed.context(), &bed.runtime).await, Authorized::SignedIn(_)) {
                    bail!("nobody is signed in");
                }
            }
            call_us += micros(began);
            let began = Instant::now();
            for _ in 0..opens {
                open::open(&bed.context(), &bed.runtime, &permit, PURPOSE, &names).await.context("opening")?;
            }
            open_us += micros(began);
        }
        let people = self.people.len() as f64;
        self.permits.push(permit_us / people);
        self.calls.push(call_us / people / CALLS as f64);
        self.opens.push(open_us / people / opens as f64);
        let asked = consents::ask(&self.bed, CONSENTS).await?;
        let began = Instant::now();
        for asked in &asked {
            bed.agree(asked).await?;
        }
        self.consents.push(micros(began) / CONSENTS as f64);
        Ok(())
    }
}

fn micros(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6
}

fn report(rows: &[Row], rounds: u32, backend: Backend) -> String {
    let store = match backend {
        Backend::Sled => "the embedded store on disk",
        Backend::Memory => "the store in memory",
    };
    let mut text = format!(
        "## Costs by the number of grants\n\nIn one process, without HTTP and sandbox, on {store}; one caller. {rounds} interleaved \
         rounds; medians (least to most), microseconds.\n\n\
         | grants | filled in s | permit of a request | gated call | `open` of two claims | consent |\n|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let cells = [&row.permits, &row.calls, &row.opens, &row.consents].map(|values| spread(values, 1));
        let _ = writeln!(text, "| {} | {:.1} | {} |", row.grants, row.fill_s, cells.join(" | "));
    }
    text += "\n";
    if let [first, .., last] = rows {
        let pairs = [
            ("permit", &first.permits, &last.permits),
            ("gated call", &first.calls, &last.calls),
            ("`open`", &first.opens, &last.opens),
            ("consent", &first.consents, &last.consents),
        ];
        for (what, few, many) in pairs {
            let ratio = spread(&ratios(many, few), 2);
            let _ = writeln!(text, "- {what}: {} grants ÷ {} grants = **{ratio}**.", last.grants, first.grants);
        }
        text += "\n";
    }
    text
}
