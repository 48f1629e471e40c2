//! What is searched: the index as it was at one moment, and for every item in memory what the order needs to know of it.

use super::Fields;
use crate::{
    catalog::{
        item::{Audience, Entry},
        search::{lexicon::Lexicon, place_names::PlaceNames, sound::Sound},
    },
    region::Regions,
};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};
use tantivy::{
    DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term, schema::Field, schema::IndexRecordOption,
};

/// A document that is no item.
const NOBODY: u32 = u32::MAX;

/// What the order of results needs to know of an item. Numbers stand for equal texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// Region of the unit, an index of [`Snapshot::regions`].
    pub(crate) region: u32,
    /// Basic code.
    pub(crate) service: u32,
    /// Name and other names, an index of [`Snapshot::wordings`].
    pub(crate) wording: u32,
    /// Place in the order by name and code.
    pub(crate) order: u32,
    /// Characters of the name: of two that answer alike the shorter says less besides.
    pub(crate) name_chars: u32,
    /// Whom it is for.
    pub(crate) audience: Audience,
}

/// Names that one or more items have.
#[derive(Debug)]
pub(crate) struct Wording {
    /// An item that has them.
    pub(crate) entry: usize,
    sounds: OnceLock<Vec<Sound>>,
}

/// The index of one moment.
pub(crate) struct Snapshot {
    searcher: Searcher,
    /// For each segment and document the item.
    places: Vec<Vec<u32>>,
    pub(crate) fields: Fields,
    pub(crate) lexicon: Arc<Lexicon>,
    pub(crate) facts: Vec<Facts>,
    pub(crate) regions: Vec<yizhan_domain::code::RegionCode>,
    pub(crate) wordings: Vec<Wording>,
    pub(crate) place_names: PlaceNames,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Snapshot").field("items", &self.facts.len()).finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(super) fn of(
        searcher: Searcher,
        entries: &[Entry],
        regions: &Regions,
        lexicon: Arc<Lexicon>,
    ) -> Result<Self, TantivyError> {
        let by_code: HashMap<&str, u32> =
            (0_u32..).zip(entries).map(|(number, entry)| (entry.item.summary.code.as_str(), number)).collect();
        let place = |(_, code, _): (u32, &str, u64)| by_code.get(code).copied().unwrap_or(NOBODY);
        let mut places = Vec::new();
        for segment in searcher.segment_readers() {
            let mut of_segment = vec![NOBODY; segment.max_doc() as usize];
            each_document(segment, |document| of_segment[document.0 as usize] = place(document))?;
            places.push(of_segment);
        }
        let (facts, regions_of_items, wordings) = facts(entries);
        let place_names = PlaceNames::of(regions, entries, &wordings, &lexicon);
        let fields = Fields::schema().1;
        Ok(Self { searcher, places, fields, lexicon, facts, regions: regions_of_items, wordings, place_names })
    }

    /// Calls for every item that has the token in the field.
    pub(crate) fn each(&self, field: Field, token: &str, mut call: impl FnMut(usize)) -> Result<(), TantivyError> {
        let term = Term::from_field_text(field, token);
        for (segment, places) in self.searcher.segment_readers().iter().zip(&self.places) {
            let inverted = segment.inverted_index(field)?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else { continue };
            let mut document = postings.doc();
            while document != TERMINATED {
                let item = places[document as usize];
                if item != NOBODY {
                    call(item as usize);
                }
                document = postings.advance();
            }
        }
        Ok(())
    }

    /// In how many documents the token is in the field; those that were taken out count until their segment is merged.
    pub(crate) fn frequency(&self, field: Field, token: &str) -> Result<u64, TantivyError> {
        self.searcher.doc_freq(&Term::from_field_text(field, token))
    }

    /// How the names of a wording sound: the name first.
    pub(crate) fn sounds(&self, wording: u32, entries: &[Entry]) -> &[Sound] {
        let wording = &self.wordings[wording as usize];
        wording.sounds.get_or_init(|| {
            let entry = &entries[wording.entry];
            std::iter::once(&entry.name).chain(&entry.others).map(|name| Sound::of(name, &self.lexicon)).collect()
        })
    }
}

/// The fingerprints of the items in an index, by code. A code that stands there twice gets a fingerprint that fits nothing.
pub(super) fn prints(searcher: &Searcher) -> Result<HashMap<String, u64>, TantivyError> {
    let mut prints = HashMap::new();
    for segment in searcher.segment_readers() {
        each_document(segment, |(_, code, print)| {
            prints.entry(code.to_owned()).and_modify(|twice: &mut u64| *twice = !*twice).or_insert(print);
        })?;
    }
    Ok(prints)
}

fn each_document(segment: &SegmentReader, mut call: impl FnMut((u32, &str, u64))) -> Result<(), TantivyError> {
    let fast = segment.fast_fields();
    let missing = || TantivyError::SchemaError("a document has no code".to_owned());
    let prints = fast.u64("print")?;
    let codes = fast.str("code")?;
    let mut text = String::new();
    for document in segment.doc_ids_alive() {
        let codes = codes.as_ref().ok_or_else(missing)?;
        let ordinal = codes.term_ords(document).next().ok_or_else(missing)?;
        text.clear();
        codes.ord_to_str(ordinal, &mut text)?;
        call((document, &text, prints.first(document).ok_or_else(missing)?));
    }
    Ok(())
}

type AllFacts = (Vec<Facts>, Vec<yizhan_domain::code::RegionCode>, Vec<Wording>);

fn facts(entries: &[Entry]) -> AllFacts {
    let (mut regions, mut services, mut wordings) = (HashMap::new(), HashMap::new(), HashMap::new());
    let (mut region_list, mut wording_list) = (Vec::new(), Vec::new());
    let mut facts: Vec<Facts> = Vec::with_capacity(entries.len());
    for (number, entry) in entries.iter().enumerate() {
        let summary = &entry.item.summary;
        let (next_service, next_wording) = (services.len() as u32, wordings.len() as u32);
        let region = *regions.entry(&summary.region).or_insert_with(|| {
            region_list.push(summary.region.clone());
            region_list.len() as u32 - 1
        });
        let wording = *wordings.entry((&entry.name, &entry.others)).or_insert(next_wording);
        if wording == next_wording {
            wording_list.push(Wording { entry: number, sounds: OnceLock::new() });
        }
        let service = *services.entry(&summary.basic_code).or_insert(next_service);
        let name_chars = entry.name.chars().count() as u32;
        facts.push(Facts { region, service, wording, order: 0, name_chars, audience: summary.audience });
    }
    let mut sorted: Vec<usize> = (0..entries.len()).collect();
    let key = |number: &usize| {
        let summary = &entries[*number].item.summary;
        (summary.name.as_str(), summary.code.as_str())
    };
    sorted.sort_by(|one, other| key(one).cmp(&key(other)));
    for (order, number) in sorted.into_iter().enumerate() {
        facts[number].order = order as u32;
    }
    (facts, region_list, wording_list)
}
