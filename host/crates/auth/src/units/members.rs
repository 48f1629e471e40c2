//! Units and members: register, list, set roles.

use super::{HubPermit, ManagePermit, UnitError};
use crate::people::People;
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{AuditRecord, MemberRecord, Trail, UnitRecord};

/// Roles of the hub, not of a unit: only an operator gives or takes them.
const OF_THE_HUB: [Role; 2] = [Role::Operator, Role::Auditor];

/// A unit to be registered.
#[derive(Debug, Clone)]
pub struct UnitForm {
    /// Its unified social credit code.
    pub uscc: CreditCode,
    /// Its name, 1 to 100 characters.
    pub name: String,
}

impl UnitForm {
    pub(super) fn check(&self) -> Result<(), UnitError> {
        let count = self.name.trim().chars().count();
        let fine = (1..=100).contains(&count) && !self.name.chars().any(char::is_control);
        if fine { Ok(()) } else { Err(UnitError::Name) }
    }
}

/// Registers a unit, or renames it.
///
/// # Errors
/// [`UnitError::Name`], or the store's.
pub async fn register_unit(
    context: &Context,
    people: &People,
    permit: &HubPermit,
    form: UnitForm,
) -> Result<(), UnitError> {
    form.check()?;
    let record = record(context, &permit.person, "unit.registered").with("unit", form.uscc.as_str());
    let unit = UnitRecord { uscc: form.uscc, name: form.name.trim().to_owned(), at: context.now };
    Ok(people.store().put_unit(unit, Trail::of(record)).await?)
}

/// Every unit, in order of codes: public.
///
/// # Errors
/// The store's.
pub async fn list_units(people: &People) -> Result<Vec<UnitRecord>, UnitError> {
    Ok(people.store().list_units().await?)
}

/// Members of the permit's unit, in order of ids.
///
/// # Errors
/// The store's.
pub async fn list_members(people: &People, permit: &ManagePermit) -> Result<Vec<MemberRecord>, UnitError> {
    Ok(people.store().list_members(&permit.unit).await?)
}

/// Sets the roles of a person in the permit's unit; none removes the member. Nobody gives themselves a role; roles of the
/// hub (operator, auditor) are an operator's to give and take.
///
/// # Errors
/// [`UnitError::SelfRaise`], [`UnitError::NotAllowed`], [`UnitError::UnknownUnit`], [`UnitError::LastAdmin`], that there is
/// no such person, or the store's.
pub async fn set_roles(
    context: &Context,
    people: &People,
    permit: &ManagePermit,
    member: &PersonId,
    mut roles: Vec<Role>,
) -> Result<(), UnitError> {
    roles.sort_unstable();
    roles.dedup();
    let store = people.store();
    if store.find_unit(&permit.unit).await?.is_none() {
        return Err(UnitError::UnknownUnit);
    }
    let memberships = store.list_memberships(member).await?;
    let before = memberships.into_iter().find(|held| held.unit == permit.unit);
    let at = before.as_ref().map_or(context.now, |held| held.at);
    let before = before.map(|held| held.roles).unwrap_or_default();
    let given: Vec<Role> = roles.iter().filter(|role| !before.contains(role)).copied().collect();
    let taken: Vec<Role> = before.iter().filter(|role| !roles.contains(role)).copied().collect();
    if *member == permit.person && !given.is_empty() {
        return Err(UnitError::SelfRaise);
    }
    if !permit.operator && given.iter().chain(&taken).any(|role| OF_THE_HUB.contains(role)) {
        return Err(UnitError::NotAllowed);
    }
    if !given.is_empty() && people.find_record(member).await?.is_none() {
        return Err(UnitError::People(crate::people::PeopleError::Unknown));
    }
    let record = record(context, &permit.person, "member.roles-set")
        .with("unit", permit.unit.as_str())
        .with("person", member)
        .with("given", names(&given))
        .with("taken", names(&taken));
    let changed = MemberRecord { unit: permit.unit.clone(), person: member.clone(), roles, at };
    if store.put_member(changed, Trail::of(record)).await? { Ok(()) } else { Err(UnitError::LastAdmin) }
}

/// Four eyes: whoever made something is not whoever approves it.
///
/// # Errors
/// [`UnitError::SamePerson`] when they are one.
pub fn four_eyes(made_by: &PersonId, approved_by: &PersonId) -> Result<(), UnitError> {
    if made_by == approved_by { Err(UnitError::SamePerson) } else { Ok(()) }
}

fn record(context: &Context, person: &PersonId, action: &str) -> AuditRecord {
    AuditRecord::new(context.id, context.now, format!("person:{person}"), action, "ok")
}

/// Names of roles as they are stored, with spaces between.
fn names(roles: &[Role]) -> String {
    let name = |role: &Role| serde_json::to_value(role).ok().and_then(|name| name.as_str().map(str::to_owned));
    roles.iter().filter_map(name).collect::<Vec<_>>().join(" ")
}
