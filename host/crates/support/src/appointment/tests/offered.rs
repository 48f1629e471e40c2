//! What is offered, and everything that refuses a booking.

use super::super::*;
use super::bed::*;
use yizhan_domain::Date;
use yizhan_domain::appointment::{ItemPlan, SlotPlan, SpecialDay};
use yizhan_domain::authorization::Capacity;
use yizhan_store::records::StoreMode;

#[tokio::test]
async fn a_hall_offers_days_and_slots_with_what_is_left() {
    let bed = Bed::new().await;
    let halls = list_halls(&bed.context(), &bed.desk, &bed.item).await.expect("halls");
    assert_eq!(halls.iter().map(|hall| hall.id.as_str()).collect::<Vec<_>>(), [HALL], "only it takes bookings");
    assert_eq!(halls[0].first_free, Some(bed.today()));
    bed.book("a").await.expect("booked");
    bed.book("b").await.expect("booked");
    let days = list_days(&bed.context(), &bed.desk, HALL, &bed.item).await.expect("days");
    let standing = |index: usize| &days[index].standing;
    assert_eq!((days.len(), days[0].date, days[0].weekday), (8, bed.today(), 1));
    assert_eq!((standing(0), standing(1)), (&DayStanding::Open { left: 4 }, &DayStanding::Open { left: 2 }));
    assert!(matches!(standing(5), DayStanding::Closed { reason: ClosedReason::Weekday, .. }), "Saturday");
    let tomorrow = bed.today().plus_days(1);
    let slots = list_slots(&bed.context(), &bed.desk, HALL, &bed.item, tomorrow).await.expect("slots");
    let left: Vec<_> = slots.iter().map(|slot| (slot.start.to_string(), slot.capacity, slot.left)).collect();
    assert_eq!(left, [("09:00".to_owned(), 2, 0), ("09:30".to_owned(), 2, 2)]);
    bed.clock.advance_ms(3_600_000);
    let slots = list_slots(&bed.context(), &bed.desk, HALL, &bed.item, bed.today()).await.expect("slots");
    assert_eq!(slots.len(), 1, "nine o'clock has come");
    bed.clock.advance_ms(1_800_000);
    let days = list_days(&bed.context(), &bed.desk, HALL, &bed.item).await.expect("days");
    assert_eq!(days[0].date, bed.today().plus_days(1), "today is over");
}

#[tokio::test]
async fn a_year_without_holidays_cannot_be_booked_and_says_so() {
    let bed = Bed::new().await;
    let last = bed.desk.places.working_days().calendar().known_until().expect("known");
    bed.clock.advance_ms(last.plus_days(-1).start_in_china().0 - START.0);
    let days = list_days(&bed.context(), &bed.desk, HALL, &bed.item).await.expect("days");
    let beyond = days.iter().find(|day| day.date == last.plus_days(1)).expect("the next year");
    assert!(matches!(beyond.standing, DayStanding::Closed { reason: ClosedReason::UnknownYear, .. }));
    let form = BookForm { date: last.plus_days(1), ..bed.form("a") };
    assert_eq!(refusal(book(&bed.context(), &bed.desk, &booker("a"), &form).await), "unknown-year");
    let slots = list_slots(&bed.context(), &bed.desk, HALL, &bed.item, last.plus_days(1)).await;
    assert_eq!(refusal(slots), "unknown-year");
}

#[tokio::test]
async fn each_wrong_wish_is_refused_with_its_code() {
    let bed = Bed::new().await;
    let today = bed.today();
    type Change = fn(&Bed, &mut BookForm);
    let refused: [(&str, Change); 10] = [
        ("unknown-hall", |_, form| form.hall = "nowhere".to_owned()),
        ("unknown-hall", |_, form| form.hall = "hangzhou-t1".to_owned()),
        ("not-handled", |_, form| form.hall = "shenzhen-hall".to_owned()),
        ("no-calendar", |_, form| form.hall = "hangzhou-west-hall".to_owned()),
        ("not-bookable", |bed, form| form.item = bed.unbookable.clone()),
        ("invalid", |_, form| form.item = "123".to_owned()),
        ("invalid", |_, form| form.key = "short".to_owned()),
        ("too-far", |bed, form| form.date = bed.today().plus_days(8)),
        ("closed-day", |bed, form| form.date = bed.today().plus_days(5)),
        ("no-slot", |_, form| form.start = "09:15".parse().expect("time")),
    ];
    for (code, change) in refused {
        let mut form = bed.form("a");
        change(&bed, &mut form);
        assert_eq!(refusal(book(&bed.context(), &bed.desk, &booker("a"), &form).await), code);
    }
    bed.clock.advance_ms(3_600_000);
    let form = BookForm { date: today, ..bed.form("a") };
    assert_eq!(refusal(book(&bed.context(), &bed.desk, &booker("a"), &form).await), "past-slot");
    assert!(bed.audit().await.iter().all(|(action, _)| action != "booking.made"), "nothing was booked");
}

