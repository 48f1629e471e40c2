//! What must not be found, in every spelling in which it could be written down, and the search for all of it at once.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Shortest spelling that is looked for, bytes: a shorter one is found by chance.
const BYTES_MIN: usize = 5;

/// One value under a name that a report may print.
pub(super) struct Needle {
    pub(super) name: String,
    value: Vec<u8>,
}

/// Bytes that were written, kept or answered somewhere.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A needle in a place.
pub(super) struct Found<'a> {
    pub(super) needle: &'a str,
    pub(super) spelling: &'static str,
    pub(super) place: &'a str,
    /// What stands around it.
    pub(super) around: String,
}

impl Needle {
    pub(super) fn new(name: impl Into<String>, value: impl AsRef<[u8]>) -> Self {
        Self { name: name.into(), value: value.as_ref().to_vec() }
    }

    /// Six digits stand in many numbers: they count only where they stand alone.
    fn is_short_number(&self) -> bool {
        self.value.len() <= 6 && self.value.iter().all(u8::is_ascii_digit)
    }

    /// Every spelling, by its name; each once.
    fn spellings(&self) -> Vec<(&'static str, Vec<u8>)> {
        let value = self.value.as_slice();
        if self.is_short_number() {
            return vec![("plain", value.to_vec())];
        }
        let mut all = vec![("plain", value.to_vec())];
        all.extend(of_bytes(value).map(|(name, text)| (name, text.into_bytes())));
        all.extend(base64(value).map(|text| ("base64", text.into_bytes())));
        if let Ok(text) = std::str::from_utf8(value) {
            all.extend(of_text(text));
        }
        let mut known = BTreeSet::new();
        all.retain(|(_, spelling)| spelling.len() >= BYTES_MIN && known.insert(spelling.clone()));
        all
    }
}

fn of_bytes(value: &[u8]) -> impl Iterator<Item = (&'static str, String)> {
    let each = |write: fn(&mut String, u8)| {
        value.iter().fold(String::new(), |mut out, byte| {
            write(&mut out, *byte);
            out
        })
    };
    let decimal = value.iter().map(u8::to_string).collect::<Vec<_>>();
    let percent = |out: &mut String, byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    };
    let escaped = |out: &mut String, byte: u8| {
        let _ = write!(out, "{}", std::ascii::escape_default(byte));
    };
    let percent = each(percent);
    [
        ("percent", percent.to_ascii_lowercase()),
        ("percent", percent),
        ("bytes escaped", each(escaped)),
        (
            "hex",
            each(|out, byte| {
                let _ = write!(out, "{byte:02x}");
            }),
        ),
        (
            "hex",
            each(|out, byte| {
                let _ = write!(out, "{byte:02X}");
            }),
        ),
        ("decimal list", decimal.join(", ")),
        ("decimal list", decimal.join(",")),
    ]
    .into_iter()
}

/// The characters that do not depend on what stands before or after, at each of the three alignments, in both alphabets.
fn base64(value: &[u8]) -> impl Iterator<Item = String> {
    (0..3usize).flat_map(move |before| {
        let mut shifted = vec![0; before];
        shifted.extend_from_slice(value);
        let from = (before * 8).div_ceil(6);
        let to = shifted.len() * 8 / 6;
        [URL_SAFE_NO_PAD.encode(&shifted), STANDARD.encode(&shifted)].map(|text| text[from..to].to_owned())
    })
}

fn of_text(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let json = |upper: bool| {
        let each = units.iter().map(|unit| if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
        each.collect::<String>().into_bytes()
    };
    let mixed = text.chars().map(|character| {
        if character.is_ascii() { character.to_string() } else { format!("\\u{:04x}", u32::from(character)) }
    });
    let rust: String = text.chars().flat_map(char::escape_unicode).collect();
    vec![
        ("JSON escaped", json(false)),
        ("JSON escaped", json(true)),
        ("JSON escaped", mixed.collect::<String>().into_bytes()),
        ("Rust escaped", rust.into_bytes()),
        ("UTF-16", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
    ]
}

/// Every needle in every place where it may not be; each pair once.
pub(super) fn search<'a>(
    needles: &'a [Needle],
    places: &'a [Place],
    may: impl Fn(&Place, &Needle) -> bool,
) -> Vec<Found<'a>> {
    let spelled: Vec<(usize, &'static str, Vec<u8>)> = needles
        .iter()
        .enumerate()
        .flat_map(|(index, needle)| needle.spellings().into_iter().map(move |(name, bytes)| (index, name, bytes)))
        .collect();
    let finder = AhoCorasick::new(spelled.iter().map(|(_, _, bytes)| bytes)).expect("patterns");
    let mut found = Vec::new();
    for place in places {
        let mut known = BTreeSet::new();
        for hit in finder.find_overlapping_iter(&place.bytes) {
            let (index, spelling, _) = &spelled[hit.pattern().as_usize()];
            let needle = &needles[*index];
            let alone = !needle.is_short_number() || stands_alone(&place.bytes, hit.range());
            if alone && !may(place, needle) && known.insert(*index) {
                let (from, to) = (hit.start().saturating_sub(60), (hit.end() + 60).min(place.bytes.len()));
                let around = String::from_utf8_lossy(&place.bytes[from..to]).into_owned();
                found.push(Found { needle: &needle.name, spelling, place: &place.name, around });
            }
        }
    }
    found
}

/// Whether a number is no part of another: not of a fraction of a second, and not of random letters.
fn stands_alone(bytes: &[u8], range: std::ops::Range<usize>) -> bool {
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at));
    let joined = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
    !joined(before) && !joined(bytes.get(range.end))
}

#[test]
fn a_planted_value_is_found_in_every_spelling() {
    let values =
        [Needle::new("name", "张示例"), Needle::new("number", "000000198802303318"), Needle::new("key", [7; 32])];
    for value in &values {
        for (spelling, bytes) in value.spellings() {
            let mut noise = b"{\"line\":\"INFO request=3f \xff\x00".to_vec();
            noise.extend_from_slice(&bytes);
            noise.extend_from_slice(b"\"}");
            let places = [Place { name: "log".to_owned(), bytes: noise }];
            let found = search(std::slice::from_ref(value), &places, |_, _| false);
            assert_eq!(found.len(), 1, "{} as {spelling}", value.name);
        }
    }
}

#[test]
fn a_value_within_encoded_text_is_found_at_every_alignment() {
    let values = [Needle::new("name", "张示例")];
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{{\"name\":\"张示例\"}}");
        let standard = STANDARD.encode(&text).into_bytes();
        for bytes in [standard, URL_SAFE_NO_PAD.encode(&text).into_bytes()] {
            let places = [Place { name: "token".to_owned(), bytes }];
            assert_eq!(search(&values, &places, |_, _| false).len(), 1, "{text}");
        }
    }
}

#[test]
fn six_digits_count_where_they_stand_alone() {
    let values = [Needle::new("code", "123456")];
    let find = |text: &str| {
        let places = [Place { name: "log".to_owned(), bytes: text.as_bytes().to_vec() }];
        search(&values, &places, |_, _| false).len()
    };
    assert_eq!((find("code=123456 sent"), find("\"123456\"")), (1, 1));
    assert_eq!((find("12:00:00.123456Z"), find("a123456b"), find("1234567")), (0, 0, 0));
}
