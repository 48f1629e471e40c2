//! A step on the tree: what the group has written so far lies over what the tree holds. Run by the committer of records.

use super::{
    database,
    record::{self, Place},
};
use crate::{
    chain,
    data_keys::{DATA_KEY_BYTES_MAX, KeyName},
    engine::{Step, Table, Tables},
    error::StoreError,
    journal::Change,
    kv::{KEY_BYTES_MAX, VALUE_BYTES_MAX},
    records::{AuditHead, Trail},
};
use ::sled::Tree;
use std::{collections::BTreeMap, iter::Peekable, ops::Bound};

/// Rows (table byte and key) that a group has written; none: removed.
pub(super) type Overlay = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
/// A row, and what a group has made of it.
type Written = (Vec<u8>, Option<Vec<u8>>);

/// The key of a row.
pub(super) fn row(table: Table, key: &[u8]) -> Vec<u8> {
    [&[table as u8], key].concat()
}

/// A tree of records.
pub(super) struct Rows<'a>(pub(super) &'a Tree);

impl Rows<'_> {
    fn get_row(&self, row: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let raw = |key: &[u8]| self.0.get(key).map_err(database);
        Ok(record::find_value(&raw, &Place::of_row(row))?.map(Vec::from))
    }

    /// Rows with a prefix after a row, in order.
    fn rows(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
    ) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>> {
        let (full, begin) = (record::head_prefix(prefix), begin(prefix, after).map(|row| record::head_prefix(&row)));
        let heads = self.0.range::<Vec<u8>, _>((begin, Bound::Unbounded));
        heads
            .map(move |pair| {
                let (head, bytes) = pair.map_err(database)?;
                if !head.starts_with(&full) {
                    return Ok(None);
                }
                let row = head.get(1..).unwrap_or_default().to_vec();
                let raw = |key: &[u8]| self.0.get(key).map_err(database);
                let value = record::value_of(&raw, &Place::of_row(&row), &bytes)?;
                Ok(Some((row, Vec::from(value))))
            })
            .map_while(Result::transpose)
    }
}

fn begin(prefix: &[u8], after: Option<&[u8]>) -> Bound<Vec<u8>> {
    match after {
        Some(after) if after >= prefix => Bound::Excluded(after.to_vec()),
        _ => Bound::Included(prefix.to_vec()),
    }
}

fn without_table((mut row, value): (Vec<u8>, Vec<u8>)) -> (Vec<u8>, Vec<u8>) {
    row.remove(0);
    (row, value)
}

impl Tables for Rows<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.get_row(&row(table, key))
    }

    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Pairs, StoreError> {
        let (prefix, after) = (row(table, prefix), after.map(|after| row(table, after)));
        let rows = self.rows(&prefix, after.as_deref()).take(limit);
        rows.map(|pair| pair.map(without_table)).collect()
    }
}

/// A step under way.
pub(super) struct SledStep<'a> {
    rows: Rows<'a>,
    overlay: &'a mut Overlay,
    /// What the overlay held before this step, of each row that it wrote.
    before: BTreeMap<Vec<u8>, Option<Option<Vec<u8>>>>,
    trail: Trail,
    data_keys: BTreeMap<KeyName, Option<Vec<u8>>>,
}

/// What a step leaves behind.
pub(super) struct Outcome {
    /// Its frame; `data_keys` is still to be counted.
    pub(super) change: Change,
    /// Keys that it brings (none: destroys), one entry per person.
    pub(super) data_keys: BTreeMap<KeyName, Option<Vec<u8>>>,
}

impl<'a> SledStep<'a> {
    pub(super) fn on(tree: &'a Tree, overlay: &'a mut Overlay) -> Self {
        Self { rows: Rows(tree), overlay, before: BTreeMap::new(), trail: Trail::default(), data_keys: BTreeMap::new() }
    }

    fn write(&mut self, row: Vec<u8>, value: Option<Vec<u8>>) {
        let old = self.overlay.insert(row.clone(), value);
        self.before.entry(row).or_insert(old);
    }

