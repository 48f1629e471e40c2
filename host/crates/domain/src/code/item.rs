//! Codes of government service items: the basic code (基本编码), the implementing code (实施编码) and the business code
//! (业务办理项编码), each holding the one before.

use super::{CodeError, CreditCode, ItemKind, characters, code_text, region::is_province};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 12 characters: region 2 digits (a province, 00 is national), kind 2 digits ([`ItemKind`]), main part 5 digits or capital
/// letters, sub-item 3 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BasicCode(String);
code_text!(BasicCode);

/// Where the basic code begins in the longer codes.
const BASIC_FROM: usize = 19;

impl BasicCode {
    /// Kind of the item, from the third and fourth digit.
    #[must_use]
    pub fn kind(&self) -> ItemKind {
        // Checked when the code was read.
        ItemKind::from_digits(&self.0[2..4]).unwrap_or(ItemKind::PublicService)
    }
}

impl FromStr for BasicCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<12>("basic code", text, |index, byte| match (index, byte) {
            (_, b'0'..=b'9') | (4..=8, b'A'..=b'Z') => Ok(()),
            (4..=8, _) => Err("a digit or a capital letter"),
            _ => Err("a digit"),
        })?;
        let part =
            |from: usize, to: usize, what| CodeError::Part { from, to, found: text[from - 1..to].to_owned(), what };
        if !(text.starts_with("00") || is_province(&text[..2])) {
            return Err(part(1, 2, "00 or the two digits of a province (GB/T 2260)"));
        }
        if ItemKind::from_digits(&text[2..4]).is_none() {
            return Err(part(3, 4, "a kind of item: 01 to 10, 20 or 21"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// 31 characters: credit code of the unit 18, level 1 (1 national to 6 village), basic code 12.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImplementingCode(String);
code_text!(ImplementingCode);

impl ImplementingCode {
    /// Credit code of the unit that carries the item out.
    #[must_use]
    pub fn credit_code(&self) -> &str {
        &self.0[..18]
    }

    /// At which level it is carried out: 1 national, 2 province, 3 city, 4 county, 5 town, 6 village.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.0.as_bytes()[18] - b'0'
    }

    /// Basic code of the item.
    #[must_use]
    pub fn basic_code(&self) -> &str {
        &self.0[BASIC_FROM..]
    }

    /// Kind of the item.
    #[must_use]
    pub fn kind(&self) -> ItemKind {
        BasicCode(self.basic_code().to_owned()).kind()
    }
}

impl FromStr for ImplementingCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<31>("implementing code", text, implementing_character)?;
        check_parts(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// 33 characters: implementing code 31, number of the case that the item distinguishes (业务办理项) 2 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessCode(String);
code_text!(BusinessCode);

impl BusinessCode {
    /// Implementing code of the item.
    #[must_use]
    pub fn implementing_code(&self) -> &str {
        &self.0[..31]
    }

    /// Number of the case, two digits.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0[31..]
    }
}

impl FromStr for BusinessCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<33>("business code", text, |index, byte| match (index, byte) {
            (31.., b'0'..=b'9') => Ok(()),
            (31.., _) => Err("a digit"),
            _ => implementing_character(index, byte),
        })?;
        check_parts(&text[..31])?;
        Ok(Self(text.to_owned()))
    }
}

/// What may stand where; credit code and basic code say the rest.
fn implementing_character(index: usize, byte: u8) -> Result<(), &'static str> {
    match (index, byte) {
        (18, b'1'..=b'6') => Ok(()),
        (18, _) => Err("a level from 1 (national) to 6 (village)"),
        (_, 0x21..=0x7e) => Ok(()),
        _ => Err("an ASCII digit or letter"),
    }
}

/// Checks credit code and basic code of 31 ASCII characters.
fn check_parts(text: &str) -> Result<(), CodeError> {
    text[..18].parse::<CreditCode>()?;
    text[BASIC_FROM..].parse::<BasicCode>().map_err(|error| error.later_by(BASIC_FROM))?;
    Ok(())
}
