//! `yizhan:app/identity`.

use super::bindings::yizhan::app::identity as wit;
use crate::Result;
use crate::identity::{Assurance, CapacityKind, GrantedClaim, PersonKind};

pub(crate) struct Authorization(wit::Authorization);

fn owned(claims: &[&str]) -> Vec<String> {
    claims.iter().map(|claim| (*claim).to_owned()).collect()
}

pub(crate) fn current() -> Result<Option<Authorization>> {
    Ok(wit::current()?.map(Authorization))
}

pub(crate) fn request_url(purpose: &str, claims: &[&str], return_path: &str) -> Result<String> {
    Ok(wit::request_url(purpose, &owned(claims), return_path)?)
}

impl Authorization {
    pub(crate) fn subject(&self) -> String {
        self.0.subject()
    }

    pub(crate) fn kind(&self) -> PersonKind {
        match self.0.kind() {
            wit::PersonKind::NaturalPerson => PersonKind::NaturalPerson,
            wit::PersonKind::LegalPerson => PersonKind::LegalPerson,
        }
    }

    pub(crate) fn capacity(&self) -> CapacityKind {
        match self.0.capacity() {
            wit::CapacityKind::NaturalPerson => CapacityKind::NaturalPerson,
            wit::CapacityKind::LegalPerson => CapacityKind::LegalPerson,
            wit::CapacityKind::Agent => CapacityKind::Agent,
        }
    }

    pub(crate) fn envelope(&self, purpose: &str) -> Result<String> {
        Ok(self.0.envelope(purpose)?)
    }

    pub(crate) fn assurance(&self) -> Assurance {
        match self.0.assurance() {
            wit::Assurance::Basic => Assurance::Basic,
            wit::Assurance::RealName => Assurance::RealName,
            wit::Assurance::Face => Assurance::Face,
        }
    }

    pub(crate) fn granted(&self) -> Vec<GrantedClaim> {
        let granted = self.0.granted().into_iter();
        granted.map(|wit::GrantedClaim { claim, purpose }| GrantedClaim { claim, purpose }).collect()
    }

    pub(crate) fn expires_ms(&self) -> u64 {
        self.0.expires()
    }

    pub(crate) fn open(&self, purpose: &str, claims: &[&str]) -> Result<Vec<(String, String)>> {
        let opened = self.0.open(purpose, &owned(claims))?;
        Ok(opened.into_iter().map(|wit::ClaimValue { claim, value }| (claim, value)).collect())
    }
}