#[tokio::test]
async fn the_wrong_kind_of_person_or_a_weak_account_is_refused_and_audited() {
    let bed = Bed::new().await;
    let weak = Booker { assurance: Assurance::Basic, ..booker("a") };
    let acting_for = Some(Capacity { uscc: unit(), role: "agent".to_owned() });
    let agent = Booker { acting_for, ..booker("a") };
    for (who, code) in [(weak, "assurance-too-low"), (agent, "wrong-person-kind")] {
        assert_eq!(refusal(book(&bed.context(), &bed.desk, &who, &bed.form("a")).await), code);
        assert_eq!(bed.audit().await.last(), Some(&("booking.made".to_owned(), code.to_owned())));
    }
}

#[tokio::test]
async fn an_items_own_slots_take_the_place_of_the_halls() {
    let bed = Bed::new().await;
    bed.book("a").await.expect("booked from the hall's slots");
    let mut weekly = calendar().plan.weekly;
    weekly.iter_mut().flatten().for_each(|span| span.capacity = 1);
    let special = vec![SpecialDay { date: bed.today(), name: "培训".to_owned(), spans: vec![] }];
    let plan = ItemPlan {
        hall: calendar().hall,
        item: bed.item.parse().expect("code"),
        plan: SlotPlan { weekly, special },
        revision: 0,
    };
    bed.desk.store().put_item_plan(plan, Trail::default()).await.expect("plan");
    bed.book("b").await.expect("booked from the item's own");
    assert_eq!(refusal(bed.book("c").await), "slot-full");
    let days = list_days(&bed.context(), &bed.desk, HALL, &bed.item).await.expect("days");
    let closed = DayStanding::Closed { reason: ClosedReason::Special, name: "培训".to_owned() };
    assert_eq!(days[0].standing, closed);
}

#[tokio::test]
async fn sample_halls_take_bookings_at_once_and_production_has_none() {
    let bed = Bed::empty(StoreMode::Development);
    let opened = put_samples(&bed.context(), &bed.desk).await.expect("samples");
    assert!(opened >= 20, "{opened}");
    assert_eq!(put_samples(&bed.context(), &bed.desk).await.expect("samples"), 0, "they are open");
    let halls = list_halls(&bed.context(), &bed.desk, &bed.item).await.expect("halls");
    assert!(halls.iter().all(|hall| hall.sample && hall.first_free.is_some()) && halls.len() >= 2);
    let first = halls[0].first_free.expect("day");
    let slots = list_slots(&bed.context(), &bed.desk, halls[0].id.as_str(), &bed.item, first).await.expect("slots");
    let form = BookForm { hall: halls[0].id.to_string(), date: first, start: slots[0].start, ..bed.form("a") };
    book(&bed.context(), &bed.desk, &booker("a"), &form).await.expect("booked");
    let production = Bed::empty(StoreMode::Production);
    assert_eq!(put_samples(&production.context(), &production.desk).await.expect("none"), 0);
}

#[tokio::test]
async fn bookings_across_a_holiday_go_by_the_moved_days() {
    let bed = Bed::new().await;
    let festival: Date = "2026-02-12".parse().expect("date");
    // The clock cannot go back: the calendar is asked directly.
    let holidays = bed.desk.places.working_days().calendar();
    let open = |days: i64| {
        let day = calendar().day(None, festival.plus_days(days), &holidays).expect("2026 is known");
        matches!(day, yizhan_domain::appointment::DayPlan::Open(_))
    };
    // Spring Festival 2026: off from 15 to 23 February; 14 (Saturday) and 28 are worked.
    assert_eq!((0..=16).filter(|days| open(*days)).collect::<Vec<_>>(), [0, 1, 2, 12, 13, 14, 15, 16]);
}
