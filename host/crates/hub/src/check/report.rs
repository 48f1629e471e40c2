//! What a check answers: stable as JSON (`yizhan-doctor/1`, described in `docs/errors.md`), for people and machines.

use serde::Serialize;
use yizhan_domain::{Access, Finding, Severity, report::ComponentReport};
use yizhan_package::{Manifest, Package};

/// Name and version of the JSON form; members may be added, none is removed or changed under the same number.
pub const SCHEMA: &str = "yizhan-doctor/1";

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A `.ma` file.
    Package,
    /// The files of an app directory.
    Directory,
    /// A bare component.
    Component,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Refused until mended.
    pub errors: usize,
    /// Works, but should be mended.
    pub warnings: usize,
    /// Good to know.
    pub notes: usize,
}

/// The manifest in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManifestSummary {
    /// Reverse-DNS name.
    pub app_id: String,
    /// First label of its origin unless the hub registers another; none when the name's last label cannot be one.
    pub slug: Option<String>,
    /// Name that people read.
    pub name: String,
    /// Version that people read.
    pub version_name: String,
    /// Version that machines compare.
    pub version_code: u32,
    /// Access type.
    pub access: Access,
    /// Unit that answers for the app.
    pub owner: String,
    /// Permissions that it asks for, as in `identity:name`.
    pub permissions: Vec<String>,
    /// Hosts that its component may send requests to.
    pub egress: Vec<String>,
    /// Implementing codes of its items.
    pub items: Vec<String>,
    /// Linear memory that an instance may have, in bytes.
    pub memory_bytes_max: u64,
}

impl ManifestSummary {
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            app_id: manifest.app_id.to_string(),
            slug: manifest.app_id.default_slug().ok().map(|slug| slug.to_string()),
            name: manifest.name.clone(),
            version_name: manifest.version.name.clone(),
            version_code: manifest.version.code,
            access: manifest.gov_access,
            owner: manifest.gov_owner.unit.clone(),
            permissions: manifest.req_permissions.iter().map(|asked| asked.name.to_string()).collect(),
            egress: manifest.gov_egress.iter().map(ToString::to_string).collect(),
            items: manifest.gov_items.iter().map(ToString::to_string).collect(),
            memory_bytes_max: manifest.app_limits().memory_bytes_max,
        }
    }
}

/// The package in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageSummary {
    /// Digest that names the version, 64 hexadecimal digits.
    pub digest: String,
    /// Number of files, without the signature.
    pub files: usize,
    /// Bytes of all files together.
    pub bytes: u64,
    /// Keys that say they signed it; nothing is verified here.
    pub signed_by: Vec<String>,
}

impl PackageSummary {
    pub(super) fn of(package: &Package) -> Self {
        let signatures = package.signature().map(yizhan_package::Envelope::signatures).unwrap_or_default();
        Self {
            digest: package.digest().to_string(),
            files: package.files().count(),
            bytes: package.files().map(|(_, content)| content.len() as u64).sum(),
            signed_by: signatures.iter().map(|signature| signature.key_id.to_string()).collect(),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// What was checked.
    pub subject: Subject,
    /// Whether no finding is an error.
    pub ok: bool,
    /// How many findings there are.
    pub counts: Counts,
    /// The manifest; none without a readable one.
    pub manifest: Option<ManifestSummary>,
    /// The package; none when it is not whole.
    pub package: Option<PackageSummary>,
    /// The component, without its findings; none when there is no component.
    pub component: Option<ComponentReport>,
    /// Everything found: errors first, then by path, pointer and code.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            schema: SCHEMA,
            subject,
            ok: true,
            counts: Counts::default(),
            manifest: None,
            package: None,
            component: None,
            findings: Vec::new(),
        }
    }

    /// Sorts and counts the findings.
    pub(super) fn finish(mut self, mut findings: Vec<Finding>) -> Self {
        findings.sort_by(|a, b| {
            (b.severity.cmp(&a.severity))
                .then_with(|| a.path.cmp(&b.path))
                .then_with(|| place(&a.pointer).cmp(&place(&b.pointer)))
                .then_with(|| a.code.cmp(&b.code))
        });
        findings.dedup();
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        self.counts =
            Counts { errors: count(Severity::Error), warnings: count(Severity::Warning), notes: count(Severity::Note) };
        self.ok = self.counts.errors == 0;
        self.findings = findings;
        self
    }
}

/// Lines in the order of their numbers, everything else as text.
fn place(pointer: &str) -> (u64, &str) {
    (pointer.strip_prefix("line ").and_then(|number| number.parse().ok()).unwrap_or(0), pointer)
}
