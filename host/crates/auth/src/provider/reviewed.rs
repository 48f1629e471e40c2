//! What review let an app ask for, read from the manifest that the hub keeps with the app's state. Step 1 compares requests
//! with it, steps 2 and 4 what was granted.

use crate::refusal::Refusal;
use serde::Deserialize;
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::code::CreditCode;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Access, AppId, Claim, Permission, VersionDigest};
use yizhan_store::records::AppStateRecord;

/// One reviewed use of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedUse {
    /// Claim, purpose and retention.
    pub data: GrantedUse,
    /// Whether the person may refuse it and still use the app.
    pub optional: bool,
    /// The manifest's reason, shown to the person.
    pub reason: String,
    /// Days that a consent lasts, 1 to 3 650.
    pub grant_days: u32,
    /// Law or rule that the use rests on.
    pub legal_basis: Option<String>,
}

/// Something that review let an app do for people who agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedAct {
    /// What.
    pub permission: Permission,
    /// The manifest's reason, shown to the person.
    pub reason: String,
}

/// The reviewed version of an app, as the authorization needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedApp {
    /// The app.
    pub app: AppId,
    /// The released version.
    pub version: VersionDigest,
    /// Its name.
    pub name: String,
    /// Name of the owner unit.
    pub unit: String,
    /// The owner unit's code: the sector of pairwise subjects.
    pub owner: CreditCode,
    /// Filing number, when there is one.
    pub filing: Option<String>,
    /// Open or identity-required.
    pub access: Access,
    /// Least assurance of the signed-in person.
    pub assurance: Assurance,
    /// Every claim with every purpose that review let through, in the manifest's order.
    pub uses: Vec<ReviewedUse>,
    /// What review let it do for people who agree, in the manifest's order.
    pub acts: Vec<ReviewedAct>,
    /// Generation of the app's state.
    pub generation: u64,
}

#[derive(Deserialize)]
struct ManifestPart {
    name: String,
    gov_owner: OwnerPart,
    gov_access: Access,
    #[serde(default)]
    gov_data_use: Vec<DataUsePart>,
    #[serde(default)]
    req_permissions: Vec<PermissionPart>,
    gov_assurance: Option<Assurance>,
}

#[derive(Deserialize)]
struct OwnerPart {
    unit: String,
    uscc: CreditCode,
}

#[derive(Deserialize)]
struct DataUsePart {
    claim: Claim,
    purpose: String,
    #[serde(default)]
    optional: bool,
    retention_days: u32,
    #[serde(default = "grant_days")]
    grant_days: u32,
    legal_basis: Option<String>,
}

#[derive(Deserialize)]
struct PermissionPart {
    name: Permission,
    reason: String,
}

fn grant_days() -> u32 {
    super::GRANT_DAYS
}

impl ReviewedApp {
    /// Reads the manifest of an app's state. A use whose claim is not among `req_permissions` was never reviewed and is
    /// left out.
    ///
    /// # Errors
    /// [`Refusal::BadRegistration`] when a member that the authorization needs is missing or malformed.
    pub fn read(state: &AppStateRecord) -> Result<Self, Refusal> {
        let part = ManifestPart::deserialize(&state.manifest).map_err(|_| Refusal::BadRegistration)?;
        let reason = |claim| {
            part.req_permissions
                .iter()
                .find(|asked| asked.name == Permission::Identity(claim))
                .map(|it| it.reason.clone())
        };
        let acts = part.req_permissions.iter().filter(|asked| asked.name == Permission::Book);
        let acts = acts.map(|asked| ReviewedAct { permission: asked.name.clone(), reason: asked.reason.clone() });
        let acts: Vec<ReviewedAct> = acts.collect();
        let uses = part.gov_data_use.into_iter().filter_map(|data_use| {
            Some(ReviewedUse {
                reason: reason(data_use.claim)?,
                data: GrantedUse {
                    claim: data_use.claim,
                    purpose: data_use.purpose,
                    retention_days: data_use.retention_days,
                },
                optional: data_use.optional,
                grant_days: data_use.grant_days,
                legal_basis: data_use.legal_basis,
            })
        });
        Ok(Self {
            uses: uses.collect(),
            acts,
            app: state.app.clone(),
            version: state.version,
            name: part.name,
            unit: part.gov_owner.unit,
            owner: part.gov_owner.uscc,
            filing: state.filing.clone(),
            access: part.gov_access,
            assurance: part.gov_assurance.unwrap_or(Assurance::Basic),
            generation: state.generation,
        })
    }

    /// The reviewed use of a claim for a purpose.
    #[must_use]
    pub fn find_use(&self, claim: Claim, purpose: &str) -> Option<&ReviewedUse> {
        self.uses.iter().find(|it| it.data.claim == claim && it.data.purpose == purpose)
    }

