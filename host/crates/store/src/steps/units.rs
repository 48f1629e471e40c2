//! Owner units and members; beside each unit the number of its owner admins, so that the last one is known at once.

use super::{Records, expiry::is_live, key::Key, page::List, value};
use crate::{
    engine::{Engine, Step, Table, Tables},
    error::StoreError,
    records::{MemberRecord, StoreFuture, Trail, UnitRecord, UnitStore},
};
use serde::{Deserialize, Serialize};
use yizhan_domain::authorization::Role;
use yizhan_domain::code::CreditCode;
use yizhan_domain::{PersonId, SecretHash, Timestamp};

pub(super) const SETUP_KEY: &[u8] = b"setup";

#[derive(Serialize, Deserialize)]
struct Kept {
    unit: UnitRecord,
    owner_admins: u64,
}

#[derive(Serialize, Deserialize)]
struct Setup {
    hash: SecretHash,
    expires: Timestamp,
}

impl<E: Engine> UnitStore for Records<E> {
    fn put_unit(&self, unit: UnitRecord, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            let owner_admins = find(step, &unit.uscc)?.map_or(0, |kept| kept.owner_admins);
            step.trail(trail);
            keep(step, &Kept { unit, owner_admins })
        })
    }

    fn find_unit<'a>(&'a self, uscc: &'a CreditCode) -> StoreFuture<'a, Option<UnitRecord>> {
        let uscc = uscc.clone();
        self.engine.read(move |tables| Ok(find(tables, &uscc)?.map(|kept| kept.unit)))
    }

    fn list_units(&self) -> StoreFuture<'_, Vec<UnitRecord>> {
        self.engine.read(|tables| {
            let list = List { name: "units", table: Table::Units, prefix: Vec::new() };
            let unit = |(key, bytes): (Vec<u8>, Vec<u8>)| {
                value::decode::<Kept>(list.table, &key, &bytes).map(|kept| kept.unit)
            };
            list.all(tables)?.into_iter().map(unit).collect()
        })
    }

    fn put_member(&self, member: MemberRecord, trail: Trail) -> StoreFuture<'_, bool> {
        self.commit_if(trail, move |step| set_member(step, member, LastAdmin::Stays))
    }

    fn list_members<'a>(&'a self, unit: &'a CreditCode) -> StoreFuture<'a, Vec<MemberRecord>> {
        let list = of_unit(unit);
        self.engine.read(move |tables| {
            let members = list.all(tables)?.into_iter();
            members.map(|(rest, bytes)| value::decode(list.table, &rest, &bytes)).collect()
        })
    }

    fn list_memberships<'a>(&'a self, person: &'a PersonId) -> StoreFuture<'a, Vec<MemberRecord>> {
        let person = person.clone();
        self.engine.read(move |tables| memberships(tables, &person))
    }

    fn put_setup(&self, hash: SecretHash, expires: Timestamp, trail: Trail) -> StoreFuture<'_, ()> {
        self.commit(move |step| {
            step.trail(trail);
            value::put(step, Table::Meta, SETUP_KEY, &Setup { hash, expires })
        })
    }

    fn use_setup<'a>(&'a self, hash: &'a SecretHash, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool> {
        let hash = *hash;
        self.note(now);
        self.commit_if(trail, move |step| {
            let setup: Option<Setup> = value::find(step, Table::Meta, SETUP_KEY)?;
            let right = setup.is_some_and(|setup| setup.hash == hash && is_live(setup.expires, now));
            if right {
                step.delete(Table::Meta, SETUP_KEY);
            }
            Ok(right)
        })
    }
}

/// Whether a unit may be left without its last owner admin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastAdmin {
    Stays,
    MayLeave,
}

/// Takes a person out of every unit; an erased person is nobody's admin.
pub(super) fn leave_all(step: &mut dyn Step, person: &PersonId) -> Result<(), StoreError> {
    for member in memberships(step, person)? {
        set_member(step, MemberRecord { roles: Vec::new(), ..member }, LastAdmin::MayLeave)?;
    }
    Ok(())
}

fn set_member(step: &mut dyn Step, mut member: MemberRecord, last: LastAdmin) -> Result<bool, StoreError> {
    let Some(mut kept) = find(step, &member.unit)? else { return Ok(false) };
    let key = of_unit(&member.unit).key(member.person.as_str().as_bytes());
    let old: Option<MemberRecord> = value::find(step, Table::Members, &key)?;
    member.roles.sort();
    member.roles.dedup();
    let was = old.is_some_and(|old| is_admin(&old));
    let admins = (kept.owner_admins + u64::from(is_admin(&member))).saturating_sub(u64::from(was));
    if kept.owner_admins > 0 && admins == 0 && last == LastAdmin::Stays {
        return Ok(false);
    }
    if admins != kept.owner_admins {
        kept.owner_admins = admins;
        keep(step, &kept)?;
    }
    let index = of_person(&member.person).key(member.unit.as_str().as_bytes());
    if member.roles.is_empty() {
        step.delete(Table::Members, &key);
        step.delete(Table::Memberships, &index);
    } else {
        value::put(step, Table::Members, &key, &member)?;
        value::put_bytes(step, Table::Memberships, &index, key)?;
    }
    Ok(true)
}

fn is_admin(member: &MemberRecord) -> bool {
    member.roles.contains(&Role::OwnerAdmin)
}

fn of_unit(unit: &CreditCode) -> List {
    List { name: "members", table: Table::Members, prefix: Key::new().text(unit.as_str()).into_bytes() }
}

fn of_person(person: &PersonId) -> List {
    List { name: "memberships", table: Table::Memberships, prefix: Key::new().text(person.as_str()).into_bytes() }
}

fn find(tables: &dyn Tables, uscc: &CreditCode) -> Result<Option<Kept>, StoreError> {
    value::find(tables, Table::Units, uscc.as_str().as_bytes())
}

fn keep(step: &mut dyn Step, kept: &Kept) -> Result<(), StoreError> {
    value::put(step, Table::Units, kept.unit.uscc.as_str().as_bytes(), kept)
}

fn memberships(tables: &dyn Tables, person: &PersonId) -> Result<Vec<MemberRecord>, StoreError> {
    let mut members = Vec::new();
    for (_, key) in of_person(person).all(tables)? {
        members.push(value::get(tables, Table::Members, &key)?);
    }
    Ok(members)
}
