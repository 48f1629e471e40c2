//! Permits of people with roles: proof that a session may do something in a unit. Fields are private; only these checks
//! make them.

use super::{UnitError, WITH_SECOND_FACTOR};
use crate::sign_in::require_fresh;
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{MemberRecord, SessionRecord, UnitStore};

/// May change members of one unit: an owner admin of it, or an operator of the hub.
#[derive(Debug)]
pub struct ManagePermit {
    pub(super) person: PersonId,
    pub(super) unit: CreditCode,
    pub(super) operator: bool,
}

/// May run the hub.
#[derive(Debug)]
pub struct HubPermit {
    pub(super) person: PersonId,
}

/// Has one role in one unit.
#[derive(Debug)]
pub struct RolePermit {
    person: PersonId,
    unit: CreditCode,
    role: Role,
}

impl ManagePermit {
    /// Who.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &CreditCode {
        &self.unit
    }
}

impl HubPermit {
    /// Who.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }
}

impl RolePermit {
    /// Who.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &CreditCode {
        &self.unit
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}

/// May this session change members of the unit? Needs a second factor of the last five minutes.
///
/// # Errors
/// [`UnitError::NotAllowed`], [`UnitError::NotFresh`], or the store's.
pub async fn manage(
    context: &Context,
    store: &(impl UnitStore + ?Sized),
    session: &SessionRecord,
    unit: &CreditCode,
) -> Result<ManagePermit, UnitError> {
    let memberships = memberships(context, store, session).await?;
    let operator = memberships.iter().any(|member| member.roles.contains(&Role::Operator));
    if !operator && !has(&memberships, unit, Role::OwnerAdmin) {
        return Err(UnitError::NotAllowed);
    }
    require_fresh(session, context.now).map_err(|_| UnitError::NotFresh)?;
    Ok(ManagePermit { person: session.person.clone(), unit: unit.clone(), operator })
}

/// May this session run the hub? An operator of any unit with a second factor of the last five minutes.
///
/// # Errors
/// [`UnitError::NotAllowed`], [`UnitError::NotFresh`], or the store's.
pub async fn operate(
    context: &Context,
    store: &(impl UnitStore + ?Sized),
    session: &SessionRecord,
) -> Result<HubPermit, UnitError> {
    let memberships = memberships(context, store, session).await?;
    if !memberships.iter().any(|member| member.roles.contains(&Role::Operator)) {
        return Err(UnitError::NotAllowed);
    }
    require_fresh(session, context.now).map_err(|_| UnitError::NotFresh)?;
    Ok(HubPermit { person: session.person.clone() })
}

/// Has this session the role in the unit? Roles that decide over others need a second factor in the session; approving,
/// releasing and suspending need a fresh one besides: [`require_fresh`].
///
/// # Errors
/// [`UnitError::NotAllowed`], [`UnitError::NotFresh`] without any second factor, or the store's.
pub async fn hold(
    context: &Context,
    store: &(impl UnitStore + ?Sized),
    session: &SessionRecord,
    unit: &CreditCode,
    role: Role,
) -> Result<RolePermit, UnitError> {
    if !has(&memberships(context, store, session).await?, unit, role) {
        return Err(UnitError::NotAllowed);
    }
    if WITH_SECOND_FACTOR.contains(&role) && session.second_factor.is_none() {
        return Err(UnitError::NotFresh);
    }
    Ok(RolePermit { person: session.person.clone(), unit: unit.clone(), role })
}

/// Memberships of whoever holds the session; none once it has ended.
async fn memberships(
    context: &Context,
    store: &(impl UnitStore + ?Sized),
    session: &SessionRecord,
) -> Result<Vec<MemberRecord>, UnitError> {
    if session.expires <= context.now {
        return Err(UnitError::NotAllowed);
    }
    Ok(store.list_memberships(&session.person).await?)
}

fn has(memberships: &[MemberRecord], unit: &CreditCode, role: Role) -> bool {
    memberships.iter().any(|member| member.unit == *unit && member.roles.contains(&role))
}
