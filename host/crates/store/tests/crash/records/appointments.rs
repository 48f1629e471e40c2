//! Bookings survive kills: none that was acknowledged is lost, none that was cancelled comes back, no slot is oversold.

#[path = "../../contract/records/appointments/bed.rs"]
#[expect(dead_code, clippy::expect_used, reason = "shared with the contract suite, which uses all of it")]
mod bed;

use super::sample::{NOW, id, trail};
use super::{Store, open};
use crate::{APPOINTMENTS_WRITER, ROUNDS_OF_A_STORE, WRITERS, killed_after, rounds, say};
use anyhow::{Context as _, ensure};
use bed::{at, booking, calendar, hall, terms, tomorrow};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use yizhan_domain::appointment::{BookingId, BookingState};
use yizhan_store::records::*;

/// Places of a slot; twice as many people want one.
const CAPACITY: u32 = 4;

/// Books and cancels, and says what was acknowledged.
pub(crate) async fn write_until_killed(path: &Path, round: &str) -> anyhow::Result<()> {
    let store: Store = Arc::new(open(path)?);
    if store.find_calendar(&hall()).await?.is_none() {
        ensure!(store.put_calendar(calendar(), trail("calendar")).await?, "the calendar is kept already");
    }
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, round) = (store.clone(), round.to_owned());
        writers.spawn(async move {
            for number in 0.. {
                let name = format!("{round}-{writer}-{number}");
                let mut wanted = at(booking(&name, &name), "09:00");
                wanted.slot.date = tomorrow().plus_days(number / 2);
                match store.book_slot(wanted, terms(CAPACITY), trail("booked")).await? {
                    BookingAnswer::Booked => say(&format!("booked {name} ."))?,
                    BookingAnswer::Full | BookingAnswer::NumberTaken => continue,
                    other => anyhow::bail!("{name}: {other:?}"),
                }
                if number % 3 == 1 {
                    let own = BookingId(name.clone());
                    let change = store.cancel_booking(&own, &id(&name), NOW, trail("cancelled")).await?;
                    ensure!(matches!(change, BookingChange::Done(_)), "{name}: {change:?}");
                    say(&format!("cancelled {name} ."))?;
                }
            }
            Ok(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    Ok(())
}

pub(crate) async fn survives_kills() -> anyhow::Result<()> {
    let (mut folder, mut cancelled) = (tempfile::tempdir()?, BTreeMap::new());
    for round in 0..rounds()? {
        let young = round % ROUNDS_OF_A_STORE;
        if young == 0 {
            (folder, cancelled) = (tempfile::tempdir()?, BTreeMap::new());
        }
        // Places of earlier rounds are taken: only a new store has as many as are said.
        let wanted = if young == 0 { 60 } else { 4 };
        for line in killed_after(wanted, APPOINTMENTS_WRITER, folder.path(), round)? {
            // The last line may be cut by the kill: a whole one ends with a dot.
            let Some((what, name)) = line.strip_suffix(" .").and_then(|line| line.split_once(' ')) else { continue };
            cancelled.insert(name.to_owned(), what == "cancelled");
        }
        if round % 3 == 2 {
            // The journal alone must do.
            fs::remove_dir_all(folder.path().join("records"))?;
        }
        check(folder.path(), &cancelled).await?;
    }
    Ok(())
}

async fn check(path: &Path, cancelled: &BTreeMap<String, bool>) -> anyhow::Result<()> {
    let store: Store = Arc::new(open(path)?);
    let mut days = std::collections::BTreeSet::new();
    for (name, was_cancelled) in cancelled {
        let found = store.find_booking(&BookingId(name.clone())).await?;
        let found = found.with_context(|| format!("{name} was acknowledged and is lost"))?;
        ensure!(!was_cancelled || found.state == BookingState::Cancelled, "{name} was cancelled and came back");
        days.insert(found.slot.date);
    }
    for day in days {
        let listed = store.list_hall_bookings(&hall(), day, None, 100).await?.entries;
        let held = listed.iter().filter(|booking| booking.state.takes_place()).count();
        let taken: u32 = store.list_taken(&hall(), None, day).await?.iter().map(|(_, count)| count).sum();
        ensure!(held == taken as usize, "{day}: {held} bookings hold a place, {taken} are counted");
        ensure!(taken <= CAPACITY, "{day} is oversold: {taken}");
    }
    Ok(())
}
