//! Administrative regions down to the counties, and who lies above and below whom.

use crate::error::SupportError;
use serde::Serialize;
use std::collections::BTreeMap;
use yizhan_domain::code::RegionCode;

/// Name of the embedded file.
pub(crate) const FILE: &str = "regions.tsv";

/// An administrative region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Region {
    /// 12 digits.
    pub code: RegionCode,
    /// Name without the names of the regions above.
    pub name: String,
    /// The region above; none for the country.
    pub parent: Option<RegionCode>,
    /// 0 country, 1 province, 2 city, 3 county.
    pub level: u8,
}

/// All regions, ordered by code.
#[derive(Debug)]
pub(crate) struct Regions(BTreeMap<RegionCode, Region>);

impl Regions {
    /// Reads lines of code, tab and name; empty lines and those that begin with `#` are skipped.
    ///
    /// Counties of municipalities and counties directly under a province have no city: their parent is the nearest
    /// region above that is listed.
    pub(crate) fn parse(text: &str) -> Result<Self, SupportError> {
        let mut names = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |why: String| SupportError::Data { file: FILE, entry: index + 1, why };
            let (code, name) = line.split_once('\t').ok_or_else(|| refuse("has no tab".to_owned()))?;
            let code: RegionCode = code.parse().map_err(|why| refuse(format!("code {why}")))?;
            if names.insert(code, name.to_owned()).is_some() {
                return Err(refuse("the code stands there twice".to_owned()));
            }
        }
        let regions = names.iter().map(|(code, name)| {
            let mut parent = code.parent();
            while let Some(above) = parent.take_if(|above| !names.contains_key(above)) {
                parent = above.parent();
            }
            (code.clone(), Region { code: code.clone(), name: name.clone(), parent, level: code.level() })
        });
        Ok(Self(regions.collect()))
    }

    /// The region with this code.
    pub(crate) fn find(&self, code: &RegionCode) -> Option<&Region> {
        self.0.get(code)
    }

    /// All regions, by code.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Region> {
        self.0.values()
    }

    /// Regions directly below, by code.
    pub(crate) fn list_below(&self, parent: &RegionCode) -> Vec<Region> {
        self.0.values().filter(|region| region.parent.as_ref() == Some(parent)).cloned().collect()
    }
}

/// A code and those above it, nearest first, whether listed or not.
pub(crate) fn upwards(code: &RegionCode) -> impl Iterator<Item = RegionCode> {
    std::iter::successors(Some(code.clone()), RegionCode::parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        text.parse().expect("code")
    }

    #[test]
    fn a_county_without_a_city_hangs_below_its_province() {
        let text = "# c\n000000000000\t国\n110000000000\t京\n110108000000\t海淀区\n330000000000\t浙\n330100000000\t杭州市\n330106000000\t西湖区\n";
        let regions = Regions::parse(text).expect("parses");
        let parent = |text| regions.find(&code(text)).expect("there").parent.clone();
        assert_eq!(parent("110108000000"), Some(code("110000000000")));
        assert_eq!(parent("330106000000"), Some(code("330100000000")));
        assert_eq!(parent("000000000000"), None);
        assert_eq!(regions.list_below(&code("000000000000")).len(), 2);
    }

    #[test]
    fn a_broken_line_is_refused_with_its_number() {
        for (text, expected) in [
            ("000000000000\t国\nx", "regions.tsv, entry 2: has no tab"),
            ("00000000000x\t国", "regions.tsv, entry 1: code has 'x' at position 12; a digit is allowed there"),
            ("000000000000\t国\n000000000000\t国", "regions.tsv, entry 2: the code stands there twice"),
        ] {
            assert_eq!(Regions::parse(text).expect_err("broken").to_string(), expected);
        }
    }
}
