//! How well every item answers every word of a query, from 0 to 1. Wholly made of what the index and the names say, not of
//! how often: the same items give the same scores whenever they were indexed.

use super::{
    mistake::{allowed, mistakes},
    question::{self, Concept, Word},
    sound::Sound,
    tokens,
};
use crate::catalog::{index::Snapshot, item::Entry};
use std::collections::HashMap;
use tantivy::{TantivyError, schema::Field};

/// The name begins with the word.
const BEGINS: f32 = 1.0;
/// The word is one of the other names.
const OTHER_NAME: f32 = 0.9;
/// The word stands in the name.
const IN_NAME: f32 = 0.8;
/// The word stands in one of the other names.
const IN_OTHER_NAME: f32 = 0.7;
/// Every concept of the word is there in one form or another.
const CONCEPTS: f32 = 0.65;
/// The word sounds the same; less for each mistake, and a little less if it is one of the other names.
const MISTAKEN: f32 = 0.6;
const MISTAKE: f32 = 0.1;
const MISTAKEN_OTHER: f32 = 0.05;
/// Less of the concepts is no answer.
const COVER_LEAST: f32 = 0.34;
/// The same for a whole sentence, much of which tells the story around what is looked for.
const COVER_OF_SENTENCE_LEAST: f32 = 0.15;
/// Longer words are sentences, in characters.
const WORD_CHARS_MAX: usize = 9;
/// Half as much as the best answer has is no answer either.
const COVER_OF_BEST: f32 = 0.5;
/// So much of a word is understood as it is typed; else mistakes are looked for.
const UNDERSTOOD: f32 = 0.8;
/// Most names that are compared letter by letter for one word.
const COMPARED_MAX: usize = 4000;

/// Scores of one word by item; 0 is no answer.
pub(crate) type Scores = Vec<f32>;

/// Scores words against the index of one moment.
pub(crate) struct Scorer<'a> {
    pub(crate) index: &'a Snapshot,
    pub(crate) entries: &'a [Entry],
}

