//! Consents: given together with their grant and code, withdrawn together with their grant, never changed otherwise.

use super::{
    codes, grants,
    key::Key,
    page::{Entry, List},
    people, value,
};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
    records::{CodeRecord, ConsentRecord, GrantRecord},
};
use yizhan_domain::{ConsentId, PersonId, SecretHash, Timestamp};

const BY_TIME: u8 = 3;

/// Keeps consent, grant and code and takes the request; false when the request is gone, the person is erased or one of the
/// ids is in use.
pub(super) fn give(
    step: &mut dyn Step,
    request: &SecretHash,
    consent: &ConsentRecord,
    grant: &GrantRecord,
    mut code: CodeRecord,
) -> Result<bool, StoreError> {
    let used = find(step, &consent.id)?.is_some() || grants::find(step, &grant.id)?.is_some();
    if used || codes::exists(step, &code.hash)? || people::is_erased(step, &consent.person)? {
        return Ok(false);
    }
    if grants::take_request(step, request, consent.at)?.is_none() {
        return Ok(false);
    }
    let id = consent.id.as_str().as_bytes();
    value::put(step, Table::Consents, id, consent)?;
    let rest = Key::new().newest_first(consent.at.0).last(id).into_bytes();
    value::put_bytes(step, Table::GrantIndex, &by_time(&consent.person).key(&rest), id.to_vec())?;
    grants::keep(step, grant)?;
    (code.grant, code.client) = (grant.id.clone(), grant.client.clone());
    codes::keep(step, code)?;
    Ok(true)
}

/// Consents of a person, newest first.
pub(super) fn by_time(person: &PersonId) -> List {
    List { name: "consents", table: Table::GrantIndex, prefix: Key::kind(BY_TIME).text(person.as_str()).into_bytes() }
}

pub(super) fn by_entry(tables: &dyn Tables, (_, id): Entry) -> Result<Option<ConsentRecord>, StoreError> {
    value::get(tables, Table::Consents, &id).map(Some)
}

pub(super) fn find(tables: &dyn Tables, id: &ConsentId) -> Result<Option<ConsentRecord>, StoreError> {
    value::find(tables, Table::Consents, id.as_str().as_bytes())
}

pub(super) fn withdraw(step: &mut dyn Step, id: &ConsentId, now: Timestamp) -> Result<(), StoreError> {
    match find(step, id)? {
        Some(mut consent) if consent.withdrawn.is_none() => {
            consent.withdrawn = Some(now);
            value::put(step, Table::Consents, id.as_str().as_bytes(), &consent)
        }
        _ => Ok(()),
    }
}
