//! Claims: single items of personal data, and those derived from them without giving the datum away.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One item of personal data that an app may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Claim {
    /// Name of the natural person.
    Name,
    /// Name with all but the first character replaced by `*`.
    NameMasked,
    /// Type of the identity document, for instance `resident-id-card`.
    IdType,
    /// Citizen identity number (GB 11643), 18 characters.
    IdNumber,
    /// First six and last four characters of the identity number.
    IdNumberMasked,
    /// Mobile number, 11 digits.
    Mobile,
    /// First three and last four digits of the mobile number.
    MobileMasked,
    /// Date of birth, `YYYY-MM-DD`.
    BirthDate,
    /// Region of residence, 12 digits.
    ResidenceRegion,
    /// Name of the legal person.
    OrgName,
    /// Unified social credit code of the legal person (GB 32100), 18 characters.
    Uscc,
    /// What the agent is to the legal person: `legal-representative` or `agent`.
    AgentRole,
    /// `true` when the person is at least so many years old (1 to 120), else `false`.
    AgeOver(u8),
}

/// Why a claim was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is not a claim; known are name, name-masked, id-type, id-number, id-number-masked, mobile, mobile-masked, \
     birth-date, residence-region, org-name, uscc, agent-role and age-over-N with N from 1 to 120"
)]
pub struct ClaimError {
    /// What was found.
    pub found: String,
}

const NAMED: [(Claim, &str); 12] = [
    (Claim::Name, "name"),
    (Claim::NameMasked, "name-masked"),
    (Claim::IdType, "id-type"),
    (Claim::IdNumber, "id-number"),
    (Claim::IdNumberMasked, "id-number-masked"),
    (Claim::Mobile, "mobile"),
    (Claim::MobileMasked, "mobile-masked"),
    (Claim::BirthDate, "birth-date"),
    (Claim::ResidenceRegion, "residence-region"),
    (Claim::OrgName, "org-name"),
    (Claim::Uscc, "uscc"),
    (Claim::AgentRole, "agent-role"),
];

impl Claim {
    /// Every claim that has one name; the ages are too many.
    pub fn named() -> impl Iterator<Item = Self> {
        NAMED.iter().map(|(claim, _)| *claim)
    }
}

impl FromStr for Claim {
    type Err = ClaimError;

    fn from_str(text: &str) -> Result<Self, ClaimError> {
        if let Some((claim, _)) = NAMED.iter().find(|(_, name)| *name == text) {
            return Ok(*claim);
        }
        text.strip_prefix("age-over-")
            .filter(|digits| !digits.starts_with(['0', '+']))
            .and_then(|digits| digits.parse::<u8>().ok())
            .filter(|years| (1..=120).contains(years))
            .map(Self::AgeOver)
            .ok_or_else(|| ClaimError { found: text.to_owned() })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::AgeOver(years) = self {
            return write!(f, "age-over-{years}");
        }
        f.write_str(NAMED.iter().find(|(claim, _)| claim == self).map_or("", |(_, name)| name))
    }
}

impl TryFrom<String> for Claim {
    type Error = ClaimError;
    fn try_from(text: String) -> Result<Self, ClaimError> {
        text.parse()
    }
}

impl From<Claim> for String {
    fn from(claim: Claim) -> Self {
        claim.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_reads_back_from_its_name() {
        for (claim, name) in NAMED {
            assert_eq!(name.parse(), Ok(claim));
            assert_eq!(claim.to_string(), name);
        }
        assert_eq!("age-over-18".parse(), Ok(Claim::AgeOver(18)));
    }

    #[test]
    fn ages_outside_one_to_120_are_refused() {
        for text in ["age-over-0", "age-over-121", "age-over-018", "age-over-+8", "age-over-", "Name"] {
            assert!(text.parse::<Claim>().is_err(), "{text}");
        }
    }
}