impl Scorer<'_> {
    /// The scores of a word. Letters that were typed apart may answer as several words.
    pub(crate) fn score(&self, word: &Word) -> Result<Vec<Scores>, TantivyError> {
        match word {
            Word::Code(code) => {
                let scores = self.code(code)?;
                if is_answered(&scores) { Ok(vec![scores]) } else { Ok(vec![self.letters(code)?]) }
            }
            Word::Letters(parts) => {
                let joined = self.letters(&parts.concat())?;
                if parts.len() == 1 || is_answered(&joined) {
                    return Ok(vec![joined]);
                }
                parts.iter().map(|part| self.letters(part)).collect()
            }
            Word::Text(text) => Ok(vec![self.text(text)?]),
        }
    }

    fn code(&self, code: &str) -> Result<Scores, TantivyError> {
        let mut pieces = Vec::new();
        tokens::code(code, &mut pieces);
        let mut scores = vec![0.0; self.entries.len()];
        for item in self.with_all(self.index.fields.pieces, pieces)? {
            let own = self.entries[item].item.summary.code.as_str().to_ascii_lowercase();
            if own.contains(code) {
                scores[item] = if own.ends_with(code) { BEGINS } else { OTHER_NAME };
            }
        }
        Ok(scores)
    }

    /// Initials and pinyin of names; with mistakes if nothing answers.
    fn letters(&self, word: &str) -> Result<Scores, TantivyError> {
        let mut scores = vec![0.0; self.entries.len()];
        let mut seen = HashMap::new();
        let (mut initials, mut letters) = (Vec::new(), Vec::new());
        tokens::grams(word, word.len().min(2), &mut initials);
        tokens::letters(word, &mut letters);
        let by_initials = self.with_all(self.index.fields.initials, initials)?;
        let by_letters =
            if letters.is_empty() { Vec::new() } else { self.with_all(self.index.fields.letters, letters)? };
        for item in by_initials.into_iter().chain(by_letters) {
            scores[item] = self.by_wording(&mut seen, item, |sounds, _| as_letters(sounds, word));
        }
        if !is_answered(&scores) && allowed(word.len() / 2) > 0 {
            let mut pieces = Vec::new();
            tokens::letters(word, &mut pieces);
            self.nearly(&mut scores, (self.index.fields.letters, pieces), 3, |sounds, _| {
                let heard = |sound: &Sound| {
                    let begins = |at: usize| sound.starts[at];
                    mistakes(word.as_bytes(), sound.letters.as_bytes(), allowed(word.len() / 2), begins)
                };
                mistaken(sounds.iter().map(heard))
            })?;
        }
        Ok(scores)
    }

    /// Concepts, then where in the names the word stands, then mistakes.
    fn text(&self, word: &str) -> Result<Scores, TantivyError> {
        let concepts = question::concepts(word, &self.index.lexicon);
        let mut cover = self.cover(&concepts)?;
        let mut best = cover.iter().copied().fold(0.0, f32::max);
        if best < UNDERSTOOD && self.mend(&concepts, &mut cover)? {
            best = cover.iter().copied().fold(0.0, f32::max);
        }
        let is_sentence = word.chars().count() > WORD_CHARS_MAX;
        let least = (if is_sentence { COVER_OF_SENTENCE_LEAST } else { COVER_LEAST }).max(best * COVER_OF_BEST);
        let mut seen = HashMap::new();
        for (item, cover) in cover.iter_mut().enumerate().filter(|(_, cover)| **cover > 0.0) {
            let in_names = if *cover < least {
                0.0
            } else {
                self.by_wording(&mut seen, item, |_, entry| in_names(entry, word)).max(*cover * CONCEPTS)
            };
            *cover = in_names;
        }
        if best < UNDERSTOOD {
            self.misspelt(word, &mut cover)?;
        }
        Ok(cover)
    }

    /// How much of the concepts each item has, weighed by how rare they are.
    fn cover(&self, concepts: &[Concept]) -> Result<Scores, TantivyError> {
        let fields = &self.index.fields;
        let mut cover = vec![0.0; self.entries.len()];
        let mut stamps = vec![0_u32; self.entries.len()];
        let mut whole = 0.0;
        for (stamp, concept) in (1..).zip(concepts) {
            let groups: Vec<String> = concept.groups.iter().map(|group| tokens::same(*group)).collect();
            let weight = concept.share * self.rareness(&concept.token, &groups)?;
            whole += weight;
            let exact = [(fields.name, 1.0), (fields.others, 0.95)].map(|(field, part)| (field, &concept.token, part));
            let alike = [(fields.name, 0.85), (fields.others, 0.8)];
            let weak = [(fields.rest, 0.6), (fields.detail, 0.25)];
            let words = std::iter::once(&concept.token).chain(&groups);
            let ways = exact
                .into_iter()
                .chain(alike.into_iter().flat_map(|(field, part)| groups.iter().map(move |group| (field, group, part))))
                .chain(weak.into_iter().flat_map(|(field, part)| words.clone().map(move |word| (field, word, part))));
            for (field, token, part) in ways {
                self.index.each(field, token, |item| {
                    if stamps[item] != stamp {
                        stamps[item] = stamp;
                        cover[item] += weight * part;
                    }
                })?;
            }
        }
        cover.iter_mut().for_each(|part| *part /= f32::max(whole, f32::MIN_POSITIVE));
        Ok(cover)
    }

    /// From 1 for what hardly any item has to 0.1 for what all have; 0.3 for what no item has. In steps of 1/16, so that
    /// documents that wait to be merged away hardly matter.
    fn rareness(&self, token: &str, groups: &[String]) -> Result<f32, TantivyError> {
        let fields = &self.index.fields;
        let mut most = 0;
        for token in std::iter::once(token).chain(groups.iter().map(String::as_str)) {
            for field in [fields.name, fields.others, fields.rest] {
                most = most.max(self.index.frequency(field, token)?);
            }
        }
        if most == 0 {
            return Ok(0.3);
        }
        let all = self.entries.len() as f32;
        let rare = (1.0 + all / most as f32).ln() / (1.0 + all).ln();
        Ok(((rare * 16.0).round() / 16.0).clamp(0.1, 1.0))
    }

    /// Pieces of the word that no item has are looked up by how they sound and by what is left of them.
    fn mend(&self, concepts: &[Concept], cover: &mut Scores) -> Result<bool, TantivyError> {
        let mut mended = false;
        let mut done: Vec<&str> = Vec::new();
        let pieces: Vec<&str> = concepts.iter().filter_map(|concept| concept.rest.as_deref()).collect();
        if concepts.len() == pieces.len() && pieces.iter().all(|piece| *piece == pieces[0]) {
            return Ok(false);
        }
        for piece in pieces {
            if done.contains(&piece) || self.is_written(piece)? {
                continue;
            }
            done.push(piece);
            let share = concepts.iter().filter(|concept| concept.rest.as_deref() == Some(piece)).count() as f32
                / concepts.len() as f32;
            let mut scores = vec![0.0; self.entries.len()];
            self.misspelt(piece, &mut scores)?;
            for (cover, score) in cover.iter_mut().zip(scores).filter(|(_, score)| *score > 0.0) {
                *cover = (*cover + share * score).min(1.0);
                mended = true;
            }
        }
        Ok(mended)
    }

    fn is_written(&self, piece: &str) -> Result<bool, TantivyError> {
        let characters: Vec<char> = piece.chars().collect();
        for pair in characters.windows(2) {
            let pair: String = pair.iter().collect();
            let (name, others) = (self.index.fields.name, self.index.fields.others);
            if self.index.frequency(name, &pair)? + self.index.frequency(others, &pair)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Names that sound the same, and names that are the same but for a character or two.
    fn misspelt(&self, word: &str, scores: &mut Scores) -> Result<(), TantivyError> {
        let characters: Vec<char> = word.chars().filter(|character| character.is_alphanumeric()).collect();
        if characters.len() < 2 {
            return Ok(());
        }
        let sound = Sound::of(word, &self.index.lexicon).letters;
        let mut pieces = Vec::new();
        tokens::letters(&sound, &mut pieces);
        if !pieces.is_empty() {
            let mut seen = HashMap::new();
            for item in self.with_all(self.index.fields.letters, pieces)? {
                let score = self.by_wording(&mut seen, item, |sounds, _| {
                    mistaken(sounds.iter().map(|heard| heard.has(&sound, true).then_some(0)))
                });
                scores[item] = scores[item].max(score);
            }
        }
        let most = allowed(characters.len());
        if most == 0 {
            return Ok(());
        }
        let mut pairs = Vec::new();
        tokens::near(word, &mut pairs);
        let least = pairs.len().saturating_sub(most * 4).max(1);
        self.nearly(scores, (self.index.fields.near, pairs), least, |_, entry| {
            let names = std::iter::once(&entry.name).chain(&entry.others);
            mistaken(names.map(|name| mistakes(&characters, &name.chars().collect::<Vec<char>>(), most, |_| true)))
        })
    }

    /// Scores the items that have at least so many of the tokens, those with the most first, up to a number of wordings.
    fn nearly(
        &self,
        scores: &mut Scores,
        (field, mut pieces): (Field, Vec<String>),
        least: usize,
        score: impl Fn(&[Sound], &Entry) -> f32,
    ) -> Result<(), TantivyError> {
        pieces.sort_unstable();
        pieces.dedup();
        let mut counts = vec![0_u16; self.entries.len()];
        for piece in &pieces {
            self.index.each(field, piece, |item| counts[item] += 1)?;
        }
        let mut items: Vec<usize> = (0..counts.len()).filter(|item| usize::from(counts[*item]) >= least).collect();
        items.sort_by_key(|item| (std::cmp::Reverse(counts[*item]), *item));
        let mut seen = HashMap::new();
        for item in items {
            if seen.len() >= COMPARED_MAX && !seen.contains_key(&self.index.facts[item].wording) {
                continue;
            }
            scores[item] = scores[item].max(self.by_wording(&mut seen, item, &score));
        }
        Ok(())
    }

    /// Items that have all of the tokens.
    fn with_all(&self, field: Field, mut pieces: Vec<String>) -> Result<Vec<usize>, TantivyError> {
        pieces.sort_unstable();
        pieces.dedup();
        let mut order = Vec::new();
        for piece in &pieces {
            order.push((self.index.frequency(field, piece)?, piece));
        }
        order.sort_unstable();
        let mut counts = vec![0_u16; self.entries.len()];
        for ((frequency, piece), turn) in order.iter().zip(0_u16..) {
            if *frequency == 0 {
                return Ok(Vec::new());
            }
            self.index.each(field, piece, |item| {
                if counts[item] == turn {
                    counts[item] += 1;
                }
            })?;
        }
        let all = u16::try_from(order.len()).unwrap_or(u16::MAX);
        Ok(if all == 0 { Vec::new() } else { (0..counts.len()).filter(|item| counts[*item] == all).collect() })
    }

    /// A score that depends on the names alone, worked out once for all items that have the same.
    fn by_wording(&self, seen: &mut HashMap<u32, f32>, item: usize, score: impl Fn(&[Sound], &Entry) -> f32) -> f32 {
        let wording = self.index.facts[item].wording;
        *seen.entry(wording).or_insert_with(|| score(self.index.sounds(wording, self.entries), &self.entries[item]))
    }
}

fn is_answered(scores: &Scores) -> bool {
    scores.iter().any(|score| *score > 0.0)
}

/// The score of the best of the names by the number of its mistakes; the first is the name itself.
fn mistaken(names: impl Iterator<Item = Option<usize>>) -> f32 {
    let score = |(number, mistakes): (usize, Option<usize>)| {
        let other = if number == 0 { 0.0 } else { MISTAKEN_OTHER };
        mistakes.map_or(0.0, |mistakes| MISTAKEN - MISTAKE * mistakes as f32 - other)
    };
    names.enumerate().map(score).fold(0.0, f32::max)
}

fn in_names(entry: &Entry, word: &str) -> f32 {
    if entry.name.starts_with(word) {
        BEGINS
    } else if entry.others.iter().any(|name| name == word) {
        OTHER_NAME
    } else if entry.name.contains(word) {
        IN_NAME
    } else if entry.others.iter().any(|name| name.contains(word)) {
        IN_OTHER_NAME
    } else {
        0.0
    }
}

/// As pinyin or as initials; the first sound is that of the name. Initials say less than pinyin: many words share them.
fn as_letters(sounds: &[Sound], word: &str) -> f32 {
    let one = |(number, sound): (usize, &Sound)| {
        let (begins, within) = if number == 0 { (BEGINS, IN_NAME) } else { (IN_NAME, IN_OTHER_NAME) };
        if sound.letters == word || sound.initials == word {
            begins.max(OTHER_NAME)
        } else if sound.letters.starts_with(word) {
            begins
        } else if sound.initials.starts_with(word) {
            begins.min(OTHER_NAME)
        } else if sound.has(word, true) {
            within
        } else if sound.has(word, false) || sound.initials.contains(word) {
            within - MISTAKE
        } else {
            0.0
        }
    };
    sounds.iter().enumerate().map(one).fold(0.0, f32::max)
}
