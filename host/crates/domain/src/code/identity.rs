//! Citizen identity number, 公民身份号码 (GB 11643-1999).

use super::{CodeError, characters, code_text};
use crate::calendar::Date;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 17 digits and a check character: region 6, date of birth 8, sequence 3, check 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityNumber(String);
code_text!(IdentityNumber);

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: &[u8; 11] = b"10X98765432";

impl IdentityNumber {
    /// Check character for the first 17 digits.
    #[must_use]
    pub fn check_character(first17: &[u8]) -> char {
        let sum: u32 =
            first17.iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')) * weight).sum();
        char::from(CHECK[(sum % 11) as usize])
    }

    /// First six and last four characters, eight asterisks between.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}********{}", &self.0[..6], &self.0[14..])
    }

    /// Date of birth as `YYYY-MM-DD`.
    #[must_use]
    pub fn birth_date(&self) -> String {
        format!("{}-{}-{}", &self.0[6..10], &self.0[10..12], &self.0[12..14])
    }
}

/// A number in a log would be personal data: only its mask is ever printed.
impl std::fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IdentityNumber({})", self.masked())
    }
}

impl FromStr for IdentityNumber {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let bytes = characters::<18>("citizen identity number", text, |index, byte| match (index, byte) {
            (_, b'0'..=b'9') | (17, b'X') => Ok(()),
            (17, _) => Err("a digit or X"),
            _ => Err("a digit"),
        })?;
        check_date(text)?;
        let expected = Self::check_character(&bytes[..17]);
        let found = char::from(bytes[17]);
        if found != expected {
            return Err(CodeError::Check { found, position: 18, expected });
        }
        Ok(Self(text.to_owned()))
    }
}

fn check_date(text: &str) -> Result<(), CodeError> {
    let number = |range: std::ops::Range<usize>| text[range].parse::<u16>().unwrap_or(0);
    match Date::new(number(6..10), number(10..12), number(12..14)) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(CodeError::Part { from: 7, to: 14, found: text[6..14].to_owned(), what: "a date of birth (YYYYMMDD)" })
        }
    }
}
