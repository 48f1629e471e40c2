//! Search over the items: every word must occur in the name, unit, codes, kind or other names of an item.

use super::item::{Audience, Entry, Item, ItemPage, Query, TEXT_BYTES_MAX};
use crate::{
    error::{SupportError, parse_code},
    page::{PageRequest, Question},
};
use yizhan_domain::code::RegionCode;

/// Items that match, best first: those whose name begins with the text, then those whose name has every word, then the
/// rest; among equals the nearest region first, then by name and code.
pub(super) fn search(entries: &[Entry], query: &Query, page: &PageRequest) -> Result<ItemPage, SupportError> {
    if query.text.len() > TEXT_BYTES_MAX {
        let found = query.text.len();
        return Err(SupportError::invalid(format!("text has {found} bytes; at most {TEXT_BYTES_MAX} are allowed")));
    }
    let region = query.region.as_deref().map(|code| parse_code::<RegionCode>("region", code)).transpose()?;
    let folded = fold(&query.text);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let mut found: Vec<_> = entries
        .iter()
        .filter(|entry| fits(&entry.item, region.as_ref(), query.audience))
        .filter_map(|entry| Some((rank(entry, &words)?, distance(&entry.item, region.as_ref()), entry)))
        .collect();
    found.sort_by(|(rank, distance, entry), (other_rank, other_distance, other)| {
        let (summary, other_summary) = (&entry.item.summary, &other.item.summary);
        (rank, distance, &summary.name, &summary.code).cmp(&(
            other_rank,
            other_distance,
            &other_summary.name,
            &other_summary.code,
        ))
    });
    let total = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let audience = query.audience.map(|audience| format!("{audience:?}")).unwrap_or_default();
    let region = region.as_ref().map_or("", RegionCode::as_str);
    let question = Question::new(&["items", &words.join(" "), region, &audience]);
    let (found, next) = question.cut(found, page)?;
    Ok(ItemPage { items: found.into_iter().map(|(.., entry)| entry.item.summary.clone()).collect(), next, total })
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

fn fits(item: &Item, region: Option<&RegionCode>, audience: Option<Audience>) -> bool {
    let own = &item.summary.region;
    let near = region.is_none_or(|region| region.contains(own) || own.contains(region));
    let meant = item.summary.audience == Audience::All || audience.is_none_or(|asked| asked == item.summary.audience);
    near && meant
}

/// 0 name begins with the words, 1 name has every word, 2 the item has every word; none if it does not match.
fn rank(entry: &Entry, words: &[&str]) -> Option<u8> {
    let in_name = |word: &&str| entry.folded_name.contains(*word);
    if words.iter().all(in_name) {
        let begins = words.first().is_none_or(|first| entry.folded_name.starts_with(first));
        return Some(if begins { 0 } else { 1 });
    }
    words.iter().all(|word| in_name(word) || entry.folded_rest.contains(word)).then_some(2)
}

/// 0 the region's own items, then those of the regions above, nearest first, then those below.
fn distance(item: &Item, region: Option<&RegionCode>) -> u8 {
    const BELOW: u8 = 16;
    let Some(region) = region else { return 0 };
    let own = &item.summary.region;
    if own.contains(region) { region.level() - own.level().min(region.level()) } else { BELOW + own.level() }
}
