//! Durable consents in a second, through the flow's own `agree`: 32 writers whose consents share a barrier, against one
//! writer with a barrier for each.

use crate::Backend;
use crate::bed::{Asked, Bed};
use crate::figures::{ratios, spread};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// People who agree at the same time.
const WRITERS: usize = 32;
/// Consents of a round that one writer gives one by one.
const ALONE: usize = 200;
/// Consents of a round that all writers give.
const TOGETHER: usize = 3_200;

/// Measures in rounds; the part of the report.
pub(crate) async fn measure(folder: &Path, rounds: u32) -> anyhow::Result<String> {
    let bed = Bed::open(folder, Backend::Sled).await?;
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        alone.push(rate(&bed, 1, ALONE).await?);
        together.push(rate(&bed, WRITERS, TOGETHER).await?);
        eprintln!(
            "round {round}/{rounds}: {:.0} consents/s with {WRITERS} writers, {:.0} with one",
            together[together.len() - 1],
            alone[alone.len() - 1]
        );
    }
    Ok(format!(
        "## Durable consents\n\nThe flow's own `agree`: checks, signed receipt, then consent, grant, code and audit record in \
         one step of the embedded store, journal and database flushed to the disk. {rounds} rounds; medians (least to \
         most).\n\n\
         | writers | consents/s | ÷ one writer, paired |\n|---|---|---|\n\
         | 1: a barrier each | {} | 1 |\n| {WRITERS}: group commit | {} | {} |\n\n",
        spread(&alone, 0),
        spread(&together, 0),
        spread(&ratios(&together, &alone), 1),
    ))
}

/// Consents in a second; preparing the people is not counted.
async fn rate(bed: &Arc<Bed>, writers: usize, consents: usize) -> anyhow::Result<f64> {
    let asked = ask(bed, consents).await?;
    let began = Instant::now();
    let mut shares: Vec<Vec<Asked>> = (0..writers).map(|_| Vec::new()).collect();
    for (at, asked) in asked.into_iter().enumerate() {
        shares[at % writers].push(asked);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for share in shares {
        let bed = Arc::clone(bed);
        tasks.spawn(async move {
            for asked in share {
                bed.agree(&asked).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(consents as f64 / began.elapsed().as_secs_f64())
}

/// So many people before the consent page.
pub(crate) async fn ask(bed: &Arc<Bed>, people: usize) -> anyhow::Result<Vec<Asked>> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..people {
        let bed = Arc::clone(bed);
        tasks.spawn(async move { bed.ask().await });
    }
    let mut all = Vec::with_capacity(people);
    while let Some(asked) = tasks.join_next().await {
        all.push(asked??);
    }
    Ok(all)
}
