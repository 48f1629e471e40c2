//! Regions that are named in a text: 杭州 公积金提取 asks for Hangzhou. A name that items themselves carry is no region.

use super::lexicon::Lexicon;
use crate::{
    catalog::{index::Wording, item::Entry},
    region::Regions,
};
use aho_corasick::AhoCorasick;
use std::collections::HashMap;
use yizhan_domain::code::RegionCode;

/// Ends of names of regions that people leave out, longest first.
const ENDS: [&str; 12] = [
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "盟",
    "区",
    "县",
];
/// Peoples that stand before 自治州.
const PEOPLES: [&str; 16] = [
    "土家族",
    "布依族",
    "哈尼族",
    "景颇族",
    "傈僳族",
    "朝鲜族",
    "蒙古族",
    "哈萨克",
    "柯尔克孜",
    "苗族",
    "藏族",
    "羌族",
    "彝族",
    "侗族",
    "壮族",
    "傣族",
];
/// Deepest level whose short name counts wherever it stands; those below only as a word of their own.
const SHORT_LEVEL: u8 = 2;

/// Names of regions, to be found in a text.
#[derive(Debug)]
pub(crate) struct PlaceNames {
    finder: Option<AhoCorasick>,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    codes: Vec<RegionCode>,
    /// The short name of a county: counts only as a word of its own, for a visitor of the same province.
    alone: bool,
    /// Items carry it that are not of the region.
    taken: bool,
}

/// Regions that a text names, and the text without their names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) regions: Vec<RegionCode>,
    pub(crate) rest: String,
}

impl PlaceNames {
    /// The names of these regions.
    pub(crate) fn of(regions: &Regions, entries: &[Entry], wordings: &[Wording], lexicon: &Lexicon) -> Self {
        let mut found: HashMap<String, Name> = HashMap::new();
        let mut add = |text: String, code: &RegionCode, alone: bool| {
            let name = found.entry(text).or_insert(Name { codes: Vec::new(), alone, taken: false });
            name.alone &= alone;
            name.codes.push(code.clone());
        };
        for region in regions.iter().filter(|region| region.level > 0) {
            let short = short_name(&region.name);
            if short.chars().count() < 2 {
                continue;
            }
            if short != region.name && !lexicon.knows(short) {
                add(short.to_owned(), &region.code, region.level > SHORT_LEVEL);
            }
            add(region.name.clone(), &region.code, false);
        }
        let (texts, names): (Vec<String>, Vec<Name>) = found.into_iter().unzip();
        let mut place_names = Self { finder: AhoCorasick::new(&texts).ok(), names };
        for entry in wordings.iter().filter_map(|wording| entries.get(wording.entry)) {
            place_names.leave_out(entry);
        }
        place_names
    }

    fn leave_out(&mut self, entry: &Entry) {
        let Some(finder) = &self.finder else { return };
        let own = &entry.item.summary.region;
        for text in std::iter::once(&entry.name).chain(&entry.others) {
            for found in finder.find_overlapping_iter(text) {
                let name = &mut self.names[found.pattern().as_usize()];
                name.taken |= !name.codes.iter().any(|code| code.contains(own));
            }
        }
    }

    /// Regions that a folded text names; of several with one name those nearest to the visitor, of nested ones the deepest.
    pub(crate) fn find(&self, text: &str, visitor: Option<&RegionCode>) -> Option<Named> {
        let mut spots: Vec<(usize, usize, &Name)> = self
            .finder
            .iter()
            .flat_map(|finder| finder.find_overlapping_iter(text))
            .map(|found| (found.start(), found.end(), &self.names[found.pattern().as_usize()]))
            .filter(|(.., name)| !name.taken)
            .collect();
        spots.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let (mut regions, mut rest, mut at) = (Vec::new(), String::new(), 0);
        for (start, end, name) in spots {
            let follows = start == at && at > 0;
            let meant = match name.alone {
                true if follows => inside(&name.codes, &regions),
                true if !stands_alone(text, start, end) => Vec::new(),
                alone => nearest(&name.codes, visitor, alone),
            };
            if start < at || meant.is_empty() {
                continue;
            }
            rest.extend([&text[at..start], " "]);
            regions = merged(regions, meant);
            at = end;
        }
        rest.push_str(&text[at..]);
        (!regions.is_empty()).then_some(Named { regions, rest })
    }
}

