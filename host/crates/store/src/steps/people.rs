//! People and their handles. The data key lies with the engine, outside of tables and journals.

use super::{Records, erase, page::List, value};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{Handle, PeopleStore, PersonRecord, RecordPage, StoreFuture, StoreMode, Trail},
};
use yizhan_domain::{PersonId, Timestamp};

const DATA_KEY_BYTES_MAX: usize = 60;

impl<E: Engine> PeopleStore for Records<E> {
    fn create_person(&self, person: PersonRecord, data_key: Vec<u8>, trail: Trail) -> StoreFuture<'_, bool> {
        let mode = self.engine.mode();
        self.commit_if(trail, move |step| {
            value::check_size("data key in bytes", data_key.len(), 1, DATA_KEY_BYTES_MAX)?;
            if person.persona && mode == StoreMode::Production {
                return Err(StoreError::DevelopmentOnly { what: "a persona" });
            }
            if find(step, &person.id)?.is_some() || is_taken(step, &person)? {
                return Ok(false);
            }
            keep(step, &person)?;
            step.put_data_key(person.id.as_str(), data_key);
            Ok(true)
        })
    }

    fn find_person<'a>(&'a self, id: &'a PersonId) -> StoreFuture<'a, Option<PersonRecord>> {
        let id = id.clone();
        self.engine.read(move |tables| find(tables, &id))
    }

    fn find_person_by_handle<'a>(&'a self, handle: &'a Handle) -> StoreFuture<'a, Option<PersonId>> {
        let handle = *handle;
        self.engine.read(move |tables| value::find(tables, Table::Handles, &handle.0))
    }

    fn find_data_key<'a>(&'a self, id: &'a PersonId) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.engine.find_data_key(id.as_str())
    }

    fn replace_person(&self, person: PersonRecord, trail: Trail) -> StoreFuture<'_, bool> {
        let mode = self.engine.mode();
        self.commit_if(trail, move |step| {
            if person.persona && mode == StoreMode::Production {
                return Err(StoreError::DevelopmentOnly { what: "a persona" });
            }
            let Some(old) = find(step, &person.id)? else { return Ok(false) };
            let follows = old.revision.checked_add(1) == Some(person.revision);
            if old.erased.is_some() || person.erased.is_some() || !follows || is_taken(step, &person)? {
                return Ok(false);
            }
            old.handles.iter().for_each(|handle| step.delete(Table::Handles, &handle.0));
            keep(step, &person)?;
            Ok(true)
        })
    }

    fn erase_person<'a>(&'a self, id: &'a PersonId, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool> {
        let id = id.clone();
        self.note(now);
        self.commit_if(trail, move |step| erase::erase(step, &id, now))
    }

    fn list_people<'a>(&'a self, cursor: Option<&'a str>, limit: usize) -> StoreFuture<'a, RecordPage<PersonRecord>> {
        let cursor = cursor.map(str::to_owned);
        self.engine.read(move |tables| {
            let list = List { name: "people", table: Table::People, prefix: Vec::new() };
            list.page(tables, cursor.as_deref(), limit, |_, (key, bytes)| {
                value::decode(Table::People, &key, &bytes).map(Some)
            })
        })
    }
}

pub(super) fn find(tables: &dyn Tables, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
    value::find(tables, Table::People, id.as_str().as_bytes())
}

/// Whether the person was erased. Of somebody unknown: no.
pub(super) fn is_erased(tables: &dyn Tables, id: &PersonId) -> Result<bool, StoreError> {
    Ok(find(tables, id)?.is_some_and(|person| person.erased.is_some()))
}

/// Keeps a person and the handles.
pub(super) fn keep(step: &mut dyn Step, person: &PersonRecord) -> Result<(), StoreError> {
    value::put(step, Table::People, person.id.as_str().as_bytes(), person)?;
    person.handles.iter().try_for_each(|handle| value::put(step, Table::Handles, &handle.0, &person.id))
}

/// Whether one of the handles finds somebody else.
fn is_taken(tables: &dyn Tables, person: &PersonRecord) -> Result<bool, StoreError> {
    for handle in &person.handles {
        let holder: Option<PersonId> = value::find(tables, Table::Handles, &handle.0)?;
        if holder.is_some_and(|holder| holder != person.id) {
            return Ok(true);
        }
    }
    Ok(false)
}
