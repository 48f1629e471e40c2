//! What the platform says of a signed-in person, apart from claims.

use serde::{Deserialize, Serialize};

/// Natural or legal person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonKind {
    /// A natural person (自然人).
    NaturalPerson,
    /// A legal person (法人), acted for by an agent.
    LegalPerson,
}

/// In what capacity a signed-in person acts. For whom, and under which name, are claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapacityKind {
    /// A natural person (自然人), for oneself.
    NaturalPerson,
    /// A legal person (法人), by its legal representative.
    LegalPerson,
    /// An agent (经办人) with a mandate of a legal person.
    Agent,
}

/// How sure the platform is of the person, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// An account, no more.
    Basic,
    /// Identity number verified (实名).
    RealName,
    /// Face checked by an external verifier (实人).
    Face,
}
