//! What a text asks for: codes, words of letters (pinyin, initials), and words of characters.

use super::{
    lexicon::{Lexicon, Piece},
    tokens::{self, CODE_GRAM},
};

/// A word of a query, separated by blanks from the others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Letters and digits with at least one digit, four or more: a part of a code if there is such a code.
    Code(String),
    /// Letters: initials or pinyin. Neighbours are joined (`jie hun`); they stand apart if that finds nothing.
    Letters(Vec<String>),
    /// Anything else, with the concepts that it is made of.
    Text(String),
}

/// Longest code that items have.
const CODE_BYTES: usize = 31;

/// The words of a folded text. Punctuation parts no words: the clauses of a sentence are answered together.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for part in text.split_whitespace() {
        if !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            words.push(Word::Text(part.to_owned()));
        } else if part.len() >= CODE_GRAM && part.bytes().any(|byte| byte.is_ascii_digit()) {
            words.push(Word::Code(part[..part.len().min(CODE_BYTES)].to_owned()));
        } else if let Some(Word::Letters(parts)) = words.last_mut() {
            parts.push(part.to_owned());
        } else {
            words.push(Word::Letters(vec![part.to_owned()]));
        }
    }
    words
}

/// A part of a word with the tokens that stand for it.
#[derive(Debug, PartialEq)]
pub(crate) struct Concept {
    /// The token as it is typed.
    pub(crate) token: String,
    /// Groups of words that mean the same.
    pub(crate) groups: Vec<usize>,
    /// How much it says beside others of its frequency: 0 to 1.
    pub(crate) share: f32,
    /// The piece of the text that it belongs to, if that is no known word.
    pub(crate) rest: Option<String>,
}

const WORD_SHARE: f32 = 1.0;
const PAIR_SHARE: f32 = 0.6;
const SINGLE_SHARE: f32 = 0.3;

/// The concepts of a word. Words that say nothing are left out unless there is nothing else.
pub(crate) fn concepts(word: &str, lexicon: &Lexicon) -> Vec<Concept> {
    let mut found = Vec::new();
    let runs = tokens::runs(word);
    for (latin, run) in &runs {
        if *latin {
            found.push(concept(run.iter().collect(), WORD_SHARE, None));
            continue;
        }
        for piece in lexicon.cut(run) {
            match piece {
                Piece::Stop => {}
                Piece::Word(number) => found.push(known(number, lexicon)),
                Piece::Rest(rest) => found.extend(unknown(rest)),
            }
        }
    }
    if found.is_empty() {
        found = runs.iter().flat_map(|(_, run)| unknown(run)).collect();
    }
    found
}

fn known(number: usize, lexicon: &Lexicon) -> Concept {
    let word = lexicon.word(number);
    let single = word.text.chars().nth(1).is_none();
    Concept {
        token: if single { word.text.to_owned() } else { tokens::exact(word.text) },
        groups: word.groups.clone(),
        share: if single { SINGLE_SHARE } else { WORD_SHARE },
        rest: None,
    }
}

fn unknown(rest: &[char]) -> Vec<Concept> {
    match rest {
        [single] => vec![concept(single.to_string(), SINGLE_SHARE, None)],
        rest => {
            let text: String = rest.iter().collect();
            let pair = |pair: &[char]| concept(pair.iter().collect(), PAIR_SHARE, Some(text.clone()));
            rest.windows(2).map(pair).collect()
        }
    }
}

fn concept(token: String, share: f32, rest: Option<String>) -> Concept {
    Concept { token, groups: Vec::new(), share, rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_letters_and_text_are_told_apart_and_letters_are_joined() {
        let found = words("jie hun 社保卡（补） s0302 12 ai补");
        let text = |text: &str| Word::Text(text.to_owned());
        let letters = |parts: &[&str]| Word::Letters(parts.iter().map(|part| (*part).to_owned()).collect());
        let expected = [
            letters(&["jie", "hun"]),
            text("社保卡（补）"),
            Word::Code("s0302".to_owned()),
            letters(&["12"]),
            text("ai补"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn words_of_a_question_are_left_out_unless_there_is_nothing_else() {
        let lexicon = Lexicon::shipped().expect("lexicon");
        let shown =
            |word: &str| -> Vec<String> { concepts(word, &lexicon).into_iter().map(|concept| concept.token).collect() };
        assert_eq!(shown("护照怎么办理"), ["=护照"]);
        assert_eq!(shown("怎么办"), ["怎么", "么办"]);
        assert_eq!(shown("甲乙丙"), ["甲乙", "乙丙"]);
    }
}
