//! Owner units, their members, and the set-up link of the first administrator.

use super::{StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{PersonId, SecretHash, Timestamp};

/// An owner unit (主办单位).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// Its unified social credit code.
    pub uscc: CreditCode,
    /// Its name.
    pub name: String,
    /// When it was registered.
    pub at: Timestamp,
}

/// One person's roles in one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRecord {
    /// The unit.
    pub unit: CreditCode,
    /// The person.
    pub person: PersonId,
    /// The roles, sorted, each once.
    pub roles: Vec<Role>,
    /// Since when.
    pub at: Timestamp,
}

/// Owner units and members.
pub trait UnitStore: Send + Sync {
    /// Registers a unit or renames it.
    fn put_unit(&self, unit: UnitRecord, trail: Trail) -> StoreFuture<'_, ()>;

    /// The unit with this code.
    fn find_unit<'a>(&'a self, uscc: &'a CreditCode) -> StoreFuture<'a, Option<UnitRecord>>;

    /// Every unit, in order of codes.
    fn list_units(&self) -> StoreFuture<'_, Vec<UnitRecord>>;

    /// Sets the roles of a member, sorted and each once; no roles removes the member. False when the unit does not exist, or
    /// the change would leave a unit that had an owner admin without one.
    fn put_member(&self, member: MemberRecord, trail: Trail) -> StoreFuture<'_, bool>;

    /// Members of a unit, in order of ids.
    fn list_members<'a>(&'a self, unit: &'a CreditCode) -> StoreFuture<'a, Vec<MemberRecord>>;

    /// Memberships of a person.
    fn list_memberships<'a>(&'a self, person: &'a PersonId) -> StoreFuture<'a, Vec<MemberRecord>>;

    /// Keeps the hash of a new set-up link; the one before counts no more.
    fn put_setup(&self, hash: SecretHash, expires: Timestamp, trail: Trail) -> StoreFuture<'_, ()>;

    /// True for the first use of the live set-up link.
    fn use_setup<'a>(&'a self, hash: &'a SecretHash, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool>;
}
