//! The short number of a booking, read out or typed at the hall: seven digits and a check digit.

use crate::code::{CodeError, characters, code_text};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Eight digits, the last of them a check digit (ISO/IEC 7064, MOD 11,10): one wrong digit is always noticed, two exchanged
/// neighbours nearly always. Unique among the bookings of one hall on one day. No secret: only the hall's desk can use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BookingNumber(String);
code_text!(BookingNumber);

impl BookingNumber {
    /// The number whose first seven digits come from these random bits.
    #[must_use]
    pub fn of_random(bits: u32) -> Self {
        let digits = format!("{:07}", bits % 10_000_000);
        let check = check_digit(digits.as_bytes());
        Self(format!("{digits}{check}"))
    }

    /// As people read it: two groups of four.
    #[must_use]
    pub fn spaced(&self) -> String {
        format!("{} {}", &self.0[..4], &self.0[4..])
    }
}

fn check_digit(digits: &[u8]) -> char {
    let product = digits.iter().fold(10, |product, digit| match (product + u32::from(digit - b'0')) % 10 {
        0 => 20 % 11,
        sum => 2 * sum % 11,
    });
    char::from_digit((11 - product) % 10, 10).unwrap_or('0')
}

impl FromStr for BookingNumber {
    type Err = CodeError;

    /// Takes spaces between the digits too, as people type them.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let text: String = text.chars().filter(|character| *character != ' ').take(64).collect();
        let digits: [u8; 8] = characters("booking number", &text, |_, byte| match byte {
            b'0'..=b'9' => Ok(()),
            _ => Err("a digit"),
        })?;
        let (expected, found) = (check_digit(&digits[..7]), char::from(digits[7]));
        if expected == found { Ok(Self(text)) } else { Err(CodeError::Check { found, position: 8, expected }) }
    }
}
