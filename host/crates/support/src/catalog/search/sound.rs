//! How a text sounds: its pinyin without tones, and the first letters. Letters and digits stand for themselves.

use super::lexicon::Lexicon;
use pinyin::ToPinyin;

/// A text as its letters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// All syllables in a row, ASCII.
    pub(crate) letters: String,
    /// The first letter of every syllable; letters and digits of the text are all there.
    pub(crate) initials: String,
    /// For every byte of the letters, and for their end, whether a syllable begins there.
    pub(crate) starts: Vec<bool>,
}

impl Sound {
    /// How a folded text sounds; characters without a sound are left out.
    pub(crate) fn of(text: &str, lexicon: &Lexicon) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let mut sound = Self { letters: String::new(), initials: String::new(), starts: Vec::new() };
        let (mut at, mut in_run) = (0, false);
        while at < characters.len() {
            let character = characters[at];
            if character.is_ascii_alphanumeric() {
                sound.push(character.encode_utf8(&mut [0; 4]), !in_run);
                (at, in_run) = (at + 1, true);
                continue;
            }
            in_run = false;
            if let Some(syllables) = lexicon.reading(&characters[at..]) {
                syllables.iter().for_each(|syllable| sound.push(syllable, true));
                at += syllables.len();
                continue;
            }
            if let Some(read) = character.to_pinyin() {
                sound.push(&read.plain().replace('ü', "v"), true);
            }
            at += 1;
        }
        sound.starts.push(true);
        sound
    }

    fn push(&mut self, syllable: &str, begins: bool) {
        let Some(first) = syllable.chars().next().filter(|_| syllable.is_ascii()) else { return };
        self.starts.push(begins);
        self.starts.extend(std::iter::repeat_n(false, syllable.len() - 1));
        self.letters.push_str(syllable);
        self.initials.push(first);
    }

    /// Whether the letters are heard here from the beginning of a syllable on, to the end of one if `to_the_end`.
    pub(crate) fn has(&self, letters: &str, to_the_end: bool) -> bool {
        self.letters
            .match_indices(letters)
            .any(|(at, _)| self.starts[at] && (!to_the_end || self.starts[at + letters.len()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(text: &str) -> Sound {
        Sound::of(text, &Lexicon::shipped().expect("lexicon"))
    }

    #[test]
    fn characters_are_read_and_letters_stand_for_themselves() {
        let read = sound("ai补贴（女）12");
        assert_eq!((read.letters.as_str(), read.initials.as_str()), ("aibutienv12", "aibtn12"));
        let begins: Vec<usize> = (0..read.starts.len()).filter(|at| read.starts[*at]).collect();
        assert_eq!(begins, [0, 2, 4, 7, 9, 11]);
    }

    #[test]
    fn words_that_are_read_otherwise_are_known() {
        assert_eq!(sound("银行调解还款").letters, "yinhangtiaojiehuankuan");
    }

    #[test]
    fn letters_are_heard_from_the_beginning_of_a_syllable_on() {
        let read = sound("公积金");
        assert!(
            read.has("gongji", true) && read.has("jij", false) && !read.has("jij", true) && !read.has("ongji", false)
        );
    }
}
