//! Random sequences of what happens at a hall: after every step the counts agree with the bookings.

use super::super::{
    Store,
    sample::{NOW, id, none},
};
use super::bed::*;
use proptest::{prelude::*, strategy::ValueTree as _};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use yizhan_domain::appointment::*;
use yizhan_store::MemoryRecords;
use yizhan_store::records::*;

const CAPACITY: u32 = 2;
const STARTS: [&str; 2] = ["09:00", "10:00"];

/// One step; numbers name people, slots, items and earlier bookings.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    Book { person: u8, start: u8, item: u8 },
    Cancel { booking: u8, person: u8 },
    CheckIn { booking: u8 },
    NoShow { booking: u8 },
    Erase { person: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0u8..5, 0u8..2, 1u8..3).prop_map(|(person, start, item)| Op::Book { person, start, item }),
        3 => (0u8..12, 0u8..5).prop_map(|(booking, person)| Op::Cancel { booking, person }),
        1 => (0u8..12).prop_map(|booking| Op::CheckIn { booking }),
        1 => (0u8..12).prop_map(|booking| Op::NoShow { booking }),
        1 => (0u8..5).prop_map(|person| Op::Erase { person }),
    ]
}

/// Carries a sequence out on an empty store and checks what must hold after each step.
pub(super) async fn run(store: &Store, round: usize, ops: &[Op]) {
    let name = |number: usize| format!("r{round}-b{number}");
    let person = |number: u8| format!("r{round}-p{number}");
    for number in 0..5 {
        super::super::sample::keep_person(store, &person(number)).await;
    }
    for (number, op) in ops.iter().enumerate() {
        match *op {
            Op::Book { person: who, start, item: which } => {
                let mut booking = at(booking(&name(number), &person(who)), STARTS[usize::from(start)]);
                booking.item = item(which.into());
                let terms = SlotTerms { no_show: NoShowRule { count: 0, ..calendar().no_show }, ..terms(CAPACITY) };
                store.book_slot(booking, terms, none()).await.expect("book");
            }
            Op::Cancel { booking, person: who } => {
                let booking = BookingId(name(booking.into()));
                store.cancel_booking(&booking, &id(&person(who)), NOW, none()).await.expect("cancel");
            }
            Op::CheckIn { booking } => {
                store.check_in(&BookingId(name(booking.into())), &hall(), NOW, none()).await.expect("check in");
            }
            Op::NoShow { booking } => {
                store.mark_no_show(&BookingId(name(booking.into())), &hall(), NOW, none()).await.expect("no-show");
            }
            Op::Erase { person: who } => {
                store.erase_person(&id(&person(who)), NOW, none()).await.expect("erase");
            }
        }
        check(store).await;
    }
    for number in 0..5 {
        store.erase_person(&id(&person(number)), NOW, none()).await.expect("erase");
    }
}

/// Places counted as taken are those of the bookings that take one, and no slot has more than its capacity.
async fn check(store: &Store) {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list_hall_bookings(&hall(), tomorrow(), cursor.as_deref(), 100).await.expect("list");
        all.extend(page.entries);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut counted: BTreeMap<DayMinute, u32> = BTreeMap::new();
    let mut live = BTreeSet::new();
    for booking in all {
        if booking.state.takes_place() {
            *counted.entry(booking.slot.start).or_default() += 1;
        }
        if booking.state == BookingState::Booked {
            let person = booking.person.clone().expect("nobody erased is expected");
            assert!(live.insert((person, booking.item.clone())), "two live bookings of one person, item and day");
        }
        if let Some(person) = &booking.person {
            let mine = store.list_bookings(person, None, 100).await.expect("list");
            assert!(mine.entries.contains(&booking), "a booking that its person does not see");
        }
    }
    let taken = store.list_taken(&hall(), None, tomorrow()).await.expect("taken");
    assert_eq!(taken, counted.into_iter().collect::<Vec<_>>());
    assert!(taken.iter().all(|(_, count)| (1..=CAPACITY).contains(count)), "{taken:?}");
}

/// Some sequences on this backend; the many run in memory below.
pub(crate) async fn random_sequences_keep_count(store: Store) {
    open_hall(&*store).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let ops = proptest::collection::vec(op(), 12).new_tree(&mut runner).expect("sequence").current();
    run(&store, 0, &ops).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_the_counts_agree_with_the_bookings(ops in proptest::collection::vec(op(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        runtime.block_on(async {
            let store: Store = Arc::new(MemoryRecords::new(StoreMode::Development));
            open_hall(&*store).await;
            run(&store, 0, &ops).await;
        });
    }
}
