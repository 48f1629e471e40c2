//! A finding as one line for people, the same wherever one is shown. Used by `Terminal` and `doctor`.

use super::terminal::Tone;
use yizhan_domain::{Finding, Severity};

/// `error manifest.json#/icons/0/src: why → fix [code]`; `paint` colours a word or leaves it.
pub fn line(finding: &Finding, paint: impl Fn(Tone, &str) -> String) -> String {
    let (tone, word) = match finding.severity {
        Severity::Error => (Tone::Bad, "error"),
        Severity::Warning => (Tone::Warning, "warning"),
        Severity::Note => (Tone::Dim, "note"),
    };
    let code = paint(Tone::Dim, &format!("[{}]", finding.code));
    format!("{} {}: {} → {} {code}", paint(tone, word), place(finding), finding.why, finding.fix)
}

fn place(finding: &Finding) -> String {
    let (path, pointer) = (&finding.path, &finding.pointer);
    let file = if path.is_empty() { "package" } else { path.as_str() };
    match pointer.strip_prefix("line ") {
        Some(line) => format!("{file}:{line}"),
        None if pointer.is_empty() => file.to_owned(),
        None if pointer.starts_with('/') => format!("{file}#{pointer}"),
        None => format!("{file} {pointer}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_place_reason_mend_and_code() {
        let finding =
            Finding::error("manifest.icon", "manifest.json").at("/icons/0/src").why("no such file").fix("add it");
        let text = line(&finding, |_, word| word.to_owned());
        assert_eq!(text, "error manifest.json#/icons/0/src: no such file → add it [manifest.icon]");
    }
}
