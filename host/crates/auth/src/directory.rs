//! A person as the inner rooms see one, and the seeded test persons. The directory itself is `people`.

use crate::AuthError;
use serde::Deserialize;
use yizhan_domain::person::{Assurance, PersonKind};
use zeroize::Zeroize;

pub use yizhan_domain::PersonId;

/// A person with their data, in one capacity. `Debug` prints the id alone; dropping one wipes the data from memory.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Person {
    /// Internal name; of a persona also what `--as` takes.
    pub id: PersonId,
    /// What a test person is there for, in a few words; empty for everybody else.
    pub about: String,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// How sure the platform is.
    pub assurance: Assurance,
    /// Name.
    pub name: String,
    /// Citizen identity number; empty when none is held. A test person's begins with 0 and holds an impossible date: it can
    /// belong to nobody.
    pub id_number: String,
    /// Mobile number, 11 digits; a test person's begins with 0.
    pub mobile: Option<String>,
    /// Date of birth, `YYYY-MM-DD`; empty when none is held.
    pub birth_date: String,
    /// Region of residence, 12 digits; empty when none is held.
    pub residence_region: String,
    /// Name of the legal person acted for.
    pub org_name: Option<String>,
    /// Its unified social credit code.
    pub uscc: Option<String>,
    /// `legal-representative` or `agent`.
    pub agent_role: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        for text in [&mut self.name, &mut self.id_number, &mut self.birth_date, &mut self.residence_region] {
            text.zeroize();
        }
        for text in [&mut self.mobile, &mut self.org_name, &mut self.uscc, &mut self.agent_role] {
            text.zeroize();
        }
    }
}

/// Where the data of people is read.
pub trait Directory: Send + Sync {
    /// The person with this id.
    fn find_person(&self, id: &PersonId) -> Option<Person>;
}

/// The seeded test persons.
#[derive(Debug, Clone)]
pub struct Personas(Vec<Person>);

impl Personas {
    /// Those that ship with the host.
    ///
    /// # Errors
    /// When the shipped file is not valid JSON of persons: a fault of the build, found by its test.
    pub fn seeded() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/personas.json")).map(Self)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Person] {
        &self.0
    }

    /// The persona with this id.
    ///
    /// # Errors
    /// [`AuthError::UnknownPersona`] with the ids that exist.
    pub fn find_by_name(&self, name: &str) -> Result<Person, AuthError> {
        self.0.iter().find(|person| person.id.0 == name).cloned().ok_or_else(|| AuthError::UnknownPersona {
            name: name.to_owned(),
            known: self.0.iter().map(|person| person.id.0.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Directory for Personas {
    fn find_person(&self, id: &PersonId) -> Option<Person> {
        self.0.iter().find(|person| person.id == *id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::code::{CreditCode, IdentityNumber, RegionCode};

    #[test]
    fn no_persona_can_be_a_real_person() {
        let personas = Personas::seeded().expect("valid file");
        assert!(personas.all().len() >= 8);
        for person in personas.all() {
            let number = &person.id_number;
            assert!(number.starts_with('0') && number.len() == 18, "{person:?}");
            let check = IdentityNumber::check_character(&number.as_bytes()[..17]);
            assert!(number.ends_with(check), "{person:?}: check character should be {check}");
            assert!(number.parse::<IdentityNumber>().is_err(), "{person:?} has a possible date in its number");
            assert!(person.mobile.iter().all(|mobile| mobile.len() == 11 && mobile.starts_with('0')), "{person:?}");
            assert!(person.residence_region.parse::<RegionCode>().is_ok(), "{person:?}");
            assert!(person.uscc.iter().all(|code| code.parse::<CreditCode>().is_ok()), "{person:?}");
            assert_eq!(person.kind == PersonKind::LegalPerson, person.uscc.is_some(), "{person:?}");
        }
    }

    #[test]
    fn an_unknown_persona_is_told_who_exists() {
        let error = Personas::seeded().expect("valid file").find_by_name("nobody").expect_err("unknown");
        assert!(error.to_string().contains("zhang"), "{error}");
    }
}
