//! What `shelf.json` and `publishers.json` hold. Written and read by the data directory only.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use yizhan_domain::authorization::Tier;
use yizhan_domain::{AppId, Slug, Timestamp, VersionDigest};
use yizhan_package::KeyId;

/// Content of `shelf.json`: which app has which slug, and which version of it is served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppsFile {
    /// By slug.
    pub(crate) apps: BTreeMap<Slug, AppRecord>,
}

/// One installed app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppRecord {
    pub(crate) app_id: AppId,
    pub(crate) digest: VersionDigest,
    /// Key id of the publisher that signed it.
    pub(crate) publisher: KeyId,
    pub(crate) installed_at: Timestamp,
    pub(crate) version_name: String,
    pub(crate) version_code: u32,
    /// File in `packages/`.
    pub(crate) file: String,
    /// SHA-256 of that whole file, so that any changed byte shows, the signature and the padding included.
    pub(crate) file_sha256: VersionDigest,
    /// Security profile of its registration.
    #[serde(default = "baseline", skip_serializing_if = "is_baseline")]
    pub(crate) tier: Tier,
}

fn baseline() -> Tier {
    Tier::Baseline
}

/// Not written, so that a host before it still reads the file.
fn is_baseline(tier: &Tier) -> bool {
    *tier == Tier::Baseline
}

/// Content of `publishers.json`, by key id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishersFile {
    pub(crate) publishers: BTreeMap<KeyId, Publisher>,
}

/// A registered publisher key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// Public key, PEM (SPKI).
    pub public_key: String,
    /// The unit that publishes with it.
    pub unit: String,
    /// What it is good for.
    pub status: PublisherStatus,
}

/// What a publisher key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublisherStatus {
    /// Uploads are accepted, what it signed runs.
    Active,
    /// No uploads; what it signed keeps running.
    Retired,
    /// Nothing that it signed is loaded.
    Compromised,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_form_of_shelf_json_reads_back() {
        let text = format!(
            r#"{{"apps":{{"leaflet":{{"app_id":"cn.gov.example.leaflet","digest":"{0}","publisher":"{1}",
            "installed_at":1700000000000,"version_name":"1.0.0","version_code":1,"file":"{0}.ma","file_sha256":"{1}"}}}}}}"#,
            "0a".repeat(32),
            "0b".repeat(32)
        );
        let apps: AppsFile = serde_json::from_str(&text).expect("reads");
        assert_eq!(
            serde_json::from_str::<AppsFile>(&serde_json::to_string(&apps).expect("writes")).expect("reads"),
            apps
        );
        assert!(!serde_json::to_string(&apps).expect("writes").contains("tier"), "a baseline app is written as before");
        assert!(serde_json::from_str::<AppsFile>(r#"{"apps":{},"more":1}"#).is_err());
    }
}
