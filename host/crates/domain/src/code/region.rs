//! Administrative region code (GB/T 2260, six digits, extended to twelve as platforms use it).

use super::{CodeError, characters, code_text};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 12 digits: province 2, city 2, county 2, town 3, village 3. `000000000000` is the country.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(String);
code_text!(RegionCode);

impl RegionCode {
    /// Ends of the parts: province, city, county, town, village.
    const PARTS: [usize; 5] = [2, 4, 6, 9, 12];

    /// How deep it is: 0 country, 1 province, 2 city, 3 county, 4 town, 5 village.
    #[must_use]
    pub fn level(&self) -> u8 {
        let used = self.0.trim_end_matches('0').len();
        Self::PARTS.iter().take_while(|end| used > **end - if **end > 6 { 3 } else { 2 }).count() as u8
    }

    /// The region above; none for the country.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let kept = match self.level() {
            0 => return None,
            1 => 0,
            level => Self::PARTS[usize::from(level) - 2],
        };
        Some(Self(format!("{:0<12}", &self.0[..kept])))
    }

    /// Whether `other` is this region or lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        let own = match self.level() {
            0 => 0,
            level => Self::PARTS[usize::from(level) - 1],
        };
        other.0.starts_with(&self.0[..own])
    }
}

impl FromStr for RegionCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<12>("region code", text, |_, byte| if byte.is_ascii_digit() { Ok(()) } else { Err("a digit") })?;
        let mut ended_at = None;
        let mut from = 0;
        for end in Self::PARTS {
            let empty = text[from..end].bytes().all(|byte| byte == b'0');
            match (empty, ended_at) {
                (true, None) => ended_at = Some(from),
                (false, Some(start)) if !(start == 2 || start == 4) => {
                    return Err(CodeError::Part {
                        from: start + 1,
                        to: end,
                        found: text[start..end].to_owned(),
                        what: "a region below one that is all zeros",
                    });
                }
                _ => {}
            }
            from = end;
        }
        Ok(Self(text.to_owned()))
    }
}

/// Whether two digits are those of a province, a municipality, an autonomous or a special administrative region (GB/T 2260).
pub(super) fn is_province(digits: &str) -> bool {
    const PROVINCES: [&str; 34] = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    ];
    PROVINCES.contains(&digits)
}
