//! How an item stands in the index: one document, found by tokens; the item itself stays in memory.

use crate::{
    catalog::{
        item::Entry,
        search::{fold, lexicon::Lexicon, sound::Sound, tokens},
    },
    page::Question,
};
use tantivy::{
    TantivyDocument, Term,
    schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions},
};

/// Raised whenever an item would be indexed otherwise than before.
const FORMAT: &str = "1";

/// The fields of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Implementing code, whole.
    pub(crate) code: Field,
    /// Fingerprint of what was indexed.
    pub(crate) print: Field,
    /// Words of the name.
    pub(crate) name: Field,
    /// Words of the other names.
    pub(crate) others: Field,
    /// Words of unit, kind and topic.
    pub(crate) rest: Field,
    /// Words of conditions and result.
    pub(crate) detail: Field,
    /// Near pairs of characters of the names.
    pub(crate) near: Field,
    /// Pieces of the pinyin of the names.
    pub(crate) letters: Field,
    /// Initials of the names.
    pub(crate) initials: Field,
    /// Pieces of the code.
    pub(crate) pieces: Field,
}

impl Fields {
    /// The schema of the index, and its fields.
    pub(crate) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("whitespace")
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        let mut tokens =
            |name: &str| schema.add_text_field(name, TextOptions::default().set_indexing_options(indexing.clone()));
        let (name, others, rest, detail) = (tokens("name"), tokens("others"), tokens("rest"), tokens("detail"));
        let (near, letters) = (tokens("near"), tokens("letters"));
        let (initials, pieces) = (tokens("initials"), tokens("pieces"));
        let code = schema.add_text_field("code", STRING | FAST);
        let print = schema.add_u64_field("print", FAST);
        (schema.build(), Self { code, print, name, others, rest, detail, near, letters, initials, pieces })
    }

    /// The term by which an item is taken out again.
    pub(crate) fn key(&self, code: &str) -> Term {
        Term::from_field_text(self.code, code)
    }

    /// The document of an item.
    pub(crate) fn document(&self, entry: &Entry, print: u64, lexicon: &Lexicon) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.code, entry.item.summary.code.as_str());
        document.add_u64(self.print, print);
        let mut add = |field, collect: &dyn Fn(&mut Vec<String>)| {
            let mut tokens = Vec::new();
            collect(&mut tokens);
            tokens.sort_unstable();
            tokens.dedup();
            document.add_text(field, tokens.join(" "));
        };
        let names = || std::iter::once(&entry.name).chain(&entry.others);
        let sounds: Vec<Sound> = names().map(|name| Sound::of(name, lexicon)).collect();
        add(self.name, &|list| tokens::words(&entry.name, lexicon, list));
        add(self.others, &|list| entry.others.iter().for_each(|name| tokens::words(name, lexicon, list)));
        add(self.rest, &|list| tokens::words(&entry.rest, lexicon, list));
        add(self.detail, &|list| tokens::words(&detail(entry), lexicon, list));
        add(self.near, &|list| names().for_each(|name| tokens::near(name, list)));
        add(self.letters, &|list| sounds.iter().for_each(|sound| tokens::letters(&sound.letters, list)));
        add(self.initials, &|list| sounds.iter().for_each(|sound| tokens::initials(sound, list)));
        add(self.pieces, &|list| tokens::code(&entry.item.summary.code.as_str().to_ascii_lowercase(), list));
        document
    }
}

/// Fingerprint of everything that is indexed of an item, and of how.
pub(crate) fn print(entry: &Entry, lexicon: u64) -> u64 {
    let (lexicon, others) = (lexicon.to_string(), entry.others.join("\n"));
    let code = entry.item.summary.code.as_str();
    Question::new(&[FORMAT, &lexicon, code, &entry.name, &others, &entry.rest, &detail(entry)]).number()
}

fn detail(entry: &Entry) -> String {
    fold(&format!("{}\n{}", entry.item.conditions.join("\n"), entry.item.outcome))
}
