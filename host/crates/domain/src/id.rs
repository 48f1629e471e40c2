//! Names of apps: the reverse-DNS `app_id` of the manifest and the slug that becomes its origin.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a name was refused; `Display` says what was found and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too short or too long.
    #[error("has {found} characters; {min} to {max} are allowed")]
    Length {
        /// Characters found.
        found: usize,
        /// Fewest allowed.
        min: usize,
        /// Most allowed.
        max: usize,
    },
    /// A character that names cannot have.
    #[error("has {character:?} at position {position}; only a-z, 0-9 and '-' are allowed{dots}")]
    Character {
        /// The character.
        character: char,
        /// Its place, counted from 1.
        position: usize,
        /// Says whether dots may separate labels.
        dots: &'static str,
    },
    /// A label is empty or begins or ends with a hyphen.
    #[error("label {label:?} is empty or begins or ends with '-'")]
    Label {
        /// The label.
        label: String,
    },
    /// Fewer labels than a reverse-DNS name needs.
    #[error("needs at least two labels separated by '.', as in cn.gov.example.leaflet")]
    Labels,
    /// A slug that the host needs for itself.
    #[error("{slug:?} is reserved for the platform")]
    Reserved {
        /// The slug.
        slug: String,
    },
}

/// Reverse-DNS name of an app, as in `cn.gov.example.social-security`: 3 to 128 characters, lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppId(String);

impl AppId {
    /// Checks and takes a name.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        check_length(&text, 3, 128)?;
        check_characters(&text, true)?;
        let labels: Vec<&str> = text.split('.').collect();
        if labels.len() < 2 {
            return Err(NameError::Labels);
        }
        labels.iter().try_for_each(|label| check_label(label))?;
        Ok(Self(text))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The slug that the app gets unless the hub registers another: its last label.
    pub fn default_slug(&self) -> Result<Slug, NameError> {
        Slug::new(self.0.rsplit('.').next().unwrap_or_default())
    }
}

/// First label of an app's origin, as in `social-security.localhost`: 1 to 63 characters (RFC 1035 label, lower case).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    const RESERVED: [&'static str; 8] = ["www", "hub", "api", "admin", "console", "portal", "static", "localhost"];

    /// Checks and takes a slug.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        check_length(&text, 1, 63)?;
        check_characters(&text, false)?;
        check_label(&text)?;
        if Self::RESERVED.contains(&text.as_str()) {
            return Err(NameError::Reserved { slug: text });
        }
        Ok(Self(text))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_length(text: &str, min: usize, max: usize) -> Result<(), NameError> {
    let found = text.chars().count();
    if (min..=max).contains(&found) { Ok(()) } else { Err(NameError::Length { found, min, max }) }
}

fn check_characters(text: &str, dots: bool) -> Result<(), NameError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || (dots && c == '.');
    match text.chars().enumerate().find(|(_, c)| !allowed(*c)) {
        None => Ok(()),
        Some((index, character)) => Err(NameError::Character {
            character,
            position: index + 1,
            dots: if dots { ", labels separated by '.'" } else { "" },
        }),
    }
}

fn check_label(label: &str) -> Result<(), NameError> {
    if label.is_empty() || label.starts_with('-') || label.ends_with('-') {
        return Err(NameError::Label { label: label.to_owned() });
    }
    Ok(())
}

macro_rules! text_conversions {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }
        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
text_conversions!(AppId);
text_conversions!(Slug);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_label_is_the_default_slug() {
        let id = AppId::new("cn.gov.example.social-security").expect("valid");
        assert_eq!(id.default_slug().expect("valid").as_str(), "social-security");
    }

    #[test]
    fn wrong_names_say_where() {
        let error = AppId::new("cn.gov.Example.app").expect_err("upper case");
        assert_eq!(
            error.to_string(),
            "has 'E' at position 8; only a-z, 0-9 and '-' are allowed, labels separated by '.'"
        );
        assert_eq!(AppId::new("leaflet"), Err(NameError::Labels));
        assert!(matches!(AppId::new("cn..app"), Err(NameError::Label { .. })));
        assert!(matches!(Slug::new("hub"), Err(NameError::Reserved { .. })));
        assert!(matches!(Slug::new("-a"), Err(NameError::Label { .. })));
    }
}
