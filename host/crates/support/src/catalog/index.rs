//! The full-text index of the items: on disk where there is a data directory, else in memory. Brought up to date from what
//! changed; set aside and built anew when it is damaged or somebody else's. Called by the catalog.

mod disk;
mod document;
mod snapshot;

pub(crate) use document::Fields;
pub(crate) use snapshot::{Facts, Snapshot, Wording};

use super::{item::Entry, search::lexicon::Lexicon};
use crate::{error::SupportError, region::Regions};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, TantivyError, indexer::LogMergePolicy};

/// Memory of the writer in bytes; what does not fit is written to segments that are merged later.
const WRITER_BYTES: usize = 64 << 20;
/// Memory of the writer for few items in bytes; the least that it takes.
const SMALL_WRITER_BYTES: usize = 16 << 20;
/// So many items are few.
const FEW: usize = 2000;
/// So many items are between two reports of progress.
const STEP: usize = 256;

/// Where the index lies and what was done to bring it up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexReport {
    /// Whether it lies on disk; else it is in memory and built anew at the next start.
    pub on_disk: bool,
    /// Why it was built anew or is not on disk, for the operator; none if all is well.
    pub notice: Option<String>,
    /// Number of items in it.
    pub items: usize,
    /// Number of items that were put in, changed or taken out.
    pub changed: usize,
}

/// Told how many of the changed items are indexed, and how many there are.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize);

/// Keeps the index and writes it.
#[derive(Default)]
pub(crate) struct Keeper {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    index: Option<Index>,
    lexicon: Option<Arc<Lexicon>>,
    report: IndexReport,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keeper").finish_non_exhaustive()
    }
}

impl Keeper {
    /// From now on the index lies in this directory, which is made if there is none; in memory if that cannot be.
    pub(crate) fn settle(&self, directory: &Path) {
        let mut state = self.lock();
        let (index, report) = match disk::open(directory) {
            Ok((index, notice)) => (Some(index), IndexReport { on_disk: true, notice, ..IndexReport::default() }),
            Err(error) => (None, IndexReport { notice: Some(in_memory(&error)), ..IndexReport::default() }),
        };
        (state.index, state.report) = (index, report);
    }

    /// What was done last.
    pub(crate) fn report(&self) -> IndexReport {
        self.lock().report.clone()
    }

    /// Puts in what is new or changed, takes out what is gone, and gives what is searched from now on.
    pub(crate) fn bring_up(
        &self,
        entries: &[Entry],
        regions: &Regions,
        progress: Progress<'_>,
    ) -> Result<Snapshot, SupportError> {
        let mut state = self.lock();
        let lexicon = match &state.lexicon {
            Some(lexicon) => Arc::clone(lexicon),
            None => Arc::clone(state.lexicon.insert(Arc::new(Lexicon::shipped()?))),
        };
        let on_disk = state.index.take().map(|index| (update(&index, entries, &lexicon, progress), index));
        let (searcher, changed, index) = match on_disk {
            Some((Ok((searcher, changed)), index)) => (searcher, changed, index),
            failed => {
                if let Some((Err(error), _)) = failed {
                    state.report = IndexReport { notice: Some(in_memory(&error)), ..IndexReport::default() };
                }
                let index = Index::create_in_ram(Fields::schema().0);
                let (searcher, changed) = update(&index, entries, &lexicon, progress).map_err(unavailable)?;
                (searcher, changed, index)
            }
        };
        state.index = Some(index);
        (state.report.items, state.report.changed) = (entries.len(), changed);
        Snapshot::of(searcher, entries, regions, lexicon).map_err(unavailable)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The index cannot be read or written.
pub(crate) fn unavailable(error: impl Into<TantivyError>) -> SupportError {
    SupportError::Unavailable { what: "search", source: Box::new(error.into()) }
}

fn in_memory(error: &TantivyError) -> String {
    format!("the search index is kept in memory: {error}")
}

/// Brings an index up to date; says how many items changed.
fn update(
    index: &Index,
    entries: &[Entry],
    lexicon: &Lexicon,
    progress: Progress<'_>,
) -> Result<(Searcher, usize), TantivyError> {
    let fields = Fields::schema().1;
    let reader: IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let mut known = snapshot::prints(&reader.searcher())?;
    let words = Lexicon::print();
    let changed: Vec<(&Entry, u64)> = entries
        .iter()
        .map(|entry| (entry, document::print(entry, words)))
        .filter(|(entry, print)| known.remove(entry.item.summary.code.as_str()) != Some(*print))
        .collect();
    let count = changed.len() + known.len();
    if count > 0 {
        write(index, &fields, (&changed, &known), lexicon, progress)?;
        reader.reload()?;
    }
    Ok((reader.searcher(), count))
}

fn write(
    index: &Index,
    fields: &Fields,
    (changed, gone): (&[(&Entry, u64)], &HashMap<String, u64>),
    lexicon: &Lexicon,
    progress: Progress<'_>,
) -> Result<(), TantivyError> {
    let memory = if changed.len() > FEW { WRITER_BYTES } else { SMALL_WRITER_BYTES };
    let mut writer: IndexWriter = index.writer_with_num_threads(1, memory)?;
    writer.set_merge_policy(Box::new(LogMergePolicy::default()));
    for code in gone.keys() {
        writer.delete_term(fields.key(code));
    }
    for (number, (entry, print)) in changed.iter().enumerate() {
        if number % STEP == 0 {
            progress(number, changed.len());
        }
        writer.delete_term(fields.key(entry.item.summary.code.as_str()));
        writer.add_document(fields.document(entry, *print, lexicon))?;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    progress(changed.len(), changed.len());
    Ok(())
}

#[cfg(test)]
mod tests;
