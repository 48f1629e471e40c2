//! A start tag with its attributes as text and the line that it stands in.

use html5gum::StartTag;
use std::collections::BTreeMap;

/// A start tag.
pub(super) struct Tag {
    /// Name in lower case.
    pub(super) name: String,
    /// Line, counted from 1.
    pub(super) line: u64,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    pub(super) fn of(start: &StartTag<usize>, lines: &mut Lines<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            name: text(&start.name),
            line: lines.line_of(start.span.start),
            attributes: start.attributes.iter().map(|(name, value)| (text(name), text(value))).collect(),
        }
    }

    /// Value of an attribute, if it is there.
    pub(super) fn value(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    /// Whether an attribute has this value in any case of letters.
    pub(super) fn is(&self, attribute: &str, value: &str) -> bool {
        self.value(attribute).is_some_and(|found| found.trim().eq_ignore_ascii_case(value))
    }

    /// Names of all attributes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.keys().map(String::as_str)
    }

    /// Whether a script of this type is run; the others are data (HTML standard, 4.12.1).
    pub(super) fn is_executable_script(&self) -> bool {
        let kind = self.value("type").unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "" | "module" | "importmap" | "speculationrules")
            || kind.ends_with("javascript")
            || kind.ends_with("ecmascript")
    }
}

/// Line numbers of growing offsets.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    /// Line of an offset that is not before the last one asked for.
    fn line_of(&mut self, offset: usize) -> u64 {
        let passed = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.offset = self.offset.max(offset);
        self.line
    }
}