fn short_name(name: &str) -> &str {
    let Some(short) = ENDS.iter().find_map(|end| name.strip_suffix(end)) else { return name };
    let first_people = PEOPLES.iter().filter_map(|people| short.find(people)).filter(|at| *at > 0).min();
    first_people.map_or(short, |at| &short[..at])
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let blank = |character: Option<char>| character.is_none_or(char::is_whitespace);
    blank(text[..start].chars().next_back()) && blank(text[end..].chars().next())
}

/// Those that share the most with the visitor's region; a short name of a county must share the province.
fn nearest(codes: &[RegionCode], visitor: Option<&RegionCode>, alone: bool) -> Vec<RegionCode> {
    let Some(visitor) = visitor else { return if alone { Vec::new() } else { codes.to_vec() } };
    let shared = |code: &RegionCode| {
        code.as_str().bytes().zip(visitor.as_str().bytes()).take_while(|(one, other)| one == other).count() / 2
    };
    let most = codes.iter().map(shared).max().unwrap_or(0);
    if alone && most == 0 {
        return Vec::new();
    }
    codes.iter().filter(|code| shared(code) == most).cloned().collect()
}

/// What is named later takes the place of what contains it; else both count.
fn merged(before: Vec<RegionCode>, next: Vec<RegionCode>) -> Vec<RegionCode> {
    let deeper = inside(&next, &before);
    if deeper.is_empty() { before.into_iter().chain(next).collect() } else { deeper }
}

fn inside(codes: &[RegionCode], above: &[RegionCode]) -> Vec<RegionCode> {
    codes.iter().filter(|code| above.iter().any(|region| region.contains(code))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGIONS: &str = "000000000000\t国\n330000000000\t浙江省\n330100000000\t杭州市\n330106000000\t西湖区\n\
        330200000000\t宁波市\n330212000000\t鄞州区\n360000000000\t江西省\n360103000000\t西湖区\n\
        360100000000\t南昌市\n421022000000\t公安县\n422800000000\t恩施土家族苗族自治州\n\
        450000000000\t广西壮族自治区\n";

    fn found(text: &str, visitor: Option<&str>) -> Option<(Vec<String>, String)> {
        let lexicon = Lexicon::shipped().expect("lexicon");
        let names = PlaceNames::of(&Regions::parse(REGIONS).expect("regions"), &[], &[], &lexicon);
        let visitor: Option<RegionCode> = visitor.map(|code| code.parse().expect("code"));
        let named = names.find(text, visitor.as_ref())?;
        let rest = named.rest.split_whitespace().collect::<Vec<_>>().join(" ");
        Some((named.regions.into_iter().map(|code| code.as_str()[..6].to_owned()).collect(), rest))
    }

    fn named(codes: &[&str], rest: &str) -> Option<(Vec<String>, String)> {
        Some((codes.iter().map(|code| (*code).to_owned()).collect(), rest.to_owned()))
    }

    #[test]
    fn a_region_is_named_with_or_without_the_end_of_its_name() {
        assert_eq!(found("杭州公积金", None), named(&["330100"], "公积金"));
        assert_eq!(found("公积金 浙江省", None), named(&["330000"], "公积金"));
        assert_eq!(found("恩施 社保", None), named(&["422800"], "社保"));
        assert_eq!(found("广西社保", None), named(&["450000"], "社保"));
        assert_eq!(found("社保", None), None);
    }

    #[test]
    fn of_nested_regions_the_deepest_is_meant() {
        assert_eq!(found("浙江杭州市西湖区结婚", None), named(&["330106"], "结婚"));
        assert_eq!(found("宁波鄞州 低保", None), named(&["330212"], "低保"));
    }

    #[test]
    fn of_regions_with_one_name_that_near_the_visitor_is_meant() {
        assert_eq!(found("西湖区结婚", Some("330200000000")), named(&["330106"], "结婚"));
        assert_eq!(found("西湖 结婚", Some("360100000000")), named(&["360103"], "结婚"));
        assert_eq!(found("西湖 结婚", None), None, "a short name of a county needs a visitor of the province");
        assert_eq!(found("西湖区结婚", None).map(|(codes, _)| codes.len()), Some(2));
    }

    #[test]
    fn a_short_name_inside_other_words_is_no_region() {
        assert_eq!(found("公安局电话", Some("421022000000")), None);
    }
}
