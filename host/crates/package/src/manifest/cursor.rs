//! Walks through the JSON of a manifest and keeps every mistake on the way, each with its JSON pointer (RFC 6901). The
//! readers of the members use it.

use serde_json::{Map, Value};
use std::{fmt::Display, ops::RangeInclusive};
use yizhan_domain::Finding;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) findings: Vec<Finding>,
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: String,
}

/// An object and its place.
#[derive(Debug, Clone)]
pub(super) struct Object<'a> {
    pub(super) members: &'a Map<String, Value>,
    pub(super) pointer: String,
}

impl<'a> Object<'a> {
    /// The member of this name, if it is there.
    pub(super) fn get(&self, name: &str) -> Option<At<'a>> {
        self.members.get(name).map(|value| At { value, pointer: self.place(name) })
    }

    /// Pointer of a member.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }
}

impl Reader {
    /// Keeps a mistake.
    pub(super) fn refuse(&mut self, code: &str, pointer: &str, why: impl Display, fix: impl Display) {
        let finding = Finding::error(&format!("manifest.{code}"), crate::MANIFEST_PATH);
        self.findings.push(finding.at(pointer).why(why.to_string()).fix(fix.to_string()));
    }

    /// A member that must be there.
    pub(super) fn member<'a>(&mut self, object: &Object<'a>, name: &str) -> Option<At<'a>> {
        let found = object.get(name);
        if found.is_none() {
            let fix = format!("add the member {name:?}");
            self.refuse("member-missing", &object.place(name), format_args!("the member {name:?} is missing"), fix);
        }
        found
    }

    /// Refuses members of an object of ours that are not among the known ones.
    pub(super) fn known(&mut self, object: &Object<'_>, known: &[&str]) {
        for name in object.members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.unknown_member(object, name, known);
        }
    }

    /// Refuses one member, naming the one that is probably meant.
    pub(super) fn unknown_member(&mut self, object: &Object<'_>, name: &str, known: &[&str]) {
        let why = format!("{name:?} is not a member that this platform knows; known are {}", known.join(", "));
        let fix = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("write {meant:?} if that is meant, or take the member away"),
            None => "take the member away".to_owned(),
        };
        self.refuse("member-unknown", &object.place(name), why, fix);
    }

    /// Text of a number of characters, without control characters and not blank.
    pub(super) fn text(&mut self, at: &At<'_>, characters: RangeInclusive<usize>) -> Option<String> {
        let text = self.string(at)?;
        let (min, max) = (characters.start(), characters.end());
        let found = text.chars().count();
        if !characters.contains(&found) || text.trim().is_empty() {
            let why = if text.trim().is_empty() { "is blank".to_owned() } else { format!("has {found} characters") };
            let why = format!("{why}; {min} to {max} characters are allowed");
            self.refuse("text-length", &at.pointer, why, "shorten the text, or say something");
            return None;
        }
        if let Some(character) = text.chars().find(|character| hides_text(*character)) {
            let why = format!("has the control character U+{:04X}", u32::from(character));
            self.refuse(
                "text-characters",
                &at.pointer,
                why,
                "take the character away: plain text on one line is allowed",
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// Any text.
    pub(super) fn string<'a>(&mut self, at: &At<'a>) -> Option<&'a str> {
        at.value.as_str().or_else(|| self.wrong_type(at, "a text"))
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, at: &At<'_>, bounds: RangeInclusive<u32>, unit: &str) -> Option<u32> {
        if !at.value.is_i64() && !at.value.is_u64() {
            return self.wrong_type(at, "a whole number");
        }
        let number = at.value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|it| bounds.contains(it));
        if number.is_none() {
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            let why = format!("is {}{unit}; {} to {} is allowed", at.value, bounds.start(), bounds.end());
            self.refuse("out-of-range", &at.pointer, why, "write a number within the bounds");
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, at: &At<'_>) -> Option<bool> {
        at.value.as_bool().or_else(|| self.wrong_type(at, "true or false"))
    }

    /// An object.
    pub(super) fn object<'a>(&mut self, at: &At<'a>) -> Option<Object<'a>> {
        let members = at.value.as_object().or_else(|| self.wrong_type(at, "an object"))?;
        Some(Object { members, pointer: at.pointer.clone() })
    }

    /// A list of at most so many values.
    pub(super) fn list<'a>(&mut self, at: &At<'a>, max: usize) -> Option<Vec<At<'a>>> {
        let items = at.value.as_array().or_else(|| self.wrong_type(at, "a list"))?;
        if items.len() > max {
            let why = format!("has {} entries; at most {max} are allowed", items.len());
            self.refuse("list-length", &at.pointer, why, "take entries away");
            return None;
        }
        let place = |(index, value)| At { value, pointer: format!("{}/{index}", at.pointer) };
        Some(items.iter().enumerate().map(place).collect())
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, at: &At<'_>, choices: &[(&str, T)]) -> Option<T> {
        let text = self.string(at)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let why = format!("is {text:?}; allowed are {}", words.join(", "));
            let fix = match nearest(text, words.into_iter()) {
                Some(meant) => format!("write {meant:?} if that is meant"),
                None => "write one of the allowed words".to_owned(),
            };
            self.refuse("value-unknown", &at.pointer, why, fix);
        }
        found
    }

    fn wrong_type<T>(&mut self, at: &At<'_>, allowed: &str) -> Option<T> {
        let found = match at.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        let found =
            if matches!(at.value, Value::Number(_)) { format!("{found} ({})", at.value) } else { found.to_owned() };
        self.refuse("wrong-type", &at.pointer, format!("is {found}; {allowed} is allowed"), format!("write {allowed}"));
        None
    }
}

/// Control characters, and those that turn the direction of the text around them and so can make a page say another thing.
fn hides_text(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The candidate that differs least, by at most a third of its characters (by two where it has four or five).
pub(super) fn nearest<'a>(found: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = candidates.map(|candidate| (distance(found, candidate), candidate)).min()?;
    let allowed = match near.1.len() {
        0..4 => 1,
        4..6 => 2,
        characters => characters / 3,
    };
    (near.0 <= allowed).then_some(near.1)
}

/// Levenshtein distance, of texts cut to 64 characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let words = ["gov_items", "gov_access", "gov_owner"];
        assert_eq!(nearest("gov_item", words.into_iter()), Some("gov_items"));
        assert_eq!(nearest("gov_acces", words.into_iter()), Some("gov_access"));
        assert_eq!(nearest("gov_telemetry", words.into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn pointers_escape_slash_and_tilde() {
        let members = Map::new();
        let object = Object { members: &members, pointer: "/gov_config".to_owned() };
        assert_eq!(object.place("a/b~c"), "/gov_config/a~1b~0c");
    }
}
