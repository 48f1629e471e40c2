//! The parts of a manifest: what stands inside its members.

use super::feature::Feature;
use super::schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use yizhan_domain::{Claim, Permission, code::CreditCode, limits::AppLimits};

/// One icon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Icon {
    /// File of the package, under `public/`.
    #[schemars(regex(pattern = r"^public/.+$"))]
    pub src: String,
    /// Sizes in pixels, separated by spaces, as in `192x192`; or `any` for a drawing that scales.
    #[schemars(regex(pattern = r"^([1-9][0-9]{0,4}x[1-9][0-9]{0,4}|any)( ([1-9][0-9]{0,4}x[1-9][0-9]{0,4}|any))*$"))]
    pub sizes: String,
    /// What the icon shows, for people who do not see it; 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub label: Option<String>,
}

/// Version of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Version {
    /// What people read, 1 to 40 characters, as in `1.2.0`.
    #[schemars(length(min = 1, max = 40))]
    pub name: String,
    /// What machines compare: 1 to 2 147 483 647, higher with every version.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub code: u32,
}

/// Version of the platform that an app needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlatformVersion {
    /// Least version of the platform.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub min_code: u32,
    /// Version that the app was tested with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub target_code: Option<u32>,
    /// Kind of the platform's release, 1 to 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40))]
    pub release_type: Option<String>,
}

/// Direction of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// As the language says.
    #[default]
    Auto,
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// Colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColorScheme {
    /// As the visitor's device says.
    #[default]
    Auto,
    /// Light only.
    Light,
    /// Dark only.
    Dark,
}

/// Something that the app asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequestedPermission {
    /// What, as in `identity:name`.
    #[schemars(schema_with = "schema::permission")]
    pub name: Permission,
    /// Why, 1 to 100 characters; the only text of the author that the consent page shows.
    #[schemars(length(min = 1, max = 100))]
    pub reason: String,
}

/// The unit that answers for an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Owner {
    /// Name of the unit, 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub unit: String,
    /// Unified social credit code of the unit (GB 32100).
    #[schemars(with = "String", length(min = 18, max = 18), regex(pattern = r"^[0-9A-HJ-NP-RTUWXY]{18}$"))]
    pub uscc: CreditCode,
}

/// World of the contract that a component targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// Open interfaces only.
    OpenApp,
    /// All interfaces.
    IdentityApp,
}

/// The component of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ComponentRef {
    /// File of the package, beside `manifest.json` and ending in `.wasm`; `component.wasm` unless stated.
    #[serde(default = "default_component_path")]
    #[schemars(regex(pattern = r"^[^/\\]+\.wasm$"))]
    pub path: String,
    /// World that it targets; the one of the access type unless stated.
    #[schemars(with = "Option<World>")]
    pub world: World,
}

/// What a claim is used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DataUse {
    /// The claim; the app must ask for it in `req_permissions`.
    #[schemars(schema_with = "schema::claim")]
    pub claim: Claim,
    /// Name of the purpose: 1 to 64 characters of a-z, 0-9 and `-`.
    #[schemars(regex(pattern = r"^[a-z0-9-]{1,64}$"))]
    pub purpose: String,
    /// Whether the app works without it; then the person may refuse it alone.
    #[serde(default)]
    pub optional: bool,
    /// Days that the app keeps it after the request, 0 to 3 650; 0 means not at all.
    #[schemars(range(min = 0, max = 3_650))]
    pub retention_days: u32,
    /// Days that a consent lasts, 1 to 3 650; 180 unless stated.
    #[serde(default = "default_grant_days")]
    #[schemars(range(min = 1, max = 3_650))]
    pub grant_days: u32,
    /// Law or rule that the use rests on, 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub legal_basis: Option<String>,
}

/// A browser feature that the app's pages use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BrowserFeature {
    /// The feature, by its name in the permissions policy.
    pub feature: Feature,
    /// Why, 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub reason: String,
}

/// Limits that an app wants other than the platform's defaults; each within the platform's ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ManifestLimits {
    /// Linear memory in MiB, 1 to 128; 64 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 128))]
    pub memory_mib: Option<u32>,
    /// Wall time of a request in milliseconds, 1 to 60 000; 5 000 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60_000))]
    pub request_ms: Option<u32>,
    /// CPU time of a request in milliseconds, 1 to 10 000; 500 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000))]
    pub cpu_ms: Option<u32>,
    /// Requests at the same time, 1 to 512; 64 unless stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 512))]
    pub concurrency: Option<u32>,
}

impl ManifestLimits {
    /// `limits` with the stated ones in their place.
    #[must_use]
    pub fn over(self, mut limits: AppLimits) -> AppLimits {
        let set = |limit: &mut u64, stated: Option<u32>, unit: u64| {
            if let Some(stated) = stated {
                *limit = u64::from(stated) * unit;
            }
        };
        set(&mut limits.memory_bytes_max, self.memory_mib, 1 << 20);
        set(&mut limits.request_ms_max, self.request_ms, 1);
        set(&mut limits.header_ms_max, self.request_ms, 1);
        set(&mut limits.cpu_ms_max, self.cpu_ms, 1);
        set(&mut limits.concurrent_requests_max, self.concurrency, 1);
        limits
    }
}

pub(super) fn default_lang() -> String {
    "zh-CN".to_owned()
}

pub(super) fn default_component_path() -> String {
    crate::COMPONENT_PATH.to_owned()
}

pub(super) fn default_grant_days() -> u32 {
    180
}
