//! Full-text search over the items: what a text asks for, how well each item answers, and in which order they stand.

pub(crate) mod lexicon;
mod mistake;
mod order;
pub(crate) mod place_names;
mod question;
mod score;
pub(crate) mod sound;
pub(crate) mod tokens;

use super::{
    index::{Snapshot, unavailable},
    item::{Audience, Entry, ItemPage, Query, TEXT_BYTES_MAX},
};
use crate::{
    error::{SupportError, parse_code},
    page::{PageRequest, Question},
};
use order::{Distances, Hit};
use question::Word;
use score::{Scorer, Scores};
use tantivy::TantivyError;
use yizhan_domain::code::{CreditCode, RegionCode};

/// Items that match, best first, in an order that depends on the items and the query alone.
pub(super) fn search(
    index: &Snapshot,
    entries: &[Entry],
    query: &Query,
    page: &PageRequest,
) -> Result<ItemPage, SupportError> {
    if query.text.len() > TEXT_BYTES_MAX {
        let found = query.text.len();
        return Err(SupportError::invalid(format!("text has {found} bytes; at most {TEXT_BYTES_MAX} are allowed")));
    }
    let filter = Filter::of(query)?;
    let folded = fold(&query.text);
    let hits = filter.hits(index, entries, &folded).map_err(unavailable)?;
    let spaced = folded.split_whitespace().collect::<Vec<&str>>().join(" ");
    let audience = query.audience.map(|audience| format!("{audience:?}")).unwrap_or_default();
    let region = filter.region.as_ref().map_or("", RegionCode::as_str);
    let unit = filter.unit.as_ref().map_or("", CreditCode::as_str);
    let topic = query.topic.as_deref().unwrap_or_default();
    let question = Question::new(&["items", &spaced, region, &audience, unit, topic]);
    let total = hits.len();
    let (range, next) = question.range(total, page)?;
    let hits = order::first(index, hits, range.end, spaced.is_empty());
    let items = hits.into_iter().skip(range.start).map(|hit| entries[hit.item].item.summary.clone()).collect();
    Ok(ItemPage { items, next, total: u32::try_from(total).unwrap_or(u32::MAX) })
}

/// Text as it is compared: lower case, full-width forms of ASCII characters as plain ones.
pub(super) fn fold(text: &str) -> String {
    let plain = |character: char| match character {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    };
    text.chars().map(plain).flat_map(char::to_lowercase).collect()
}

/// What must hold of an item whatever the text is.
struct Filter<'a> {
    region: Option<RegionCode>,
    audience: Option<Audience>,
    topic: Option<&'a str>,
    unit: Option<CreditCode>,
}

impl<'a> Filter<'a> {
    fn of(query: &'a Query) -> Result<Self, SupportError> {
        Ok(Self {
            region: query.region.as_deref().map(|code| parse_code("region", code)).transpose()?,
            audience: query.audience,
            topic: query.topic.as_deref().filter(|topic| !topic.is_empty()),
            unit: query.unit.as_deref().map(|code| parse_code("unit", code)).transpose()?,
        })
    }

    /// A region that the text names takes the place of the visitor's. If that finds nothing, nobody there carries it out: the
    /// rest of the text is looked for where the visitor is; at last the name is a word like others.
    fn hits(&self, index: &Snapshot, entries: &[Entry], text: &str) -> Result<Vec<Hit>, TantivyError> {
        let own: Vec<RegionCode> = self.region.iter().cloned().collect();
        if let Some(named) = index.place_names.find(text, self.region.as_ref()) {
            for regions in [&named.regions, &own] {
                let hits = self.answers(index, entries, &named.rest, regions)?;
                if !hits.is_empty() {
                    return Ok(hits);
                }
            }
        }
        self.answers(index, entries, text, &own)
    }

    fn answers(
        &self,
        index: &Snapshot,
        entries: &[Entry],
        text: &str,
        regions: &[RegionCode],
    ) -> Result<Vec<Hit>, TantivyError> {
        let distances = Distances::of(index, regions);
        let fits = |item: usize, score: f32| {
            let facts = &index.facts[item];
            let distance = distances.get(facts)?;
            let meant = facts.audience == Audience::All || self.audience.is_none_or(|asked| asked == facts.audience);
            (meant && self.is_of_topic_and_unit(&entries[item])).then_some(Hit { item, score, distance })
        };
        let words = question::words(text);
        if words.is_empty() {
            return Ok((0..entries.len()).filter_map(|item| fits(item, 1.0)).collect());
        }
        let scores = together(&Scorer { index, entries }, &words)?;
        let scored = scores.into_iter().enumerate().filter(|(_, score)| *score > 0.0);
        Ok(scored.filter_map(|(item, score)| fits(item, score)).collect())
    }

    fn is_of_topic_and_unit(&self, entry: &Entry) -> bool {
        self.topic.is_none_or(|topic| topic == entry.item.topic)
            && self.unit.as_ref().is_none_or(|unit| unit.as_str() == entry.item.summary.code.credit_code())
    }
}

/// Scores of all words: every word must be answered; of three or more, one may be missing if otherwise nothing is found.
fn together(scorer: &Scorer<'_>, words: &[Word]) -> Result<Scores, TantivyError> {
    let mut of_words: Vec<Scores> = Vec::new();
    for word in words {
        of_words.extend(scorer.score(word)?);
    }
    let count = of_words.len();
    let mut sums = vec![0.0; scorer.entries.len()];
    let mut answered = vec![0_usize; scorer.entries.len()];
    for scores in of_words {
        for ((sum, answered), score) in sums.iter_mut().zip(&mut answered).zip(scores) {
            *sum += score / count as f32;
            *answered += usize::from(score > 0.0);
        }
    }
    let most = answered.iter().copied().max().unwrap_or(0);
    let needed = if count >= 3 { most.max(count - 1) } else { count };
    for (sum, answered) in sums.iter_mut().zip(answered) {
        if answered < needed {
            *sum = 0.0;
        }
    }
    Ok(sums)
}
