//! The manifest of an app, `manifest.json`: W3C MiniApp Manifest members and ours with the prefix `gov_`. Authors write it,
//! `Package` reads it, everything that runs or shows an app asks it.

mod cursor;
pub mod egress;
pub mod feature;
mod json;
mod members;
pub mod parts;
mod privacy;
mod read;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use egress::EgressTarget;
use parts::{
    BrowserFeature, ColorScheme, ComponentRef, DataUse, Direction, Icon, ManifestLimits, Owner, PlatformVersion,
    RequestedPermission, Version, World,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use yizhan_domain::{
    Access, AppId, Claim, Finding, Permission, code::ImplementingCode, limits::AppLimits, person::Assurance,
};

/// Bytes that `manifest.json` may have.
pub const MANIFEST_BYTES_MAX: usize = 64 << 10;

/// A manifest without mistakes: only [`Manifest::parse`] makes one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Manifest {
    /// Reverse-DNS name of the app, as in `cn.gov.example.social-security`.
    #[schemars(with = "String", length(min = 3, max = 128), regex(pattern = r"^[a-z0-9-]+(\.[a-z0-9-]+)+$"))]
    pub app_id: AppId,
    /// Name that people read, 1 to 40 characters.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// Shorter name for a launcher, 1 to 12 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 12))]
    pub short_name: Option<String>,
    /// What the app is for, 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub description: Option<String>,
    /// Icons, 1 to 16.
    #[schemars(length(min = 1, max = 16))]
    pub icons: Vec<Icon>,
    /// Version of the app.
    pub version: Version,
    /// Version of the platform that the app needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<PlatformVersion>,
    /// Paths of the app's pages, kept as they are; up to 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(min = 1, max = 256)))]
    pub pages: Vec<String>,
    /// Language of the texts in the manifest, a BCP 47 tag; `zh-CN` unless stated.
    #[serde(default = "parts::default_lang")]
    #[schemars(regex(pattern = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"), length(max = 35))]
    pub lang: String,
    /// Direction of the texts in the manifest.
    #[serde(default)]
    pub dir: Direction,
    /// Colour scheme that the app is made for.
    #[serde(default)]
    pub color_scheme: ColorScheme,
    /// Window members of the W3C manifest, kept as they are.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub window: serde_json::Map<String, serde_json::Value>,
    /// What the app asks for, each with the reason that the consent page shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub req_permissions: Vec<RequestedPermission>,
    /// Access type.
    #[schemars(schema_with = "schema::access")]
    pub gov_access: Access,
    /// Unit that answers for the app (主办单位).
    pub gov_owner: Owner,
    /// The WebAssembly component; an open app may be H5 files alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gov_component: Option<ComponentRef>,
    /// Which claim is used for what, and for how long it is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub gov_data_use: Vec<DataUse>,
    /// Implementing codes (实施编码) of the items that the app serves, up to 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>", length(max = 256), inner(length(min = 31, max = 31)))]
    pub gov_items: Vec<ImplementingCode>,
    /// Where the component may send requests, up to 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>", length(max = 32), inner(regex(pattern = r"^https?://[^/?#@*]+$")))]
    pub gov_egress: Vec<EgressTarget>,
    /// Browser features that the app's pages use, each with its reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub gov_browser: Vec<BrowserFeature>,
    /// Least assurance of the signed-in person; identity-required apps only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::assurance")]
    pub gov_assurance: Option<Assurance>,
    /// Limits that differ from the platform's defaults.
    #[serde(default)]
    pub gov_limits: ManifestLimits,
    /// Whether the app takes complaints and suggestions itself.
    #[serde(default)]
    pub gov_complaint: bool,
    /// Whether the app's pages follow the elder mode.
    #[serde(default)]
    pub gov_elder_mode: bool,
    /// File under `public/` that answers unknown paths; apps without a component only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^public/.+$"))]
    pub gov_spa_fallback: Option<String>,
    /// Whether instances may be reused between requests; open apps only.
    #[serde(default)]
    pub gov_stateless: bool,
    /// Defaults of the settings that the component reads by `wasi:config`; never secrets. Up to 64.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gov_config: BTreeMap<String, String>,
    /// Members that this platform does not know and that do not begin with `gov_`, as they were found.
    #[serde(flatten)]
    #[schemars(skip)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Manifest {
    /// Reads a manifest, or tells every mistake at once: findings with codes `manifest.*` and JSON pointers.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Finding>> {
        read::manifest(bytes)
    }

    /// JSON Schema (2020-12) of the manifest, generated from these types; members are sorted.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        schema::manifest()
    }

    /// Limits of the app: the platform's defaults, with those of `gov_limits` in their place. A longer `request_ms` also
    /// moves the time until the answer's headers.
    #[must_use]
    pub fn app_limits(&self) -> AppLimits {
        self.gov_limits.over(AppLimits::default())
    }

    /// Claims that the app may ask for, sorted.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<Claim> {
        self.req_permissions
            .iter()
            .filter_map(|asked| match asked.name {
                Permission::Identity(claim) => Some(claim),
                Permission::Book => None,
            })
            .collect()
    }

    /// Data uses that say what a claim is asked for under one purpose; empty when the app declares no such purpose.
    pub fn data_uses(&self, purpose: &str) -> impl Iterator<Item = &DataUse> {
        self.gov_data_use.iter().filter(move |data_use| data_use.purpose == purpose)
    }

    /// The reason that the author gives for asking a claim, if the app asks for it.
    #[must_use]
    pub fn reason(&self, claim: Claim) -> Option<&str> {
        let wanted = Permission::Identity(claim);
        self.req_permissions.iter().find(|asked| asked.name == wanted).map(|asked| asked.reason.as_str())
    }

    /// World that the component targets; `None` without a component.
    #[must_use]
    pub fn world(&self) -> Option<World> {
        self.gov_component.as_ref().map(|component| component.world)
    }
}
