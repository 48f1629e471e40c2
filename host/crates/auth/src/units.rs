//! Owner units, their members and roles: who may change whom. Called by the console's pages and the command line.

mod error;
mod lost_factor;
mod members;
mod permit;
mod setup;

pub use error::UnitError;
pub use lost_factor::{LostFactor, OperatorProof, reset_second_factor};
pub use members::{UnitForm, four_eyes, list_members, list_units, register_unit, set_roles};
pub use permit::{HubPermit, ManagePermit, RolePermit, hold, manage, operate};
pub use setup::{FirstAdministrator, SETUP_MS, create_setup_link, use_setup_link};

use yizhan_domain::PersonId;
use yizhan_domain::authorization::Role;
use yizhan_store::StoreError;
use yizhan_store::records::UnitStore;

/// Roles that decide over others: they need a second factor.
const WITH_SECOND_FACTOR: [Role; 5] =
    [Role::OwnerAdmin, Role::Reviewer, Role::ReleaseOperator, Role::Operator, Role::Auditor];

/// Whether a person has a role that needs a second factor.
pub(crate) async fn needs_second_factor(
    store: &(impl UnitStore + ?Sized),
    person: &PersonId,
) -> Result<bool, StoreError> {
    let memberships = store.list_memberships(person).await?;
    Ok(memberships.iter().flat_map(|member| &member.roles).any(|role| WITH_SECOND_FACTOR.contains(role)))
}

#[cfg(test)]
mod tests;
