//! The peer: SQLite FTS5, with its trigram tokenizer, and with characters in pairs that are made before (SQLite has no
//! Chinese words). Rows by rank, the name weighing most.

use crate::{items::Row, queries::Query};
use rusqlite::Connection;
use std::path::Path;

/// How the text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// By SQLite, into three characters each.
    Trigrams,
    /// Beforehand, into pairs of characters; every pair is asked for.
    Pairs,
}

impl Tokens {
    pub(crate) const ALL: [Self; 2] = [Self::Trigrams, Self::Pairs];

    pub(crate) fn name(self) -> &'static str {
        if self == Self::Trigrams { "trigrams" } else { "pairs" }
    }

    pub(crate) fn title(self) -> &'static str {
        if self == Self::Trigrams { "SQLite FTS5, trigram" } else { "SQLite FTS5, pairs made before" }
    }

    fn cut(self, text: &str) -> String {
        if self == Self::Trigrams {
            return text.to_lowercase();
        }
        let mut cut = String::new();
        for word in text.to_lowercase().split_whitespace() {
            let characters: Vec<char> = word.chars().collect();
            for pair in characters.windows(2.min(characters.len()).max(1)) {
                cut.extend(pair.iter());
                cut.push(' ');
            }
        }
        cut
    }
}

/// A database with all items.
pub(crate) struct Peer {
    connection: Connection,
    tokens: Tokens,
}

impl Peer {
    pub(crate) fn build(file: &Path, tokens: Tokens, rows: &[Row]) -> anyhow::Result<Self> {
        let mut connection = Connection::open(file)?;
        let tokenizer = if tokens == Tokens::Trigrams { "trigram" } else { "unicode61" };
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE items USING fts5(name, others, rest, shown UNINDEXED, tokenize='{tokenizer}');"
        ))?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO items VALUES (?1, ?2, ?3, ?4)")?;
            for row in rows {
                let rest = tokens.cut(&format!("{} {}", row.unit, row.code));
                insert.execute((tokens.cut(&row.name), tokens.cut(&row.other_names.join(" ")), rest, &row.name))?;
            }
        }
        transaction.commit()?;
        connection.execute_batch("INSERT INTO items(items) VALUES ('optimize'); VACUUM;")?;
        Ok(Self { connection, tokens })
    }

    pub(crate) fn ask(&self, query: &Query) -> anyhow::Result<Vec<String>> {
        let quoted = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
        let wanted: Vec<String> = self.tokens.cut(query.text).split_whitespace().map(quoted).collect();
        let mut select = self.connection.prepare_cached(
            "SELECT shown FROM items WHERE items MATCH ?1 ORDER BY bm25(items, 10.0, 8.0, 1.0) LIMIT 10",
        )?;
        let names = select.query_map([wanted.join(" ")], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(names)
    }
}
