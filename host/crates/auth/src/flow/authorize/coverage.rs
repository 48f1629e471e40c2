//! Does an earlier consent cover what is asked now? Pure rules: claim, purpose and retention decide, and who receives.

use crate::provider::ReviewedUse;
use yizhan_domain::authorization::GrantedUse;

/// What a person decided before, towards the same client in the same capacity, while it counts.
#[derive(Default)]
pub(super) struct Before<'a> {
    pub(super) granted: &'a [GrantedUse],
    /// Optional uses that were refused.
    pub(super) refused: &'a [GrantedUse],
}

/// Same claim and purpose, and the recipient keeps it no longer than was decided.
fn decided(list: &[GrantedUse], asked: &GrantedUse) -> bool {
    list.iter()
        .any(|it| it.claim == asked.claim && it.purpose == asked.purpose && asked.retention_days <= it.retention_days)
}

impl Before<'_> {
    pub(super) fn granted(&self, asked: &GrantedUse) -> bool {
        decided(self.granted, asked)
    }

    /// Nothing is left to ask: each use was granted, or is optional and was refused.
    pub(super) fn covers(&self, asked: &[&ReviewedUse]) -> bool {
        asked.iter().all(|it| self.granted(&it.data) || (it.optional && decided(self.refused, &it.data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_domain::Claim;

    fn data(claim: Claim, purpose: &str, retention_days: u32) -> GrantedUse {
        GrantedUse { claim, purpose: purpose.into(), retention_days }
    }

    fn asked(data: GrantedUse, optional: bool) -> ReviewedUse {
        ReviewedUse { data, optional, reason: String::new(), grant_days: 180, legal_basis: None }
    }

    #[test]
    fn a_subset_is_covered_and_anything_more_is_not() {
        let granted = [data(Claim::Name, "a", 30), data(Claim::Mobile, "a", 0)];
        let before = Before { granted: &granted, refused: &[] };
        let covered = |data: GrantedUse| before.covers(&[&asked(data, false)]);
        assert!(covered(data(Claim::Name, "a", 30)));
        assert!(covered(data(Claim::Name, "a", 0)), "shorter retention");
        assert!(!covered(data(Claim::Name, "a", 31)), "longer retention");
        assert!(!covered(data(Claim::Name, "b", 0)), "changed purpose");
        assert!(!covered(data(Claim::IdNumber, "a", 0)), "another claim");
        assert!(before.covers(&[]), "no claim at all");
    }

    #[test]
    fn only_an_optional_use_that_was_refused_stays_unasked() {
        let refused = [data(Claim::Mobile, "a", 0)];
        let before = Before { granted: &[], refused: &refused };
        assert!(before.covers(&[&asked(data(Claim::Mobile, "a", 0), true)]));
        assert!(!before.covers(&[&asked(data(Claim::Mobile, "a", 0), false)]), "it is needed now");
        assert!(!before.covers(&[&asked(data(Claim::Mobile, "a", 9), true)]), "longer retention is another question");
    }
}
