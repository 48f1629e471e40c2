//! What `cargo xtask bench consents` and `grants` start: the flow's own functions over a real store, without HTTP. Prints a
//! part of the report as Markdown on standard output.

mod bed;
mod consents;
mod figures;
mod fill;
mod grants;

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use std::io::Write as _;
use std::path::PathBuf;

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    /// Folder for the stores; it is emptied first.
    #[arg(long)]
    folder: PathBuf,
    /// Rounds.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Durable consents in a second: 32 writers, and one alone.
    Consents,
    /// Costs at several numbers of grants.
    Grants {
        /// How many grants, each in a store of its own; the first is what the others are compared with.
        #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000])]
        sizes: Vec<u64>,
        /// Where they lie.
        #[arg(long, value_enum, default_value_t = Backend::Memory)]
        backend: Backend,
    },
}

/// A store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Backend {
    /// On disk, with journal and fsync.
    Sled,
    /// In memory: nothing is durable.
    Memory,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let folder = arguments.folder;
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let workers = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let text = workers.block_on(async {
        match arguments.what {
            What::Consents => consents::measure(&folder, arguments.rounds).await,
            What::Grants { sizes, backend } => grants::measure(&folder, arguments.rounds, &sizes, backend).await,
        }
    })?;
    std::io::stdout().write_all(text.as_bytes())?;
    // The stores are closed by now; a million grants need not stay on the disk.
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}
