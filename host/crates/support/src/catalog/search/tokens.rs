//! The tokens under which an item stands in the index and by which a query looks it up; both sides use the same functions.

use super::{lexicon::Lexicon, sound::Sound};

/// Characters of a piece of a code that is looked up.
pub(crate) const CODE_GRAM: usize = 4;
/// Letters of a piece of pinyin that is looked up.
const LETTER_GRAM: usize = 3;

/// Runs of characters of one kind: letters and digits (`true`), or other characters that make words; the rest separates.
pub(crate) fn runs(text: &str) -> Vec<(bool, Vec<char>)> {
    let mut runs: Vec<(bool, Vec<char>)> = Vec::new();
    let mut open = false;
    for character in text.chars() {
        let latin = character.is_ascii_alphanumeric();
        if !latin && (character.is_ascii() || !character.is_alphanumeric()) {
            open = false;
            continue;
        }
        match runs.last_mut() {
            Some((kind, run)) if open && *kind == latin => run.push(character),
            _ => runs.push((latin, vec![character])),
        }
        open = true;
    }
    runs
}

/// Single characters, pairs of neighbours, runs of letters, known words (`=`) and their groups (`~`).
pub(crate) fn words(text: &str, lexicon: &Lexicon, tokens: &mut Vec<String>) {
    for (latin, run) in runs(text) {
        if latin {
            tokens.push(run.into_iter().collect());
            continue;
        }
        tokens.extend(run.iter().map(char::to_string));
        tokens.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
    }
    for word in lexicon.find_all(text) {
        tokens.push(exact(word.text));
        tokens.extend(word.groups.iter().map(|group| same(*group)));
    }
}

/// The token of a known word.
pub(crate) fn exact(word: &str) -> String {
    format!("={word}")
}

/// The token of a group of words.
pub(crate) fn same(group: usize) -> String {
    format!("~{group}")
}

/// Pairs of characters that stand beside each other or with one between, whichever comes first: what is left of a word when
/// a character of it is wrong, missing or swapped.
pub(crate) fn near(text: &str, tokens: &mut Vec<String>) {
    for (_, run) in runs(text) {
        for (at, first) in run.iter().enumerate() {
            for second in run.iter().skip(at + 1).take(2) {
                let (low, high) = if first <= second { (first, second) } else { (second, first) };
                tokens.push([*low, *high].iter().collect());
            }
        }
    }
}

/// Pieces of the letters.
pub(crate) fn letters(letters: &str, tokens: &mut Vec<String>) {
    grams(letters, LETTER_GRAM, tokens);
}

/// Single initials and pairs of them.
pub(crate) fn initials(sound: &Sound, tokens: &mut Vec<String>) {
    grams(&sound.initials, 1, tokens);
    grams(&sound.initials, 2, tokens);
}

/// Pieces of a code.
pub(crate) fn code(code: &str, tokens: &mut Vec<String>) {
    grams(code, CODE_GRAM, tokens);
}

/// Pieces of so many bytes of an ASCII text.
pub(crate) fn grams(text: &str, length: usize, tokens: &mut Vec<String>) {
    tokens.extend((length..=text.len()).filter_map(|end| text.get(end - length..end)).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_at_punctuation_and_where_letters_begin() {
        let shown: Vec<(bool, String)> =
            runs("往来（港澳）ai补贴 3岁").into_iter().map(|(kind, run)| (kind, run.into_iter().collect())).collect();
        let expected = [(false, "往来"), (false, "港澳"), (true, "ai"), (false, "补贴"), (true, "3"), (false, "岁")];
        assert_eq!(shown, expected.map(|(kind, run)| (kind, run.to_owned())));
    }

    #[test]
    fn near_pairs_survive_one_wrong_and_one_swapped_character() {
        let pairs = |text: &str| {
            let mut tokens = Vec::new();
            near(text, &mut tokens);
            tokens
        };
        let right = pairs("居住证");
        for wrong in ["居往证", "住居证", "居证"] {
            assert!(pairs(wrong).iter().any(|pair| right.contains(pair)), "{wrong}");
        }
    }
}
