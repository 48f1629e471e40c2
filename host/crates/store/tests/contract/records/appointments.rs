//! Booking: places, keys, ends, rules, lists.

pub(crate) mod bed;
mod sequence;

pub(crate) use sequence::random_sequences_keep_count;

use super::{
    Store, count, race,
    sample::{NOW, id, keep_person, none, trail},
};
use bed::*;
use yizhan_domain::Timestamp;
use yizhan_domain::appointment::*;
use yizhan_domain::authorization::Capacity;
use yizhan_store::records::*;

async fn book(store: &Store, booking: BookingRecord) -> BookingAnswer {
    store.book_slot(booking, terms(2), none()).await.expect("book")
}

async fn cancel(store: &Store, name: &str, person: &str) -> BookingChange {
    store.cancel_booking(&BookingId(name.to_owned()), &id(person), NOW, none()).await.expect("cancel")
}

fn is_done(change: &BookingChange) -> bool {
    matches!(change, BookingChange::Done(_))
}

pub(crate) async fn racing_bookings_never_exceed_the_capacity(store: Store) {
    open_hall(&*store).await;
    let answers = race(|racer| {
        let store = store.clone();
        let booking = booking(&format!("b{racer}"), &format!("p{racer}"));
        async move { store.book_slot(booking, terms(10), none()).await.expect("book") }
    })
    .await;
    assert_eq!(count(&answers, &BookingAnswer::Booked), 10);
    assert_eq!(count(&answers, &BookingAnswer::Full), super::RACERS - 10);
    assert_eq!(taken(&*store).await, 10);
}

pub(crate) async fn two_hundred_people_share_fifty_places(store: Store) {
    open_hall(&*store).await;
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (store, booking) = (store.clone(), booking(&format!("b{number}"), &format!("p{number}")));
            tokio::spawn(async move { store.book_slot(booking, terms(50), none()).await.expect("book") })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("task"));
    }
    assert_eq!(count(&answers, &BookingAnswer::Booked), 50);
    assert_eq!(count(&answers, &BookingAnswer::Full), 150);
    assert_eq!(taken(&*store).await, 50);
}

pub(crate) async fn of_racing_bookings_of_one_person_item_and_day_one_is_kept(store: Store) {
    open_hall(&*store).await;
    let answers = race(|racer| {
        let store = store.clone();
        let start = if racer % 2 == 0 { "09:00" } else { "10:00" };
        let booking = at(booking(&format!("b{racer}"), "a"), start);
        async move { store.book_slot(booking, terms(50), none()).await.expect("book") }
    })
    .await;
    assert_eq!(count(&answers, &BookingAnswer::Booked), 1);
    assert!(answers.iter().all(|answer| matches!(answer, BookingAnswer::Booked | BookingAnswer::Twice(_))));
    assert_eq!(store.list_bookings(&id("a"), None, 100).await.expect("list").entries.len(), 1);
    let mut other = booking("other-item", "a");
    other.item = item(2);
    assert_eq!(book(&store, other).await, BookingAnswer::Booked, "another item");
    let mut later = booking("other-day", "a");
    later.slot.date = tomorrow().plus_days(1);
    assert_eq!(book(&store, later).await, BookingAnswer::Booked, "another day");
}

