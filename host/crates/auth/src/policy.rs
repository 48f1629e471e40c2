//! What one version of an app may do, as the doorkeeper needs to know it. Built by the hub from manifest and review.

use yizhan_domain::authorization::{GrantedUse, Tier};
use yizhan_domain::code::CreditCode;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, AppId, Claim, VersionDigest};

/// A claim that the app may ask for, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataUse {
    /// The claim.
    pub claim: Claim,
    /// Purpose of the manifest's `gov_data_use`.
    pub purpose: String,
    /// Whether the person may refuse it and still use the app.
    pub optional: bool,
    /// Days that the app keeps it; 0 means for the request only.
    pub retention_days: u32,
}

/// What one version of an app may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPolicy {
    /// The app.
    pub app: AppId,
    /// The version.
    pub digest: VersionDigest,
    /// Open or identity-required.
    pub access: Access,
    /// Security profile of its clients.
    pub tier: Tier,
    /// Least assurance of the signed-in person.
    pub assurance: Assurance,
    /// Owner unit: the sector of pairwise subjects.
    pub owner: CreditCode,
    /// Claims and purposes.
    pub uses: Vec<DataUse>,
}

impl AppPolicy {
    /// The use of this claim for this purpose, if the app declares one.
    #[must_use]
    pub fn find_use(&self, claim: Claim, purpose: &str) -> Option<&DataUse> {
        self.uses.iter().find(|data_use| data_use.claim == claim && data_use.purpose == purpose)
    }

    /// Whether the app declares this claim for this purpose.
    #[must_use]
    pub fn declares(&self, claim: Claim, purpose: &str) -> bool {
        self.find_use(claim, purpose).is_some()
    }

    /// Whether the app declares this claim for any purpose.
    #[must_use]
    pub fn declares_claim(&self, claim: Claim) -> bool {
        self.uses.iter().any(|data_use| data_use.claim == claim)
    }

    /// Whether a granted use covers what this version does: declared, and kept no longer than was agreed to.
    #[must_use]
    pub fn stands_on(&self, granted: &GrantedUse) -> bool {
        self.find_use(granted.claim, &granted.purpose)
            .is_some_and(|data_use| data_use.retention_days <= granted.retention_days)
    }
}
