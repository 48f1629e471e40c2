//! Names of the assurance levels in `acr` and `acr_values` (OpenID Connect Core 1.0, section 2).

use yizhan_domain::person::Assurance;

/// The levels, weakest first.
pub const LEVELS: [(Assurance, &str); 3] = [
    (Assurance::Basic, "urn:yizhan:acr:basic"),
    (Assurance::RealName, "urn:yizhan:acr:real-name"),
    (Assurance::Face, "urn:yizhan:acr:face"),
];

/// The name of a level.
#[must_use]
pub fn name(assurance: Assurance) -> &'static str {
    LEVELS.iter().find(|(level, _)| *level == assurance).map_or("", |(_, name)| name)
}

/// The level with this name.
#[must_use]
pub fn find(name: &str) -> Option<Assurance> {
    LEVELS.iter().find(|(_, known)| *known == name).map(|(level, _)| *level)
}
