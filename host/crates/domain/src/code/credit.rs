//! Unified social credit code, 统一社会信用代码 (GB 32100-2015).

use super::{CodeError, characters, code_text};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// 18 characters of `0-9A-H J-N P-R T U W X Y`: registration authority 1, kind of body 1, region 6 digits (GB/T 2260), body 9,
/// and a check character over weights 3^i mod 31.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditCode(String);
code_text!(CreditCode);

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

impl CreditCode {
    /// Check character for the first 17 characters, which must be of the alphabet.
    #[must_use]
    pub fn check_character(first17: &[u8]) -> char {
        let mut weight = 1;
        let mut sum = 0;
        for byte in first17 {
            let value = ALPHABET.iter().position(|known| known == byte).unwrap_or(0);
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        char::from(ALPHABET[(31 - sum % 31) % 31])
    }
}

impl FromStr for CreditCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let bytes = characters::<18>("unified social credit code", text, |index, byte| match index {
            2..=7 if byte.is_ascii_digit() => Ok(()),
            2..=7 => Err("a digit (of the region)"),
            _ if ALPHABET.contains(&byte) => Ok(()),
            _ => Err("a digit or a capital letter other than I, O, S, V, Z"),
        })?;
        let expected = Self::check_character(&bytes[..17]);
        let found = char::from(bytes[17]);
        if found != expected {
            return Err(CodeError::Check { found, position: 18, expected });
        }
        Ok(Self(text.to_owned()))
    }
}
