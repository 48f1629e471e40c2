//! The order of results: good answers before weak ones; among those each service once before any stands there twice; of one
//! service the visitor's own region first, then those above it, then those below.

use crate::catalog::index::{Facts, Snapshot};
use std::collections::HashMap;
use yizhan_domain::code::RegionCode;

/// Answers with so much of the best score are as good as the best.
const GOOD: f32 = 0.85;
/// Answers with so much of the best score are fair.
const FAIR: f32 = 0.65;
/// A region that is not asked for.
const FAR: u8 = u8::MAX;
/// Regions below come after all above.
const BELOW: u8 = 16;

/// An item that answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) item: usize,
    /// 0 to 1.
    pub(crate) score: f32,
    /// 0 for the visitor's own region, more for those above it, more still for those below.
    pub(crate) distance: u8,
}

/// How far every region of the items is from those that are asked for; none is asked for: all are near.
pub(crate) struct Distances(Vec<u8>);

impl Distances {
    pub(crate) fn of(index: &Snapshot, asked: &[RegionCode]) -> Self {
        let from = |own: &RegionCode| asked.iter().map(|region| distance(own, region)).min().unwrap_or(0);
        Self(index.regions.iter().map(from).collect())
    }

    /// The distance of an item; none if its region is not asked for.
    pub(crate) fn get(&self, facts: &Facts) -> Option<u8> {
        Some(self.0[facts.region as usize]).filter(|distance| *distance != FAR)
    }
}

/// 0 for the region's own, then those above, nearest first, then those below.
fn distance(own: &RegionCode, region: &RegionCode) -> u8 {
    if own.contains(region) {
        region.level() - own.level().min(region.level())
    } else if region.contains(own) {
        BELOW + own.level()
    } else {
        FAR
    }
}

/// The first so many hits in their order; the rest is left out.
pub(crate) fn first(index: &Snapshot, mut hits: Vec<Hit>, count: usize, by_region: bool) -> Vec<Hit> {
    let order = |hit: &Hit| index.facts[hit.item].order;
    if by_region {
        let count = count.min(hits.len());
        if count < hits.len() {
            hits.select_nth_unstable_by_key(count, |hit| (hit.distance, order(hit)));
            hits.truncate(count);
        }
        hits.sort_unstable_by_key(|hit| (hit.distance, order(hit)));
        return hits;
    }
    let best = hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
    let class = |hit: &Hit| usize::from(hit.score < best * GOOD) + usize::from(hit.score < best * FAIR);
    let mut classes: [Vec<Hit>; 3] = Default::default();
    for hit in hits {
        classes[class(&hit)].push(hit);
    }
    let mut sorted = Vec::new();
    for class in classes {
        if sorted.len() >= count {
            break;
        }
        sorted.extend(each_service_once(index, class));
    }
    sorted.truncate(count);
    sorted
}

/// Each service's best item first, then each service's second, and so on.
fn each_service_once(index: &Snapshot, mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by(|one, other| {
        let key = |hit: &Hit| (index.facts[hit.item].name_chars, hit.distance, index.facts[hit.item].order);
        other.score.total_cmp(&one.score).then_with(|| key(one).cmp(&key(other)))
    });
    let mut turns: HashMap<u32, u32> = HashMap::new();
    let mut turned: Vec<(u32, Hit)> = hits
        .into_iter()
        .map(|hit| {
            let turn = turns.entry(index.facts[hit.item].service).or_insert(0);
            *turn += 1;
            (*turn, hit)
        })
        .collect();
    turned.sort_by_key(|(turn, _)| *turn);
    turned.into_iter().map(|(_, hit)| hit).collect()
}
