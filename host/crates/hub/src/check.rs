//! The check of an app by reading alone: package, manifest, component, icons and pages together, each mistake with its
//! place and its mend. `yizhan doctor` and the upload call the same three functions.

mod component;
mod contents;
mod icon;
mod link;
mod page;
mod report;
mod style;

pub use report::{Counts, ManifestSummary, PackageSummary, Report, SCHEMA, Subject};

use bytes::Bytes;
use contents::Contents;
use std::collections::BTreeMap;
use yizhan_domain::{Access, Finding, report::ComponentReport};
use yizhan_package::{COMPONENT_PATH, MANIFEST_PATH, Manifest, Package};
use yizhan_sandbox::inspect::inspect;

const IDENTITY: &str = "yizhan:app/identity";
const APPOINTMENT: &str = "yizhan:app/appointment";

/// Checks a `.ma` file. What cannot be read is among the findings.
#[must_use]
pub fn check_package(bytes: &[u8]) -> Report {
    match Package::read(bytes) {
        Ok(package) => check_whole(Subject::Package, &package),
        Err(error) => Report::new(Subject::Package).finish(error.findings()),
    }
}

/// Checks the files of an app directory by path, as `yizhan_package::collect` gives them, with the component in its place
/// when it has one. Where they make no package, everything that can be read is still checked.
#[must_use]
pub fn check_files(files: &BTreeMap<String, Bytes>) -> Report {
    let error = match Package::from_files(files.clone()) {
        Ok(package) => return check_whole(Subject::Directory, &package),
        Err(error) => error,
    };
    let json = files.get(MANIFEST_PATH).map(AsRef::as_ref).unwrap_or_default();
    let contents = Contents::of_files(files);
    let mut report = Report::new(Subject::Directory);
    let mut findings = error.findings();
    if let Ok(manifest) = Manifest::parse(json) {
        report.manifest = Some(ManifestSummary::of(&manifest));
        findings.extend(check_parts(&mut report, &manifest, &contents.answered_as(&manifest)));
    } else {
        let component = contents.file(COMPONENT_PATH).map(|wasm| inspect(wasm, claimed_access(json)));
        findings.extend(component.iter().flat_map(|read| read.findings.clone()));
        report.component = component.map(without_findings);
        findings.extend(page::check(&contents));
    }
    report.finish(findings)
}

/// Checks a bare component, as an open app unless it imports an interface of identity-required apps.
#[must_use]
pub fn check_component(wasm: &[u8]) -> Report {
    let mut read = inspect(wasm, Access::Open);
    let mut findings = Vec::new();
    if [IDENTITY, APPOINTMENT].into_iter().any(|name| component::imports(&read, name)) {
        read = inspect(wasm, Access::IdentityRequired);
        findings.push(component::needs_identity_app());
    }
    findings.extend_from_slice(&read.findings);
    let mut report = Report::new(Subject::Component);
    report.component = Some(without_findings(read));
    report.finish(findings)
}

fn check_whole(subject: Subject, package: &Package) -> Report {
    let manifest = package.manifest();
    let mut report = Report::new(subject);
    report.manifest = Some(ManifestSummary::of(manifest));
    report.package = Some(PackageSummary::of(package));
    let findings = check_parts(&mut report, manifest, &Contents::of_package(package));
    report.finish(findings)
}

/// Everything that stands beside the manifest: icons, component, pages.
fn check_parts(report: &mut Report, manifest: &Manifest, contents: &Contents<'_>) -> Vec<Finding> {
    let mut findings = icon::check(manifest, contents);
    let declared = manifest.gov_component.as_ref().map(|component| component.path.as_str());
    if let Some((path, wasm)) = declared.and_then(|path| Some((path, contents.file(path)?))) {
        let read = inspect(wasm, manifest.gov_access);
        findings.extend(read.findings.iter().map(|finding| Finding { path: path.to_owned(), ..finding.clone() }));
        if !findings.iter().any(is_unreadable) {
            findings.extend(component::check(&read, manifest));
        }
        report.component = Some(without_findings(read));
    }
    if !manifest.gov_elder_mode && contents.pages().next().is_some() {
        findings.push(no_elder_mode());
    }
    findings.extend(page::check(contents));
    findings
}

fn without_findings(report: ComponentReport) -> ComponentReport {
    ComponentReport { findings: Vec::new(), ..report }
}

/// Whether a component finding says that its inside could not be read, so that cross checks would only repeat it.
fn is_unreadable(finding: &Finding) -> bool {
    const CODES: [&str; 7] = [
        "component.too-large",
        "component.not-wasm",
        "component.text-format",
        "component.core-module",
        "component.truncated",
        "component.malformed",
        "component.feature-off",
    ];
    CODES.contains(&finding.code.as_str())
}

/// The access type that a manifest with mistakes claims; the wider one if it claims none.
fn claimed_access(json: &[u8]) -> Access {
    let manifest = serde_json::from_slice::<serde_json::Value>(json).ok();
    if manifest.is_some_and(|manifest| manifest["gov_access"] == "open") {
        Access::Open
    } else {
        Access::IdentityRequired
    }
}

fn no_elder_mode() -> Finding {
    Finding::warning("app.no-elder-mode", MANIFEST_PATH)
        .at("/gov_elder_mode")
        .why(
            "the app does not say that its pages follow the elder mode (适老模式): text of 18 px and more, plain pages",
        )
        .fix("follow `elder-mode` of `visitor.get-preferences` or of bridge.js, then set `gov_elder_mode` to true")
}

#[cfg(test)]
mod tests;
