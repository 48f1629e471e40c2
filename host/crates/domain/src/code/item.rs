//! Codes of government service items: the basic code (基本编码) and the implementing code (实施编码).

use super::{CodeError, CreditCode, characters, code_text};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 12 characters: region or level 2 digits, type 2 digits, main part 5 digits or capital letters, sub-item 3 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BasicCode(String);
code_text!(BasicCode);

impl FromStr for BasicCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<12>("basic code", text, |index, byte| match (index, byte) {
            (_, b'0'..=b'9') | (4..=8, b'A'..=b'Z') => Ok(()),
            (4..=8, _) => Err("a digit or a capital letter"),
            _ => Err("a digit"),
        })?;
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

    /// Basic code of the item.
    #[must_use]
    pub fn basic_code(&self) -> &str {
        &self.0[19..]
    }
}

impl FromStr for ImplementingCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        characters::<31>("implementing code", text, |index, byte| match (index, byte) {
            (18, b'1'..=b'6') => Ok(()),
            (18, _) => Err("a level from 1 (national) to 6 (village)"),
            (_, 0x21..=0x7e) => Ok(()),
            _ => Err("an ASCII digit or letter"),
        })?;
        text[..18].parse::<CreditCode>()?;
        text[19..].parse::<BasicCode>().map_err(|error| match error {
            CodeError::Character { found, position, allowed } => {
                CodeError::Character { found, position: position + 19, allowed }
            }
            other => other,
        })?;
        Ok(Self(text.to_owned()))
    }
}
