//! Pages and their cursors. A cursor is what follows the list's prefix in the last key, so that it never leaves its list;
//! a page stays right while entries come and go.

use super::value::{check_size, damaged};
use crate::{
    engine::{Pair, Table, Tables},
    error::StoreError,
    records::{PAGE_MAX, RecordPage},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// Entries that one look at the table brings.
const CHUNK: usize = PAGE_MAX + 1;
/// Most entries that one page passes over, hidden ones included.
const SCAN_MAX: usize = 2_000;
/// Longest cursor in characters.
const CURSOR_MAX: usize = 1_024;

/// One list: all keys of a table that begin with a prefix.
pub(super) struct List {
    pub(super) name: &'static str,
    pub(super) table: Table,
    pub(super) prefix: Vec<u8>,
}

/// Key after the prefix, and value.
pub(super) type Entry = Pair;

impl List {
    /// At most `limit` (1 to [`PAGE_MAX`]) entries after the cursor for which `read` finds something to show.
    pub(super) fn page<T>(
        &self,
        tables: &dyn Tables,
        cursor: Option<&str>,
        limit: usize,
        mut read: impl FnMut(&dyn Tables, Entry) -> Result<Option<T>, StoreError>,
    ) -> Result<RecordPage<T>, StoreError> {
        check_size("entries of a page", limit, 1, PAGE_MAX)?;
        let mut after = cursor.map(|cursor| self.open(cursor)).transpose()?;
        let (mut entries, mut shown, mut scanned) = (Vec::new(), None, 0);
        loop {
            let chunk = self.after(tables, after.as_deref(), CHUNK)?;
            let end = chunk.len() < CHUNK;
            for (rest, value) in chunk {
                after = Some(self.key(&rest));
                scanned += 1;
                let Some(entry) = read(tables, (rest.clone(), value))? else { continue };
                if entries.len() == limit {
                    return Ok(RecordPage { entries, next: shown.map(|rest: Vec<u8>| self.seal(&rest)) });
                }
                entries.push(entry);
                shown = Some(rest);
            }
            if end {
                return Ok(RecordPage { entries, next: None });
            }
            if scanned >= SCAN_MAX {
                let next = after.map(|key| self.seal(&key[self.prefix.len()..]));
                return Ok(RecordPage { entries, next });
            }
        }
    }

    /// Every entry; for lists that stay short, as sessions of a person or members of a unit.
    pub(super) fn all(&self, tables: &dyn Tables) -> Result<Vec<Entry>, StoreError> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let after = entries.last().map(|(rest, _)| self.key(rest));
            let chunk = self.after(tables, after.as_deref(), CHUNK)?;
            let end = chunk.len() < CHUNK;
            entries.extend(chunk);
            if end {
                return Ok(entries);
            }
        }
    }

    fn after(&self, tables: &dyn Tables, after: Option<&[u8]>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let pairs = tables.list(self.table, &self.prefix, after, limit)?;
        let rest = |key: Vec<u8>| match key.strip_prefix(self.prefix.as_slice()) {
            Some(rest) => Ok(rest.to_vec()),
            None => Err(damaged(self.table, &key, "is in a list of another prefix")),
        };
        pairs.into_iter().map(|(key, value)| Ok((rest(key)?, value))).collect()
    }

    /// The whole key of an entry.
    pub(super) fn key(&self, rest: &[u8]) -> Vec<u8> {
        [self.prefix.as_slice(), rest].concat()
    }

    fn seal(&self, rest: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&[self.mark()], rest].concat())
    }

    fn open(&self, cursor: &str) -> Result<Vec<u8>, StoreError> {
        let refuse = |found| StoreError::Cursor { list: self.name, found };
        if cursor.len() > CURSOR_MAX {
            return Err(refuse("is too long"));
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse("is not base64url"))?;
        match bytes.split_first() {
            Some((mark, rest)) if *mark == self.mark() && !rest.is_empty() => Ok(self.key(rest)),
            _ => Err(refuse("belongs to another list")),
        }
    }

    /// Tells cursors of lists apart: the table, and the kind where a table holds several.
    fn mark(&self) -> u8 {
        let kind = self.prefix.first().copied().filter(|_| self.table == Table::GrantIndex).unwrap_or(0);
        (self.table as u8) ^ (kind << 6)
    }
}
