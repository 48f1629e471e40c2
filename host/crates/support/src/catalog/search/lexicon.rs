//! What the search knows of the language: words that mean the same, words of a question that say nothing, and words that
//! are not read as their characters mostly are. Read once from the files that ship with the product.

use crate::{error::SupportError, page::Question};
use aho_corasick::AhoCorasick;
use std::collections::{HashMap, HashSet};

const SYNONYMS: &str = include_str!("../../../data/search-synonyms.txt");
const STOP_WORDS: &str = include_str!("../../../data/search-stopwords.txt");
const READINGS: &str = include_str!("../../../data/search-readings.txt");
const SYNONYMS_FILE: &str = "search-synonyms.txt";

/// Words, their groups, stop words and readings.
#[derive(Debug)]
pub(crate) struct Lexicon {
    finder: AhoCorasick,
    words: Vec<Word>,
    by_text: HashMap<&'static str, usize>,
    stop: HashSet<&'static str>,
    readings: HashMap<&'static str, Vec<&'static str>>,
    longest_chars: usize,
}

/// A word with the groups in which it stands.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) text: &'static str,
    pub(crate) groups: Vec<usize>,
}

/// A piece of a text without blanks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A word of the groups, by its number.
    Word(usize),
    /// A word that says nothing.
    Stop,
    /// Whatever lies between.
    Rest(&'a [char]),
}

impl Lexicon {
    /// The words that ship with the product. [`SupportError::Data`] if they cannot be searched for.
    pub(crate) fn shipped() -> Result<Self, SupportError> {
        let mut words: Vec<Word> = Vec::new();
        let mut by_text = HashMap::new();
        for (group, line) in lines(SYNONYMS).enumerate() {
            for text in line.split_whitespace() {
                let number = *by_text.entry(text).or_insert(words.len());
                if number == words.len() {
                    words.push(Word { text, groups: Vec::new() });
                }
                words[number].groups.push(group);
            }
        }
        let finder = AhoCorasick::new(words.iter().map(|word| word.text)).map_err(|error| SupportError::Data {
            file: SYNONYMS_FILE,
            entry: 0,
            why: error.to_string(),
        })?;
        let stop: HashSet<&str> = lines(STOP_WORDS).flat_map(str::split_whitespace).collect();
        let longest_chars = by_text.keys().chain(&stop).map(|text| text.chars().count()).max().unwrap_or(1);
        Ok(Self { finder, words, by_text, stop, readings: readings(), longest_chars })
    }

    /// Fingerprint of everything that decides how an item is indexed.
    pub(crate) fn print() -> u64 {
        Question::new(&[SYNONYMS, READINGS]).number()
    }

    /// The word with this number.
    pub(crate) fn word(&self, number: usize) -> &Word {
        &self.words[number]
    }

    /// Whether this is a word of a group or one that says nothing.
    pub(crate) fn knows(&self, text: &str) -> bool {
        self.by_text.contains_key(text) || self.stop.contains(text)
    }

    /// Number of groups that have this word, and all words of a text, also those that lie in one another.
    pub(crate) fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a Word> {
        self.finder.find_overlapping_iter(text).map(|found| &self.words[found.pattern().as_usize()])
    }

    /// How the first characters are read if they are a word that is not read as its characters mostly are.
    pub(crate) fn reading(&self, characters: &[char]) -> Option<&[&'static str]> {
        (1..=3.min(characters.len())).rev().find_map(|length| {
            let text: String = characters[..length].iter().collect();
            self.readings.get(text.as_str()).map(Vec::as_slice)
        })
    }

    /// Cuts a text into known words and what lies between: as much as possible in long words, few single characters left.
    pub(crate) fn cut<'a>(&self, text: &'a [char]) -> Vec<Piece<'a>> {
        // best[i]: worth of the best cut of the first i characters, and the length of its last piece.
        let mut best: Vec<(i64, usize)> = vec![(0, 0)];
        for end in 1..=text.len() {
            let left_over = (best[end - 1].0 - 2, 1);
            let known = (1..=self.longest_chars.min(end)).filter_map(|length| {
                let piece: String = text[end - length..end].iter().collect();
                let worth = (length * length * 2) as i64 + i64::from(self.by_text.contains_key(piece.as_str())) - 1;
                self.knows(&piece).then(|| (best[end - length].0 + worth, length))
            });
            best.push(known.fold(left_over, |one, other| if other.0 >= one.0 { other } else { one }));
        }
        self.pieces(text, &best)
    }

    fn pieces<'a>(&self, text: &'a [char], best: &[(i64, usize)]) -> Vec<Piece<'a>> {
        let (mut pieces, mut end, mut rest_end) = (Vec::new(), text.len(), text.len());
        while end > 0 {
            let start = end - best[end].1;
            let piece: String = text[start..end].iter().collect();
            if self.knows(&piece) {
                if end < rest_end {
                    pieces.push(Piece::Rest(&text[end..rest_end]));
                }
                pieces.push(self.by_text.get(piece.as_str()).map_or(Piece::Stop, |number| Piece::Word(*number)));
                rest_end = start;
            }
            end = start;
        }
        if rest_end > 0 {
            pieces.push(Piece::Rest(&text[..rest_end]));
        }
        pieces.reverse();
        pieces
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn readings() -> HashMap<&'static str, Vec<&'static str>> {
    lines(READINGS)
        .filter_map(|line| {
            let mut parts = line.split_whitespace();
            Some((parts.next()?, parts.collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let lexicon = Lexicon::shipped().expect("lexicon");
        let characters: Vec<char> = text.chars().collect();
        let show = |piece: Piece<'_>| match piece {
            Piece::Word(number) => lexicon.word(number).text.to_owned(),
            Piece::Stop => "-".to_owned(),
            Piece::Rest(rest) => format!("?{}", rest.iter().collect::<String>()),
        };
        lexicon.cut(&characters).into_iter().map(show).collect()
    }

    #[test]
    fn long_words_are_preferred_and_words_of_a_question_are_marked() {
        assert_eq!(cut("我想查社会保险"), ["-", "查", "社会保险"]);
        assert_eq!(cut("居住证明"), ["居住证", "?明"]);
        assert_eq!(cut("护照怎么办理"), ["护照", "-"]);
        assert_eq!(cut("甲乙护照丙"), ["?甲乙", "护照", "?丙"]);
        assert_eq!(cut(""), Vec::<String>::new());
    }

    #[test]
    fn at_least_150_groups_ship_each_with_two_words_and_no_word_twice_in_one() {
        let groups: Vec<&str> = lines(SYNONYMS).collect();
        assert!(groups.len() >= 150, "{}", groups.len());
        for line in groups {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert!(words.len() >= 2, "{line}");
            assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len(), "{line}");
        }
    }

    #[test]
    fn every_reading_has_one_syllable_a_character() {
        for (word, syllables) in readings() {
            assert_eq!(word.chars().count(), syllables.len(), "{word}");
        }
    }
}