    /// Whether this version asks people for nothing beyond what the version before asked: the same recipient, no more
    /// assurance, and each use was there, kept no shorter, and as optional.
    #[must_use]
    pub fn asks_no_more_than(&self, before: &Self) -> bool {
        let was_asked = |now: &ReviewedUse| {
            before.find_use(now.data.claim, &now.data.purpose).is_some_and(|old| {
                now.data.retention_days <= old.data.retention_days && (now.optional || !old.optional)
            })
        };
        self.owner == before.owner
            && self.access == before.access
            && self.assurance <= before.assurance
            && self.uses.iter().all(was_asked)
            && self.acts.iter().all(|act| before.lets(&act.permission))
    }

    /// Whether review let the app do this for people who agree.
    #[must_use]
    pub fn lets(&self, permission: &Permission) -> bool {
        self.acts.iter().any(|act| act.permission == *permission)
    }

    /// Whether a granted use still stands: review lets claim and purpose through, and the recipient keeps it no longer than
    /// was agreed to.
    #[must_use]
    pub fn still_allows(&self, granted: &GrantedUse) -> bool {
        self.find_use(granted.claim, &granted.purpose)
            .is_some_and(|reviewed| reviewed.data.retention_days <= granted.retention_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use yizhan_store::records::AppState;

    fn state(manifest: serde_json::Value) -> AppStateRecord {
        AppStateRecord {
            app: AppId::new("cn.gov.example.social-security").expect("id"),
            state: AppState::Released,
            version: VersionDigest([1; 32]),
            manifest,
            slug: "social-security".into(),
            filing: None,
            generation: 1,
        }
    }

    #[test]
    fn the_example_manifest_is_read_whole() {
        let manifest = include_str!("../../../../../examples/social-security/manifest.json");
        let app = ReviewedApp::read(&state(serde_json::from_str(manifest).expect("JSON"))).expect("reviewed");
        assert_eq!(app.owner.to_string(), "11330100MB1A00002W");
        assert_eq!(app.assurance, Assurance::RealName);
        assert_eq!(app.uses.len(), 3);
        assert!(app.find_use(Claim::MobileMasked, "query-insurance").is_some_and(|it| it.optional));
        assert!(app.find_use(Claim::Name, "other").is_none());
    }

    #[test]
    fn a_use_without_its_permission_was_never_reviewed() {
        let manifest = serde_json::json!({
            "name": "甲", "gov_owner": { "unit": "乙", "uscc": "11330100MB1A00002W" }, "gov_access": "identity-required",
            "gov_data_use": [{ "claim": "name", "purpose": "p", "retention_days": 0 }],
        });
        assert!(ReviewedApp::read(&state(manifest)).expect("reviewed").uses.is_empty());
    }

    #[test]
    fn a_version_asks_for_more_by_claim_purpose_retention_need_assurance_or_recipient() {
        let read = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut manifest = serde_json::json!({
                "name": "甲", "gov_owner": { "unit": "乙", "uscc": "11330100MB1A00002W" }, "gov_access": "identity-required",
                "gov_assurance": "real-name",
                "req_permissions": [{ "name": "identity:name", "reason": "r" }, { "name": "identity:mobile", "reason": "r" }],
                "gov_data_use": [
                    { "claim": "name", "purpose": "p", "retention_days": 5 },
                    { "claim": "mobile", "purpose": "p", "retention_days": 0, "optional": true },
                ],
            });
            change(&mut manifest);
            ReviewedApp::read(&state(manifest)).expect("reviewed")
        };
        let before = read(&|_| {});
        let same_or_less: [&dyn Fn(&mut serde_json::Value); 4] = [
            &|manifest| manifest["name"] = "丙".into(),
            &|manifest| manifest["gov_data_use"] = serde_json::json!([]),
            &|manifest| manifest["gov_data_use"][0]["retention_days"] = 4.into(),
            &|manifest| manifest["gov_assurance"] = "basic".into(),
        ];
        for change in same_or_less {
            assert!(read(change).asks_no_more_than(&before));
        }
        let more: [&dyn Fn(&mut serde_json::Value); 7] = [
            &|manifest| manifest["gov_data_use"][1]["claim"] = "name".into(),
            &|manifest| {
                let act = serde_json::json!({ "name": "appointment:book", "reason": "r" });
                manifest["req_permissions"].as_array_mut().expect("list").push(act);
            },
            &|manifest| manifest["gov_data_use"][0]["purpose"] = "q".into(),
            &|manifest| manifest["gov_data_use"][0]["retention_days"] = 6.into(),
            &|manifest| manifest["gov_data_use"][1]["optional"] = false.into(),
            &|manifest| manifest["gov_assurance"] = "face".into(),
            &|manifest| manifest["gov_owner"]["uscc"] = "11330100MB1A000043".into(),
        ];
        for (index, change) in more.into_iter().enumerate() {
            let next = read(change);
            // The same claim twice is one use.
            assert!(index == 0 || !next.asks_no_more_than(&before), "{index}");
        }
    }

    #[test]
    fn a_manifest_without_an_owner_is_refused() {
        assert_eq!(ReviewedApp::read(&state(serde_json::json!({ "name": "甲" }))), Err(Refusal::BadRegistration));
    }
}
