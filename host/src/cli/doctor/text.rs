//! A report in plain words, for a person at a terminal or in a log.

use crate::cli::{
    finding_text,
    terminal::{Terminal, Tone},
};
use std::{
    fmt::Write,
    io::{self, IsTerminal},
    path::Path,
};
use yizhan_domain::{
    Access,
    report::{ComponentReport, EngineKind},
};
use yizhan_hub::check::{Counts, ManifestSummary, PackageSummary, Report};
use yizhan_sandbox::inspect::offered::OFFERED;

/// Colours, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint(Option<Terminal>);

impl Paint {
    /// No colours.
    #[cfg(test)]
    pub(super) const NONE: Self = Self(None);

    /// Colours only if standard output is a terminal and colours are wanted.
    pub(super) fn for_stdout(terminal: Terminal) -> Self {
        Self(Some(terminal).filter(|terminal| terminal.is_colourful() && io::stdout().is_terminal()))
    }

    fn apply(self, tone: Tone, text: &str) -> String {
        self.0.map_or_else(|| text.to_owned(), |terminal| terminal.paint(tone, text))
    }
}

/// The whole report.
pub(super) fn report(path: &Path, report: &Report, paint: Paint) -> String {
    let mut lines = vec![path.display().to_string()];
    lines.extend(report.manifest.iter().flat_map(manifest));
    lines.extend(report.package.iter().map(package));
    lines.extend(report.component.iter().flat_map(|component| describe(component, paint)));
    let mut text = lines.join("\n  ");
    text.push('\n');
    for found in &report.findings {
        let _cannot_fail = writeln!(text, "{}", finding_text::line(found, |tone, word| paint.apply(tone, word)));
    }
    let _cannot_fail = writeln!(text, "{}", verdict(report, paint));
    text
}

fn manifest(manifest: &ManifestSummary) -> Vec<String> {
    let kind = match manifest.access {
        Access::Open => "a fully open app: it never learns who the visitor is",
        Access::IdentityRequired => "an identity-required app",
    };
    let mut lines = vec![
        format!("{} {} (code {}), {}", manifest.name, manifest.version_name, manifest.version_code, manifest.app_id),
        format!("{kind}; {} answers for it", manifest.owner),
    ];
    if let Some(slug) = &manifest.slug {
        lines.push(format!("opens at http://{slug}.localhost:PORT/"));
    }
    if !manifest.permissions.is_empty() {
        lines.push(format!("asks the visitor for {}", manifest.permissions.join(", ")));
    }
    if !manifest.egress.is_empty() {
        lines.push(format!("may send requests to {}", manifest.egress.join(", ")));
    }
    lines
}

fn package(package: &PackageSummary) -> String {
    let signed = match package.signed_by.len() {
        0 => "not signed",
        _ => "signed (the key is checked when it is installed)",
    };
    format!("{} files, {}, digest {}, {signed}", package.files, size(package.bytes), package.digest)
}

fn describe(component: &ComponentReport, paint: Paint) -> Vec<String> {
    if component.core_modules == 0 && component.exports.is_empty() {
        return vec![format!("component: {}, with nothing in it that could run", size(component.size_bytes))];
    }
    let engine = match component.engine {
        EngineKind::P2 => "P2, the hardened engine",
        EngineKind::P3 => "P3, the engine for async components",
    };
    let tools: Vec<&str> = component.toolchain.iter().filter_map(|tool| tool.split(" (").next()).take(3).collect();
    let tools = if tools.is_empty() { String::new() } else { format!(" ({})", tools.join(", ")) };
    let mut lines = vec![
        format!("component: {}{tools}, {}, world {}", component.language, size(component.size_bytes), component.world),
        format!("runs on {engine}; starts with {} of memory", size(component.memory_bytes_initial)),
    ];
    if !component.imports.is_empty() {
        lines.push("imports, and who offers them:".to_owned());
    }
    for import in &component.imports {
        let (tone, mark) = if import.allowed { (Tone::Dim, "") } else { (Tone::Bad, ", denied") };
        let who = paint.apply(tone, &format!("{}{mark}", import.offered_by));
        lines.push(format!("  {:<44} {who}", import.name));
    }
    lines
}

fn verdict(report: &Report, paint: Paint) -> String {
    let Counts { errors, warnings, notes } = report.counts;
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let counted = format!("{}, {}, {}", count(errors, "error"), count(warnings, "warning"), count(notes, "note"));
    if report.ok {
        return format!("{} {counted}", paint.apply(Tone::Good, "accepted:"));
    }
    format!("{} {counted}", paint.apply(Tone::Bad, "refused until the errors are mended:"))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20),
    }
}

/// The list of `--imports`.
pub(super) fn imports() -> String {
    let mut text = String::from("Everything that a component may import:\n");
    for offer in OFFERED {
        let mut remarks = vec![offer.versions(), offer.provider.as_str().to_owned()];
        remarks.extend(offer.identity_only.then(|| "identity-required apps only".to_owned()));
        remarks.extend(offer.p3_only.then(|| "async engine only".to_owned()));
        let _cannot_fail = writeln!(text, "  {:<44} {}", offer.name(), remarks.join(", "));
    }
    text
}
