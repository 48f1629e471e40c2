//! Codes with their rules: a wrong one is refused with the position and the reason.

mod credit;
mod identity;
mod item;
mod kind;
mod region;

pub use credit::CreditCode;
pub use identity::IdentityNumber;
pub use item::{BasicCode, BusinessCode, ImplementingCode};
pub use kind::ItemKind;
pub use region::RegionCode;

/// Why a code was refused; `Display` says which position and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not as many characters as the code has.
    #[error("has {found} characters; the {code} has {expected}")]
    Length {
        /// Name of the code.
        code: &'static str,
        /// Characters found.
        found: usize,
        /// Characters it has.
        expected: usize,
    },
    /// A character that cannot stand at this position.
    #[error("has {found:?} at position {position}; {allowed} is allowed there")]
    Character {
        /// The character.
        found: char,
        /// Its place, counted from 1.
        position: usize,
        /// What may stand there.
        allowed: &'static str,
    },
    /// The check character does not fit the others.
    #[error("has check character {found:?} at position {position}; the characters before it give {expected:?}")]
    Check {
        /// The character.
        found: char,
        /// Its place, counted from 1.
        position: usize,
        /// What it should be.
        expected: char,
    },
    /// A part has a value that cannot be.
    #[error("positions {from} to {to} ({found}) are not {what}")]
    Part {
        /// First position, counted from 1.
        from: usize,
        /// Last position.
        to: usize,
        /// What stands there.
        found: String,
        /// What should stand there.
        what: &'static str,
    },
}

impl CodeError {
    /// The same in a longer code, in which this one begins so many characters later.
    fn later_by(self, characters: usize) -> Self {
        match self {
            Self::Character { found, position, allowed } => {
                Self::Character { found, position: position + characters, allowed }
            }
            Self::Check { found, position, expected } => {
                Self::Check { found, position: position + characters, expected }
            }
            Self::Part { from, to, found, what } => {
                Self::Part { from: from + characters, to: to + characters, found, what }
            }
            Self::Length { .. } => self,
        }
    }
}

/// Characters of a code of fixed length, all of them ASCII characters that `allowed` accepts.
pub(crate) fn characters<const N: usize>(
    code: &'static str,
    text: &str,
    allowed: impl Fn(usize, u8) -> Result<(), &'static str>,
) -> Result<[u8; N], CodeError> {
    let found = text.chars().count();
    if found != N {
        return Err(CodeError::Length { code, found, expected: N });
    }
    let mut bytes = [0; N];
    for (index, character) in text.chars().enumerate() {
        let byte = u8::try_from(character).unwrap_or(0);
        allowed(index, byte).map_err(|allowed| CodeError::Character {
            found: character,
            position: index + 1,
            allowed,
        })?;
        bytes[index] = byte;
    }
    Ok(bytes)
}

macro_rules! code_text {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl TryFrom<String> for $type {
            type Error = crate::code::CodeError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(code: $type) -> String {
                code.as_str().to_owned()
            }
        }
        impl $type {
            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use code_text;

#[cfg(test)]
mod tests;
