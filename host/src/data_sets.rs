//! The data sets of this process: catalog, places and working days, as the data directory has them. Read at start, and again
//! when an import says so through the control socket.

use crate::cli::terminal::Terminal;
use anyhow::Context as _;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::Arc;
use yizhan_support::{Catalog, DataFolder, Places, SupportError, WorkingDays};

/// Folder of the search index in a data directory; made anew from the data sets whenever it is not there.
const SEARCH: &str = "search";
/// Fewer changed items are indexed before anybody looks.
const LARGE: usize = 2000;

/// What everything here reads them from.
pub(crate) struct DataSets {
    folder: DataFolder,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) places: Arc<Places>,
    pub(crate) working_days: Arc<WorkingDays>,
}

impl DataSets {
    /// Reads them; without a data directory, or where nothing was imported, they are the samples.
    pub(crate) fn open(data: Option<&Path>) -> anyhow::Result<Self> {
        let folder = data.map_or_else(DataFolder::nowhere, DataFolder::of);
        let what = "the data sets cannot be read: import them again, or put the *.former file back in their place";
        let working_days = Arc::new(WorkingDays::open(&folder).context(what)?);
        let places = Arc::new(Places::open(&folder, Arc::clone(&working_days)).context(what)?);
        let catalog = Arc::new(Catalog::open(&folder).context(what)?);
        if let Some(data) = data {
            keep_index(&catalog, &data.join(SEARCH))?;
        }
        Ok(Self { catalog, places, working_days, folder })
    }

    /// Reads them again while requests are served; blocks. What cannot be read stays as it was.
    pub(crate) fn reload(&self) -> Result<(), SupportError> {
        self.working_days.reload(&self.folder)?;
        self.catalog.reload(&self.folder)?;
        self.places.reload(&self.folder)?;
        tracing::info!("the imported data sets were taken over");
        Ok(())
    }
}

/// Brings the search index up to date; shows how far it is where there is much to do and somebody looks.
fn keep_index(catalog: &Catalog, directory: &Path) -> anyhow::Result<()> {
    let mut bar: Option<ProgressBar> = None;
    let report = catalog
        .keep_index(directory, &mut |done, all| {
            if all > LARGE {
                bar.get_or_insert_with(|| Terminal::new(false).steps("index the catalog", all))
                    .set_position(done as u64);
            }
        })
        .context("the catalog cannot be searched")?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    match report.notice {
        Some(notice) => tracing::warn!(items = report.items, on_disk = report.on_disk, "{notice}"),
        None => tracing::info!(items = report.items, changed = report.changed, "the search index is up to date"),
    }
    Ok(())
}
