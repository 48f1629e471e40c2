//! What a request asks for and a token carries: `openid`, `offline_access`, and claims each for a purpose. Steps 1, 2 and 4
//! read and write it.

use crate::provider::ReviewedApp;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use yizhan_domain::Claim;
use yizhan_domain::authorization::GrantedUse;

/// Type of our `authorization_details` (RFC 9396).
pub const DETAILS_TYPE: &str = "gov_userinfo";

/// One claim for one purpose.
pub type ClaimUse = (Claim, String);

/// The scope of a request, code or token; it always holds `openid`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Whether a refresh token may outlive the person's session.
    pub offline: bool,
    /// Claims and purposes.
    pub uses: BTreeSet<ClaimUse>,
}

/// One entry of `authorization_details` of our type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Always [`DETAILS_TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Purpose of the manifest's `gov_data_use`.
    pub purpose: String,
    /// The claims asked for under it.
    pub claims: Vec<Claim>,
}

impl Scope {
    /// What of it review lets through now and the person granted.
    #[must_use]
    pub fn granted(&self, app: &ReviewedApp, granted: &[GrantedUse]) -> Self {
        let stands = |(claim, purpose): &&ClaimUse| {
            granted.iter().any(|it| it.claim == *claim && it.purpose == *purpose && app.still_allows(it))
        };
        Self { offline: self.offline, uses: self.uses.iter().filter(stands).cloned().collect() }
    }

    /// Value of `scope` (RFC 6749, section 3.3).
    #[must_use]
    pub fn as_text(&self) -> String {
        let claims: BTreeSet<Claim> = self.uses.iter().map(|(claim, _)| *claim).collect();
        let mut tokens = vec!["openid".to_owned()];
        tokens.extend(self.offline.then(|| "offline_access".to_owned()));
        tokens.extend(claims.iter().map(Claim::to_string));
        tokens.join(" ")
    }

    /// Value of `authorization_details`: one entry for each purpose.
    #[must_use]
    pub fn details(&self) -> Vec<Details> {
        let purposes: BTreeSet<&String> = self.uses.iter().map(|(_, purpose)| purpose).collect();
        let claims = |of: &String| self.uses.iter().filter(|(_, it)| it == of).map(|(claim, _)| *claim).collect();
        let entry = |of: &String| Details { kind: DETAILS_TYPE.to_owned(), purpose: of.clone(), claims: claims(of) };
        purposes.into_iter().map(entry).collect()
    }

    /// As codes and tokens keep it: `openid`, `offline_access`, `purpose/claim`.
    pub(crate) fn to_kept(&self) -> Vec<String> {
        let mut kept = vec!["openid".to_owned()];
        kept.extend(self.offline.then(|| "offline_access".to_owned()));
        kept.extend(self.uses.iter().map(|(claim, purpose)| format!("{purpose}/{claim}")));
        kept
    }

    /// Reads back what [`Scope::to_kept`] wrote.
    pub(crate) fn of_kept(kept: &[String]) -> Result<Self, Refusal> {
        let mut scope = Self::default();
        for entry in kept {
            match entry.split_once('/') {
                Some((purpose, claim)) => {
                    let claim = claim.parse().map_err(|_| Refusal::Unavailable)?;
                    scope.uses.insert((claim, purpose.to_owned()));
                }
                None => scope.offline |= entry == "offline_access",
            }
        }
        Ok(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_scope_reads_back_whole() {
        let uses = BTreeSet::from([(Claim::Name, "a".to_owned()), (Claim::Name, "b".to_owned())]);
        let scope = Scope { offline: true, uses };
        assert_eq!(Scope::of_kept(&scope.to_kept()), Ok(scope.clone()));
        assert_eq!(scope.as_text(), "openid offline_access name");
        assert_eq!(scope.details().len(), 2);
    }
}
