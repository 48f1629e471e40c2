//! What `cargo xtask bench search` starts: the catalog's search and SQLite FTS5 over the same generated items, the same
//! queries, in one run. Prints a part of the report as Markdown on standard output.

mod items;
mod queries;
mod sqlite;

use anyhow::Context as _;
use clap::Parser;
use queries::Query;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use yizhan_domain::{Context, RequestId, Timestamp};
use yizhan_support::{Catalog, DataFolder, PageRequest, catalog};

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// Folder for items and indexes; it is emptied first.
    #[arg(long)]
    folder: PathBuf,
    /// Rounds; in each, every query is asked once of every contender.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Number of items.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=200_000))]
    items: u32,
}

/// What one contender needed.
struct Series {
    name: &'static str,
    build: Duration,
    bytes: u64,
    micros: Vec<f64>,
    right: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = arguments.folder;
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let rows = items::write(&folder.join("data"), arguments.items as usize)?;
    let data = DataFolder::of(&folder.join("data"));
    let catalog = Catalog::open(&data).context("the generated items")?;
    let begun = Instant::now();
    let index = folder.join("search");
    let report = catalog.keep_index(&index, &mut |_, _| {})?;
    anyhow::ensure!(report.on_disk, "the index is not on disk: {report:?}");
    let built = begun.elapsed();
    let begun = Instant::now();
    Catalog::open(&data)?.keep_index(&index, &mut |_, _| {})?;
    let opened = begun.elapsed();
    let queries = queries::judged();
    let mut series = vec![Series::new("yizhan catalog (tantivy)", built, bytes_of(&index)?)];
    let mut peers = Vec::new();
    for tokenizer in sqlite::Tokens::ALL {
        let begun = Instant::now();
        let file = folder.join(format!("{}.db", tokenizer.name()));
        peers.push(sqlite::Peer::build(&file, tokenizer, &rows)?);
        series.push(Series::new(tokenizer.title(), begun.elapsed(), std::fs::metadata(&file)?.len()));
    }
    // The first round warms up and counts what is right.
    for round in 0..=arguments.rounds {
        for query in &queries {
            series[0].add(round, query, || ask(&catalog, query))?;
            for (peer, series) in peers.iter().zip(&mut series[1..]) {
                series.add(round, query, || peer.ask(query))?;
            }
        }
    }
    let text = written(&series, &queries, rows.len(), opened);
    std::io::stdout().write_all(text.as_bytes()).context("cannot print")
}

fn ask(catalog: &Catalog, query: &Query) -> anyhow::Result<Vec<String>> {
    let context = Context { id: RequestId(1), now: Timestamp(0) };
    let wanted = catalog::Query { text: query.text.to_owned(), ..catalog::Query::default() };
    let page = catalog.search(&context, &wanted, &PageRequest::first(10))?;
    Ok(page.items.into_iter().map(|item| item.name).collect())
}

fn bytes_of(directory: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for file in std::fs::read_dir(directory)? {
        sum += file?.metadata()?.len();
    }
    Ok(sum)
}

impl Series {
    fn new(name: &'static str, build: Duration, bytes: u64) -> Self {
        Self { name, build, bytes, micros: Vec::new(), right: 0 }
    }

    fn add(
        &mut self,
        round: u32,
        query: &Query,
        ask: impl FnOnce() -> anyhow::Result<Vec<String>>,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let names = ask()?;
        let micros = begun.elapsed().as_secs_f64() * 1e6;
        if round == 0 {
            let meant = |name: &String| query.meant.iter().any(|meant| name.starts_with(meant));
            self.right += usize::from(names.iter().take(3).any(meant));
        } else {
            self.micros.push(micros);
        }
        Ok(())
    }

    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0) / 1e3
    }
}

fn written(series: &[Series], queries: &[Query], items: usize, opened: Duration) -> String {
    let mut text = format!(
        "## Search\n\n{items} generated items, {} judged queries without a region, ten results each, {} measurements a \
         contender, one thread, everything in the page cache. SQLite gives rows by rank without a total; the catalog also \
         counts, spreads over services and tolerates mistakes. An index that is there is opened in {:.2} s.\n\n\
         | contender | p50 ms | p95 ms | p99 ms | right in first 3 | build s | size MB |\n|---|--:|--:|--:|--:|--:|--:|\n",
        queries.len(),
        series[0].micros.len(),
        opened.as_secs_f64(),
    );
    for one in series {
        text += &format!(
            "| {} | {:.2} | {:.2} | {:.2} | {} of {} | {:.1} | {:.1} |\n",
            one.name,
            one.percentile(50),
            one.percentile(95),
            one.percentile(99),
            one.right,
            queries.len(),
            one.build.as_secs_f64(),
            one.bytes as f64 / 1e6
        );
    }
    for peer in &series[1..] {
        let ratio = |percent| peer.percentile(percent) / series[0].percentile(percent);
        text +=
            &format!("\n{} / catalog: p50 {:.2}, p95 {:.2}, p99 {:.2}.\n", peer.name, ratio(50), ratio(95), ratio(99));
    }
    text
}