    /// What the step left, with its trail chained after so many audit entries; else why it is refused, and has left nothing.
    pub(super) fn finish(mut self, entries: u64) -> Result<Outcome, StoreError> {
        match self.outcome(entries) {
            Ok(outcome) => Ok(outcome),
            Err(error) => {
                self.undo();
                Err(error)
            }
        }
    }

    fn outcome(&mut self, entries: u64) -> Result<Outcome, StoreError> {
        // The journal's frames are what is chained here; of the links only numbers and rows count.
        let links = chain::links(&AuditHead { sequence: entries, hash: [0; 32] }, &std::mem::take(&mut self.trail))?;
        let entries = links.last().map_or(entries, |link| link.head.sequence);
        for link in links {
            self.write(row(link.table, &link.key), Some(link.value));
        }
        let data_keys = std::mem::take(&mut self.data_keys);
        let writes = self.before.keys().map(|row| (row.clone(), self.overlay.get(row).cloned().flatten())).collect();
        let change = Change { writes, ended: data_keys.keys().copied().collect(), entries, data_keys: 0 };
        for (row, value) in &change.writes {
            within("key in bytes", row.len() - 1, KEY_BYTES_MAX)?;
            within("value in bytes", value.as_ref().map_or(0, Vec::len), VALUE_BYTES_MAX)?;
        }
        for key in data_keys.values().flatten() {
            within("data key in bytes", key.len(), DATA_KEY_BYTES_MAX)?;
        }
        change.check()?;
        Ok(Outcome { change, data_keys })
    }

    /// Takes back what the step wrote.
    pub(super) fn undo(self) {
        for (row, old) in self.before {
            match old {
                Some(old) => self.overlay.insert(row, old),
                None => self.overlay.remove(&row),
            };
        }
    }
}

fn within(what: &'static str, found: usize, max: usize) -> Result<(), StoreError> {
    if found <= max { Ok(()) } else { Err(StoreError::Size { what, found, min: 0, max }) }
}

impl Tables for SledStep<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = row(table, key);
        match self.overlay.get(&row) {
            Some(written) => Ok(written.clone()),
            None => self.rows.get_row(&row),
        }
    }

    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Pairs, StoreError> {
        let (prefix, after) = (row(table, prefix), after.map(|after| row(table, after)));
        let written = self.overlay.range((begin(&prefix, after.as_deref()), Bound::Unbounded));
        let mut written = written.take_while(|(row, _)| row.starts_with(&prefix)).peekable();
        let mut stored = self.rows.rows(&prefix, after.as_deref()).peekable();
        let mut pairs = Vec::new();
        while pairs.len() < limit {
            let Some(pair) = next_of_both(&mut written, &mut stored)? else { break };
            pairs.extend(pair.1.map(|value| without_table((pair.0, value))));
        }
        Ok(pairs)
    }
}

/// The next row of both; one that was written counts as written.
fn next_of_both<'a>(
    written: &mut Peekable<impl Iterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>>,
    stored: &mut Peekable<impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>>>,
) -> Result<Option<Written>, StoreError> {
    let next = written.peek().map(|(row, _)| *row);
    let is_before = |row: &Vec<u8>| next.is_none_or(|next| row < next);
    if let Some(pair) = stored.next_if(|pair| pair.as_ref().map_or(true, |(row, _)| is_before(row))) {
        return pair.map(|(row, value)| Some((row, Some(value))));
    }
    let Some((row, value)) = written.next() else { return Ok(None) };
    stored.next_if(|pair| pair.as_ref().is_ok_and(|(stored, _)| stored == row));
    Ok(Some((row.clone(), value.clone())))
}

impl Step for SledStep<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.write(row(table, key), Some(value));
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        self.write(row(table, key), None);
    }

    fn trail(&mut self, trail: Trail) {
        self.trail.audit.extend(trail.audit);
        self.trail.access.extend(trail.access);
    }

    fn put_data_key(&mut self, person: &str, key: Vec<u8>) {
        self.data_keys.insert(KeyName::of(person), Some(key));
    }

    fn destroy_data_key(&mut self, person: &str) {
        self.data_keys.insert(KeyName::of(person), None);
    }
}
