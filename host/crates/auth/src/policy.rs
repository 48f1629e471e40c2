//! What one version of an app may do, as the doorkeeper needs to know it. Built by the hub from manifest and review.

use yizhan_domain::code::CreditCode;
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
    /// The manifest's reason, shown to the person.
    pub reason: String,
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
    /// Owner unit: the sector of pairwise subjects.
    pub owner: CreditCode,
    /// Claims and purposes.
    pub uses: Vec<DataUse>,
}

impl AppPolicy {
    /// Whether the app declares this claim for this purpose.
    #[must_use]
    pub fn declares(&self, claim: Claim, purpose: &str) -> bool {
        self.uses.iter().any(|data_use| data_use.claim == claim && data_use.purpose == purpose)
    }

    /// Whether the app declares this claim for any purpose.
    #[must_use]
    pub fn declares_claim(&self, claim: Claim) -> bool {
        self.uses.iter().any(|data_use| data_use.claim == claim)
    }
}
