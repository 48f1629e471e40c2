//! The records in memory; lost with the process. A step gathers what it writes and applies it at its end.

use crate::{
    chain::{self, Link},
    engine::{Engine, Pair, Step, Table, Tables},
    error::StoreError,
    records::{AuditHead, StoreFuture, StoreMode, Trail},
    steps::Records,
};
use std::{
    collections::{BTreeMap, HashMap, btree_map},
    iter::Peekable,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The records of hub and runtime in memory.
pub type MemoryRecords = Records<MemoryEngine>;

/// Tables in memory, under one lock.
pub struct MemoryEngine {
    mode: StoreMode,
    state: Mutex<State>,
}

struct State {
    rows: BTreeMap<Row, Vec<u8>>,
    data_keys: HashMap<String, Vec<u8>>,
    head: AuditHead,
    standing_revision: u64,
}

/// Table and key.
type Row = (Table, Vec<u8>);

impl MemoryRecords {
    /// Empty records of a mode.
    #[must_use]
    pub fn new(mode: StoreMode) -> Self {
        Self::on(MemoryEngine::new(mode))
    }
}

impl std::fmt::Debug for MemoryEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryEngine").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl MemoryEngine {
    pub(crate) fn new(mode: StoreMode) -> Self {
        let head = AuditHead { sequence: 0, hash: [0; 32] };
        let state = State { rows: BTreeMap::new(), data_keys: HashMap::new(), head, standing_revision: 0 };
        Self { mode, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(&self, work: impl FnOnce(&mut dyn Step) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut state = self.state();
        let mut step = MemoryStep { state: &state, writes: BTreeMap::new(), trail: Trail::default(), keys: Vec::new() };
        let answer = work(&mut step)?;
        let MemoryStep { writes, trail, keys, .. } = step;
        let links = chain::links(&state.head, &trail)?;
        state.apply(writes, links, keys);
        Ok(answer)
    }
}

impl Engine for MemoryEngine {
    fn commit<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move { self.run(step) })
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Tables) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move { read(&*self.state()) })
    }

    fn find_data_key<'a>(&'a self, person: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move { Ok(self.state().data_keys.get(person).cloned()) })
    }

    fn head(&self) -> AuditHead {
        self.state().head.clone()
    }

    fn standing_revision(&self) -> u64 {
        self.state().standing_revision
    }

    fn read_only(&self) -> Option<String> {
        None
    }

    fn mode(&self) -> StoreMode {
        self.mode
    }
}

impl State {
    fn apply(&mut self, writes: BTreeMap<Row, Option<Vec<u8>>>, links: Vec<Link>, keys: Vec<DataKeyWrite>) {
        self.standing_revision += u64::from(writes.keys().any(|(table, _)| Table::bears_standing(*table as u8)));
        for (row, value) in writes {
            match value {
                Some(value) => self.rows.insert(row, value),
                None => self.rows.remove(&row),
            };
        }
        for link in links {
            self.rows.insert((link.table, link.key), link.value);
            self.head = link.head;
        }
        for (person, key) in keys {
            match key {
                Some(key) => self.data_keys.insert(person, key),
                None => self.data_keys.remove(&person),
            };
        }
    }
}

impl Tables for State {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(&(table, key.to_vec())).cloned())
    }

    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreError> {
        let rows =
            self.rows.range(from(table, prefix, after)).take_while(|((of, key), _)| within(*of, key, table, prefix));
        Ok(rows.take(limit).map(|((_, key), value)| (key.clone(), value.clone())).collect())
    }
}

/// A data key to set; none destroys it.
type DataKeyWrite = (String, Option<Vec<u8>>);

struct MemoryStep<'a> {
    state: &'a State,
    writes: BTreeMap<Row, Option<Vec<u8>>>,
    trail: Trail,
    keys: Vec<DataKeyWrite>,
}

impl Tables for MemoryStep<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(&(table, key.to_vec())) {
            Some(written) => Ok(written.clone()),
            None => self.state.get(table, key),
        }
    }

    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreError> {
        let range = from(table, prefix, after);
        let mut both =
            Both { old: self.state.rows.range(range.clone()).peekable(), new: self.writes.range(range).peekable() };
        let mut pairs = Vec::new();
        while pairs.len() < limit {
            let Some(((of, key), value)) = both.next() else { break };
            if !within(*of, key, table, prefix) {
                break;
            }
            pairs.extend(value.map(|value| (key.clone(), value.clone())));
        }
        Ok(pairs)
    }
}

impl Step for MemoryStep<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.writes.insert((table, key.to_vec()), Some(value));
    }

    fn delete(&mut self, table: Table, key: &[u8]) {
        self.writes.insert((table, key.to_vec()), None);
    }

    fn trail(&mut self, trail: Trail) {
        self.trail.audit.extend(trail.audit);
        self.trail.access.extend(trail.access);
    }

    fn put_data_key(&mut self, person: &str, key: Vec<u8>) {
        self.keys.push((person.to_owned(), Some(key)));
    }

    fn destroy_data_key(&mut self, person: &str) {
        self.keys.push((person.to_owned(), None));
    }
}

/// Rows of the state and of a step's writes in one order; a row that was written counts as written.
struct Both<'a> {
    old: Peekable<btree_map::Range<'a, Row, Vec<u8>>>,
    new: Peekable<btree_map::Range<'a, Row, Option<Vec<u8>>>>,
}

impl<'a> Iterator for Both<'a> {
    type Item = (&'a Row, Option<&'a Vec<u8>>);

    fn next(&mut self) -> Option<Self::Item> {
        let written = self.new.peek().map(|(row, _)| *row);
        let unchanged = self.old.next_if(|(row, _)| written.is_none_or(|written| *row < written));
        if let Some((row, value)) = unchanged {
            return Some((row, Some(value)));
        }
        let (row, value) = self.new.next()?;
        self.old.next_if(|(old, _)| *old == row);
        Some((row, value.as_ref()))
    }
}

fn from(table: Table, prefix: &[u8], after: Option<&[u8]>) -> (Bound<Row>, Bound<Row>) {
    let begin = match after {
        Some(after) if after >= prefix => Bound::Excluded((table, after.to_vec())),
        _ => Bound::Included((table, prefix.to_vec())),
    };
    (begin, Bound::Unbounded)
}

fn within(of: Table, key: &[u8], table: Table, prefix: &[u8]) -> bool {
    of == table && key.starts_with(prefix)
}