pub(crate) async fn of_racing_bookings_with_one_key_one_is_made(store: Store) {
    open_hall(&*store).await;
    let answers = race(|racer| {
        let store = store.clone();
        let mut mine = booking(&format!("b{racer}"), "a");
        mine.key = booking("same", "a").key;
        async move { store.book_slot(mine, terms(50), none()).await.expect("book") }
    })
    .await;
    assert_eq!(count(&answers, &BookingAnswer::Booked), 1);
    let again: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            BookingAnswer::Again(booking) => Some(booking.id.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(again.len(), super::RACERS - 1);
    let mine = store.list_bookings(&id("a"), None, 100).await.expect("list").entries;
    assert_eq!(mine.len(), 1);
    assert!(again.iter().all(|id| *id == mine[0].id) && taken(&*store).await == 1);
}

pub(crate) async fn a_key_makes_one_booking_and_no_other(store: Store) {
    open_hall(&*store).await;
    assert_eq!(book(&store, booking("b", "a")).await, BookingAnswer::Booked);
    assert_eq!(book(&store, at(booking("b", "a"), "10:00")).await, BookingAnswer::KeyReused);
    assert!(is_done(&cancel(&store, "b", "a").await));
    let BookingAnswer::Again(found) = book(&store, booking("b", "a")).await else { panic!("the key was used") };
    assert_eq!(found.state, BookingState::Cancelled, "a late repetition books nothing anew");
    assert_eq!(taken(&*store).await, 0);
    let mut others = booking("c", "b");
    others.key = booking("b", "a").key;
    assert_eq!(book(&store, others).await, BookingAnswer::Booked, "another person's key is another one");
}

pub(crate) async fn racing_cancellations_free_exactly_one_place(store: Store) {
    open_hall(&*store).await;
    for name in ["b", "c"] {
        assert_eq!(book(&store, booking(name, name)).await, BookingAnswer::Booked);
    }
    assert_eq!(book(&store, booking("d", "d")).await, BookingAnswer::Full);
    let answers = race(|_| {
        let store = store.clone();
        async move { cancel(&store, "b", "b").await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| is_done(answer)).count(), 1);
    assert_eq!(count(&answers, &BookingChange::Refused(BookingState::Cancelled)), super::RACERS - 1);
    assert_eq!(taken(&*store).await, 1);
    assert_eq!(book(&store, booking("d", "d")).await, BookingAnswer::Booked);
    assert_eq!(book(&store, booking("e", "e")).await, BookingAnswer::Full);
}

pub(crate) async fn a_booking_is_cancelled_by_its_person_in_time(store: Store) {
    open_hall(&*store).await;
    let own = booking("b", "a");
    assert_eq!(book(&store, own.clone()).await, BookingAnswer::Booked);
    assert_eq!(cancel(&store, "b", "someone").await, BookingChange::Missing);
    assert_eq!(cancel(&store, "other", "a").await, BookingChange::Missing);
    let late = store.cancel_booking(&own.id, &id("a"), own.cancel_until, none()).await.expect("cancel");
    assert_eq!(late, BookingChange::TooLate(own.cancel_until));
    assert_eq!(store.find_booking(&own.id).await.expect("find"), Some(own.clone()));
    let last = Timestamp(own.cancel_until.0 - 1);
    let done = store.cancel_booking(&own.id, &id("a"), last, none()).await.expect("cancel");
    let expected = BookingRecord { state: BookingState::Cancelled, changed: last, ..own.clone() };
    assert_eq!(done, BookingChange::Done(Box::new(expected.clone())));
    assert_eq!(store.find_booking(&own.id).await.expect("find"), Some(expected));
}

pub(crate) async fn of_racing_ends_of_a_booking_one_wins(store: Store) {
    open_hall(&*store).await;
    assert_eq!(book(&store, booking("b", "a")).await, BookingAnswer::Booked);
    let elsewhere = HallId::new("elsewhere").expect("hall");
    let there = store.check_in(&BookingId("b".to_owned()), &elsewhere, NOW, none()).await.expect("check in");
    assert_eq!(there, BookingChange::Missing, "another hall's");
    let answers = race(|racer| {
        let store = store.clone();
        async move {
            let own = BookingId("b".to_owned());
            let change = match racer % 3 {
                0 => store.cancel_booking(&own, &id("a"), NOW, none()).await,
                1 => store.check_in(&own, &hall(), NOW, none()).await,
                _ => store.mark_no_show(&own, &hall(), NOW, none()).await,
            };
            change.expect("change")
        }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| is_done(answer)).count(), 1);
    let end = store.find_booking(&BookingId("b".to_owned())).await.expect("find").expect("booking").state;
    assert_eq!(count(&answers, &BookingChange::Refused(end)), super::RACERS - 1);
    assert_eq!(taken(&*store).await, u32::from(end != BookingState::Cancelled));
    let missed = store.list_missed(&id("a"), &hall()).await.expect("missed").len();
    assert_eq!(missed, usize::from(end == BookingState::NoShow));
}

pub(crate) async fn missed_slots_pause_and_a_pause_ends(store: Store) {
    open_hall(&*store).await;
    let mut last = Timestamp(0);
    for day in 0..2 {
        let mut missed = booking(&format!("b{day}"), "a");
        missed.slot.date = tomorrow().plus_days(day);
        last = missed.starts();
        assert_eq!(book(&store, missed.clone()).await, BookingAnswer::Booked, "{day}");
        let marked = store.mark_no_show(&missed.id, &hall(), missed.ends(), none()).await.expect("mark");
        assert!(is_done(&marked));
    }
    let later = |name: &str, at: u64| {
        let mut later = booking(name, "a");
        (later.slot.date, later.at) = (tomorrow().plus_days(20), Timestamp(at));
        later
    };
    let until = last.plus_ms(7 * DAY_MS);
    assert_eq!(book(&store, later("c", until.0 - 1)).await, BookingAnswer::Paused(until));
    assert_eq!(book(&store, booking("d", "b")).await, BookingAnswer::Booked, "another person");
    assert_eq!(book(&store, later("c", until.0)).await, BookingAnswer::Booked);
}

pub(crate) async fn terms_that_were_read_before_a_change_book_nothing(store: Store) {
    assert_eq!(book(&store, booking("b", "a")).await, BookingAnswer::Stale, "no calendar");
    open_hall(&*store).await;
    assert!(store.put_calendar(HallCalendar { revision: 1, ..calendar() }, none()).await.expect("put"));
    assert_eq!(book(&store, booking("b", "a")).await, BookingAnswer::Stale, "the calendar is newer");
    let plan = ItemPlan { hall: hall(), item: item(1), plan: SlotPlan::default(), revision: 0 };
    let read = store.find_calendar(&hall()).await.expect("find").expect("calendar").revision;
    assert!(store.put_item_plan(plan.clone(), none()).await.expect("put"));
    assert!(!store.put_item_plan(plan, none()).await.expect("put"), "another revision is kept");
    let with = |calendar_revision, plan_revision| SlotTerms { calendar_revision, plan_revision, ..terms(2) };
    let try_with = async |terms| store.book_slot(booking("b", "a"), terms, none()).await.expect("book");
    assert_eq!(try_with(with(read, 0)).await, BookingAnswer::Stale, "the item has a plan now");
    assert!(store.remove_item_plan(&hall(), &item(1), none()).await.expect("remove"));
    assert!(!store.remove_item_plan(&hall(), &item(1), none()).await.expect("remove"), "it is gone");
    assert_eq!(try_with(with(read + 1, 1)).await, BookingAnswer::Stale, "the plan is gone");
    assert_eq!(try_with(with(read + 2, 0)).await, BookingAnswer::Booked);
}

pub(crate) async fn of_racing_calendars_one_is_kept(store: Store) {
    let answers = race(|racer| {
        let store = store.clone();
        let calendar = HallCalendar { days_ahead: racer as u16, ..calendar() };
        async move { store.put_calendar(calendar, none()).await.expect("put") }
    })
    .await;
    assert_eq!(count(&answers, &true), 1);
    let winner = answers.iter().position(|kept| *kept).expect("winner") as u16;
    let kept = HallCalendar { days_ahead: winner, revision: 1, ..calendar() };
    assert_eq!(store.find_calendar(&hall()).await.expect("find"), Some(kept.clone()));
    assert_eq!(store.list_calendars().await.expect("list"), [kept]);
}

pub(crate) async fn a_number_stands_for_one_booking_of_a_hall_and_day(store: Store) {
    open_hall(&*store).await;
    let first = booking("b", "a");
    assert_eq!(book(&store, first.clone()).await, BookingAnswer::Booked);
    let mut same = booking("c", "b");
    same.number = first.number.clone();
    assert_eq!(book(&store, same.clone()).await, BookingAnswer::NumberTaken);
    assert_eq!(taken(&*store).await, 1, "a refused number takes no place");
    same.slot.date = tomorrow().plus_days(1);
    assert_eq!(book(&store, same.clone()).await, BookingAnswer::Booked, "another day");
    let find = async |date| {
        let found = store.find_booking_by_number(&hall(), date, &first.number).await;
        found.expect("find").map(|booking| booking.id)
    };
    assert_eq!(find(tomorrow()).await, Some(first.id.clone()));
    assert_eq!(find(tomorrow().plus_days(1)).await, Some(same.id));
    assert_eq!(find(tomorrow().plus_days(2)).await, None);
}

pub(crate) async fn whoever_acts_for_a_legal_person_books_apart(store: Store) {
    open_hall(&*store).await;
    let for_unit = |name: &str, role: &str| {
        let acting_for = Capacity { uscc: "91350100M000100Y43".parse().expect("code"), role: role.to_owned() };
        BookingRecord { acting_for: Some(acting_for), ..booking(name, "a") }
    };
    assert_eq!(book(&store, booking("own", "a")).await, BookingAnswer::Booked);
    assert_eq!(book(&store, for_unit("unit", "agent")).await, BookingAnswer::Booked);
    let twice = book(&store, for_unit("again", "legal-representative")).await;
    assert_eq!(twice, BookingAnswer::Twice(BookingId("unit".to_owned())), "the same legal person");
}

pub(crate) async fn bookings_are_listed_by_person_and_by_hall(store: Store) {
    open_hall(&*store).await;
    for (day, start) in [(0, "10:00"), (2, "09:00"), (1, "09:00"), (0, "08:00")] {
        let mut mine = at(booking(&format!("b{day}{start}"), "a"), start);
        mine.slot.date = tomorrow().plus_days(day);
        mine.item = item(if start == "08:00" { 2 } else { 1 });
        assert_eq!(book(&store, mine).await, BookingAnswer::Booked);
    }
    assert_eq!(book(&store, at(booking("other", "b"), "09:30")).await, BookingAnswer::Booked);
    let (mut mine, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list_bookings(&id("a"), cursor.as_deref(), 2).await.expect("list");
        mine.extend(page.entries.into_iter().map(|booking| booking.id.0));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(mine, ["b209:00", "b109:00", "b010:00", "b008:00"]);
    let hall_list = store.list_hall_bookings(&hall(), tomorrow(), None, 100).await.expect("list").entries;
    let names: Vec<_> = hall_list.iter().map(|booking| booking.id.as_str()).collect();
    assert_eq!(names, ["b008:00", "other", "b010:00"]);
    let cursor = store.list_bookings(&id("a"), None, 1).await.expect("list").next;
    assert!(
        store.list_hall_bookings(&hall(), tomorrow(), cursor.as_deref(), 1).await.is_err(),
        "another list's cursor"
    );
}

pub(crate) async fn erasing_a_person_frees_the_places_and_names_nobody(store: Store) {
    open_hall(&*store).await;
    keep_person(&store, "a").await;
    let mut missed = booking("missed", "a");
    missed.slot.date = tomorrow().plus_days(3);
    assert_eq!(book(&store, missed.clone()).await, BookingAnswer::Booked);
    assert!(is_done(&store.mark_no_show(&missed.id, &hall(), NOW, none()).await.expect("mark")));
    let live = booking("live", "a");
    assert_eq!(book(&store, live.clone()).await, BookingAnswer::Booked);
    assert!(store.erase_person(&id("a"), NOW, none()).await.expect("erase"));
    assert_eq!(taken(&*store).await, 0);
    for (name, state) in [("missed", BookingState::NoShow), ("live", BookingState::Cancelled)] {
        let kept = store.find_booking(&BookingId(name.to_owned())).await.expect("find").expect("booking");
        assert_eq!((kept.person, kept.acting_for, kept.state), (None, None, state), "{name}");
    }
    assert!(store.list_bookings(&id("a"), None, 100).await.expect("list").entries.is_empty());
    assert!(store.list_missed(&id("a"), &hall()).await.expect("missed").is_empty());
    assert_eq!(book(&store, booking("new", "a")).await, BookingAnswer::Erased);
}

pub(crate) async fn a_refused_booking_leaves_no_trail(store: Store) {
    open_hall(&*store).await;
    let book_with = async |name: &str, capacity| {
        let answer = store.book_slot(booking(name, name), terms(capacity), trail("booking.made")).await;
        answer.expect("book")
    };
    assert_eq!(book_with("b", 1).await, BookingAnswer::Booked);
    assert_eq!(book_with("c", 1).await, BookingAnswer::Full);
    assert!(matches!(book_with("b", 1).await, BookingAnswer::Again(_)));
    let own = BookingId("b".to_owned());
    for _ in 0..2 {
        store.cancel_booking(&own, &id("b"), NOW, trail("booking.cancelled")).await.expect("cancel");
        store.check_in(&own, &hall(), NOW, trail("booking.checked-in")).await.expect("check in");
    }
    let audit = store.list_audit(None, 100).await.expect("audit").entries;
    let actions: Vec<_> = audit.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["booking.cancelled", "booking.made"]);
}
