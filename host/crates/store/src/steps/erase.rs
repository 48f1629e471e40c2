//! Erasing a person: one step that leaves a name without data, keys, credentials, sessions, grants, memberships and bookings.
//! What the audit chain says stays, for it holds no datum.

use super::{appointments, grants, people, sessions, units};
use crate::{
    engine::{Step, Table},
    error::StoreError,
};
use yizhan_domain::{PersonId, Timestamp};

/// Erases a person; false when there is none. Erasing twice changes nothing and is true.
pub(super) fn erase(step: &mut dyn Step, id: &PersonId, now: Timestamp) -> Result<bool, StoreError> {
    let Some(mut person) = people::find(step, id)? else { return Ok(false) };
    if person.erased.is_some() {
        return Ok(true);
    }
    person.handles.drain(..).for_each(|handle| step.delete(Table::Handles, &handle.0));
    person.sealed.clear();
    person.erased = Some(now);
    person.revision = person.revision.saturating_add(1);
    people::keep(step, &person)?;
    step.destroy_data_key(id.as_str());
    step.delete(Table::Credentials, id.as_str().as_bytes());
    sessions::end_all(step, id)?;
    grants::end_all(step, id, now)?;
    units::leave_all(step, id)?;
    appointments::forget_person(step, id, now)?;
    Ok(true)
}
