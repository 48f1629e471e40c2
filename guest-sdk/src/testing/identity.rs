//! `identity` of the fake host, and the person who is signed in.

use super::with;
use crate::fields::percent_encode;
use crate::identity::{Assurance, CapacityKind, GrantedClaim, PersonKind};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// A test person. Claims that were not set are not known; masked ones follow from the plain ones.
#[derive(Debug, Clone)]
pub struct Persona {
    subject: String,
    capacity: CapacityKind,
    assurance: Assurance,
    claims: BTreeMap<String, String>,
    expires_ms: u64,
}

impl Persona {
    /// A natural person, real-name, with a subject and no claims; the grant ends on 4 July 2026.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            capacity: CapacityKind::NaturalPerson,
            assurance: Assurance::RealName,
            claims: BTreeMap::new(),
            expires_ms: 1_783_126_800_000,
        }
    }

    /// Makes it a legal person, by its legal representative.
    #[must_use]
    pub fn legal_person(mut self) -> Self {
        self.capacity = CapacityKind::LegalPerson;
        self
    }

    /// Makes it an agent of a legal person.
    #[must_use]
    pub fn agent(mut self) -> Self {
        self.capacity = CapacityKind::Agent;
        self
    }

    /// Sets when the grant ends, in milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn expires_ms(mut self, expires_ms: u64) -> Self {
        self.expires_ms = expires_ms;
        self
    }

    /// Sets how sure the platform is.
    #[must_use]
    pub fn assurance(mut self, assurance: Assurance) -> Self {
        self.assurance = assurance;
        self
    }

    /// Sets the value of a claim, as in `name`.
    #[must_use]
    pub fn claim(mut self, claim: &str, value: &str) -> Self {
        self.claims.insert(claim.to_owned(), value.to_owned());
        self
    }

    fn value(&self, claim: &str) -> Option<String> {
        self.claims.get(claim).cloned().or_else(|| {
            let plain = self.claims.get(claim.strip_suffix("-masked")?)?;
            let (first, last) = match claim {
                "id-number-masked" => (6, 4),
                "mobile-masked" => (3, 4),
                _ => (1, 0),
            };
            Some(masked(plain, first, last))
        })
    }
}

/// Keeps the first and last characters and stars the rest.
fn masked(plain: &str, first: usize, last: usize) -> String {
    let count = plain.chars().count();
    let hidden = |index: usize| index >= first && index + last < count;
    plain.chars().enumerate().map(|(index, character)| if hidden(index) { '*' } else { character }).collect()
}

pub(crate) struct Authorization {
    persona: Persona,
    granted: Vec<GrantedClaim>,
}

pub(crate) fn current() -> Result<Option<Authorization>> {
    Ok(with(|host| host.persona.clone().map(|persona| Authorization { persona, granted: host.granted.clone() })))
}

pub(crate) fn request_url(purpose: &str, claims: &[&str], return_path: &str) -> Result<String> {
    if !return_path.starts_with('/') || return_path.starts_with("//") {
        return Err(Error::Invalid(format!("return path {return_path:?} must begin with one '/'")));
    }
    let query = [("purpose", purpose), ("claims", &claims.join(",")), ("return", return_path)];
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    Ok(format!("/.yizhan/login?{}", query.join("&")))
}

impl Authorization {
    pub(crate) fn subject(&self) -> String {
        self.persona.subject.clone()
    }

    pub(crate) fn kind(&self) -> PersonKind {
        match self.persona.capacity {
            CapacityKind::NaturalPerson => PersonKind::NaturalPerson,
            CapacityKind::LegalPerson | CapacityKind::Agent => PersonKind::LegalPerson,
        }
    }

    pub(crate) fn capacity(&self) -> CapacityKind {
        self.persona.capacity
    }

    pub(crate) fn envelope(&self, purpose: &str) -> Result<String> {
        let denied = || Error::Denied(format!("identity for {purpose:?}"));
        if !self.granted.iter().any(|granted| granted.purpose == purpose) {
            return Err(denied());
        }
        with(|host| {
            let agreed = host.backend.as_ref();
            let agreed = agreed.ok_or_else(|| Error::NotProvided("the app has no registered back end".to_owned()))?;
            if !agreed.contains(purpose) {
                return Err(denied());
            }
            Ok(format!("sealed.{}.for.the.backend", percent_encode(purpose)))
        })
    }

    pub(crate) fn assurance(&self) -> Assurance {
        self.persona.assurance
    }

    pub(crate) fn granted(&self) -> Vec<GrantedClaim> {
        self.granted.clone()
    }

    pub(crate) fn expires_ms(&self) -> u64 {
        self.persona.expires_ms
    }

    pub(crate) fn open(&self, purpose: &str, claims: &[&str]) -> Result<Vec<(String, String)>> {
        let open = |claim: &&str| {
            let granted = self.granted.iter().any(|known| known.purpose == purpose && known.claim == **claim);
            let value = self.persona.value(claim).filter(|_| granted);
            value.map(|value| ((*claim).to_owned(), value)).ok_or_else(|| Error::Denied(format!("identity:{claim}")))
        };
        let values = claims.iter().map(open).collect::<Result<Vec<_>>>()?;
        with(|host| host.opened.push(format!("{purpose}: {}", claims.join(", "))));
        Ok(values)
    }
}
