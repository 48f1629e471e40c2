//! How many places of a slot are taken: a count beside the bookings, changed in the same step as they are.

use super::{Key, List, value};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
};
use yizhan_domain::Date;
use yizhan_domain::appointment::{DayMinute, HallId, SlotId};
use yizhan_domain::code::ImplementingCode;

/// The counts of one pool on one day.
pub(super) fn of_day(hall: &HallId, pool: Option<&ImplementingCode>, date: Date) -> List {
    let pool = pool.map_or("", ImplementingCode::as_str);
    let prefix = Key::new().text(hall.as_str()).text(pool).text(&date.to_string()).into_bytes();
    List { name: "taken places", table: Table::SlotsTaken, prefix }
}

fn key(slot: &SlotId) -> Vec<u8> {
    of_day(&slot.hall, slot.pool.as_ref(), slot.date).key(&slot.start.minutes().to_be_bytes())
}

pub(super) fn list_taken(tables: &dyn Tables, list: &List) -> Result<Vec<(DayMinute, u32)>, StoreError> {
    let one = |(rest, bytes): (Vec<u8>, Vec<u8>)| {
        let damaged = || value::damaged(list.table, &rest, "is no time and count");
        let minutes = rest.as_slice().try_into().map(u16::from_be_bytes).map_err(|_| damaged())?;
        let start = DayMinute::new(minutes).map_err(|_| damaged())?;
        Ok((start, value::decode(list.table, &rest, &bytes)?))
    };
    list.all(tables)?.into_iter().map(one).collect()
}

/// Takes a place; false when the slot has no more than are taken.
pub(super) fn take(step: &mut dyn Step, slot: &SlotId, capacity: u32) -> Result<bool, StoreError> {
    let key = key(slot);
    let taken: u32 = value::find(step, Table::SlotsTaken, &key)?.unwrap_or(0);
    if taken >= capacity {
        return Ok(false);
    }
    value::put(step, Table::SlotsTaken, &key, &(taken + 1))?;
    Ok(true)
}

/// Gives a place back.
pub(super) fn free(step: &mut dyn Step, slot: &SlotId) -> Result<(), StoreError> {
    let key = key(slot);
    let taken: u32 = value::find(step, Table::SlotsTaken, &key)?.unwrap_or(0);
    match taken.checked_sub(1) {
        Some(0) => step.delete(Table::SlotsTaken, &key),
        Some(left) => value::put(step, Table::SlotsTaken, &key, &left)?,
        None => return Err(value::damaged(Table::SlotsTaken, &key, "counts fewer places than bookings")),
    }
    Ok(())
}
