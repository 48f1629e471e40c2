//! Slots, states, numbers and rules of booking, on made-up halls.

use super::{plan::open, *};
use crate::{
    Calendar, Timestamp,
    calendar::{DayKind, MovedDay},
};
use proptest::prelude::*;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn minute(text: &str) -> DayMinute {
    text.parse().expect("a time")
}

fn span(opens: &str, closes: &str, slot_minutes: u16, capacity: u32) -> DaySpan {
    DaySpan { opens: minute(opens), closes: minute(closes), slot_minutes, capacity }
}

/// Mondays to Fridays from nine to ten; 2031-01-04 is a Saturday that is worked.
fn hall() -> HallCalendar {
    let day = || vec![span("09:00", "10:00", 30, 3)];
    HallCalendar {
        hall: HallId::new("hall").expect("hall"),
        unit: "91350100M000100Y43".parse().expect("code"),
        plan: SlotPlan { weekly: [day(), day(), day(), day(), day(), vec![], vec![]], special: vec![] },
        days_ahead: 14,
        cancel_minutes: 60,
        no_show: NoShowRule { count: 2, window_days: 30, pause_days: 7 },
        sample: false,
        revision: 0,
    }
}

fn holidays() -> Calendar {
    let day = |text: &str, kind| MovedDay { date: text.parse().expect("a date"), kind, name: "元旦".to_owned() };
    Calendar::new([day("2031-01-01", DayKind::Holiday), day("2031-01-04", DayKind::Workday)]).expect("calendar")
}

fn starts(plan: &DayPlan) -> Vec<String> {
    match plan {
        DayPlan::Open(slots) => slots.iter().map(|slot| slot.start.to_string()).collect(),
        DayPlan::Closed(..) => Vec::new(),
    }
}

#[test]
fn a_day_goes_by_special_day_then_holiday_then_weekday() {
    let (mut hall, holidays) = (hall(), holidays());
    let day = |hall: &HallCalendar, text: &str| hall.day(None, date(text), &holidays).expect("known year");
    assert_eq!(starts(&day(&hall, "2031-01-03")), ["09:00", "09:30"], "Friday");
    assert_eq!(day(&hall, "2031-01-01"), DayPlan::Closed(Closure::Holiday, "元旦".to_owned()));
    assert_eq!(starts(&day(&hall, "2031-01-04")), ["09:00", "09:30"], "worked Saturday, as Monday");
    assert_eq!(day(&hall, "2031-01-05"), DayPlan::Closed(Closure::Weekday, String::new()), "Sunday");
    let special = |text, spans| SpecialDay { date: date(text), name: "搬迁".to_owned(), spans };
    hall.plan.special = vec![special("2031-01-03", vec![]), special("2031-01-01", vec![span("14:00", "15:00", 60, 1)])];
    assert_eq!(day(&hall, "2031-01-03"), DayPlan::Closed(Closure::Special, "搬迁".to_owned()));
    assert_eq!(starts(&day(&hall, "2031-01-01")), ["14:00"], "opened on a holiday");
}

#[test]
fn a_year_without_holidays_is_an_error_and_never_a_guess() {
    let error = hall().day(None, date("2032-01-05"), &holidays()).expect_err("2032 is not known");
    assert!(error.to_string().contains("2032"), "{error}");
}

#[test]
fn an_item_has_its_own_slots_and_the_halls_closed_days() {
    let (mut hall, holidays) = (hall(), holidays());
    let weekly = [vec![], vec![], vec![], vec![], vec![span("10:00", "11:00", 20, 1)], vec![], vec![]];
    let item = "91350100M000100Y431002001001001".parse().expect("item code");
    let mut own = ItemPlan { hall: hall.hall.clone(), item, plan: SlotPlan { weekly, special: vec![] }, revision: 1 };
    let friday = date("2031-01-03");
    let day = |hall: &HallCalendar, own: &ItemPlan| hall.day(Some(own), friday, &holidays).expect("known year");
    assert_eq!(starts(&day(&hall, &own)), ["10:00", "10:20", "10:40"]);
    let thursday = hall.day(Some(&own), date("2031-01-02"), &holidays).expect("known year");
    assert_eq!(starts(&thursday), [""; 0], "the item's own plan alone counts");
    hall.plan.special = vec![SpecialDay { date: friday, name: "停电".to_owned(), spans: vec![] }];
    assert_eq!(starts(&day(&hall, &own)), [""; 0], "the whole hall is closed");
    own.plan.special =
        vec![SpecialDay { date: friday, name: "加开".to_owned(), spans: vec![span("08:00", "08:30", 30, 1)] }];
    assert_eq!(starts(&day(&hall, &own)), ["08:00"], "the item's plan names the day itself");
}

#[test]
fn a_calendar_that_breaks_a_bound_is_refused_with_its_place() {
    let with = |change: fn(&mut HallCalendar)| {
        let mut hall = hall();
        change(&mut hall);
        hall.check().map_err(|error| error.place)
    };
    assert_eq!(with(|_| {}), Ok(()));
    type Change = fn(&mut HallCalendar);
    let refused: [(&str, Change); 12] = [
        ("days_ahead", |hall| hall.days_ahead = 91),
        ("cancel_minutes", |hall| hall.cancel_minutes = 10_081),
        ("no_show", |hall| hall.no_show.count = 11),
        ("no_show", |hall| hall.no_show.window_days = 0),
        ("weekday 2", |hall| hall.plan.weekly[1] = vec![span("09:00", "09:04", 5, 1)]),
        ("weekday 2", |hall| hall.plan.weekly[1] = vec![span("10:00", "09:00", 5, 1)]),
        ("weekday 2", |hall| hall.plan.weekly[1] = vec![span("09:00", "12:00", 4, 1)]),
        ("weekday 3", |hall| hall.plan.weekly[2] = vec![span("09:00", "12:00", 30, 0)]),
        ("weekday 4", |hall| {
            hall.plan.weekly[3] = vec![span("09:00", "12:00", 30, 1), span("11:59", "13:00", 30, 1)];
        }),
        ("weekday 5", |hall| hall.plan.weekly[4] = vec![span("09:00", "09:05", 5, 1); 7]),
        ("2031-02-01", |hall| {
            let special = SpecialDay { date: date("2031-02-01"), name: "节".to_owned(), spans: vec![] };
            hall.plan.special = vec![special.clone(), special];
        }),
        ("2031-02-01", |hall| {
            hall.plan.special = vec![SpecialDay { date: date("2031-02-01"), name: " ".to_owned(), spans: vec![] }];
        }),
    ];
    for (place, change) in refused {
        assert_eq!(with(change), Err(place.to_owned()));
    }
}

#[test]
fn only_a_booked_slot_changes_and_each_end_is_final() {
    use {BookingEvent as Event, BookingState as State};
    let ends = [(Event::Cancel, State::Cancelled), (Event::CheckIn, State::CheckedIn), (Event::MissIt, State::NoShow)];
    for (event, end) in ends {
        assert_eq!(State::Booked.after(event), Some(end));
        assert!(ends.iter().all(|(next, _)| end.after(*next).is_none()), "{end:?}");
    }
    assert!(State::Booked.takes_place() && State::NoShow.takes_place() && !State::Cancelled.takes_place());
}

#[test]
fn a_number_is_read_with_spaces_and_a_wrong_digit_is_noticed() {
    let number = BookingNumber::of_random(1_234_567);
    assert_eq!(number.spaced().parse(), Ok(number.clone()));
    assert_eq!(BookingNumber::of_random(11_234_567), number, "seven digits count");
    for text in ["", "1234567", "123456789", "1234567a"] {
        assert!(text.parse::<BookingNumber>().is_err(), "{text}");
    }
}

#[test]
fn times_are_read_to_the_minute_and_nothing_else() {
    assert_eq!(minute("24:00").minutes(), 1_440);
    assert_eq!(minute("09:05").to_string(), "09:05");
    assert_eq!(minute("08:00").on(date("1970-01-02")), Timestamp(86_400_000), "eight in China is midnight in UTC");
    for text in ["24:01", "09:60", "9:00", "09-00", "", "０９:00", "099:0"] {
        assert!(text.parse::<DayMinute>().is_err(), "{text}");
    }
}

#[test]
fn two_missed_slots_within_the_window_pause_and_two_apart_do_not() {
    let day = 24 * 3_600_000;
    let rule = NoShowRule { count: 2, window_days: 30, pause_days: 7 };
    let at = |days: u64| Timestamp(days * day);
    assert_eq!(rule.paused_until(&[at(1)], at(2)), None, "one");
    assert_eq!(rule.paused_until(&[at(29), at(1)], at(30)), Some(at(36)));
    assert_eq!(rule.paused_until(&[at(29), at(1)], at(36)), None, "the pause is over");
    assert_eq!(rule.paused_until(&[at(31), at(1)], at(32)), None, "30 days apart");
    assert_eq!(rule.paused_until(&[at(1), at(2), at(40)], at(41)), None, "the run is long ago");
    let off = NoShowRule { count: 0, ..rule };
    assert_eq!(off.paused_until(&[at(1), at(1), at(1)], at(2)), None);
}

#[test]
fn a_hall_has_a_plain_name() {
    assert!(HallId::new("hangzhou-hall").is_ok() && HallId::new("a".repeat(64)).is_ok());
    for text in ["", "Hall", "a/b", "a b", "大厅", &"a".repeat(65)] {
        assert!(HallId::new(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn every_single_wrong_digit_of_a_number_is_noticed(bits in any::<u32>(), at in 0usize..8, by in 1u8..10) {
        let mut digits = BookingNumber::of_random(bits).as_str().as_bytes().to_vec();
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        let text = String::from_utf8(digits).expect("digits");
        prop_assert!(text.parse::<BookingNumber>().is_err());
    }

    #[test]
    fn slots_fill_their_span_without_gap_or_overlap(
        opens in 0u16..1_440, long in 0u16..1_440, slot_minutes in 5u16..481, capacity in 1u32..5,
    ) {
        let minute = |minutes: u16| DayMinute::new(minutes.min(1_440)).expect("minute");
        let span = DaySpan { opens: minute(opens), closes: minute(opens + long), slot_minutes, capacity };
        let plan = open(&[span], Closure::Weekday, "");
        let slots = match plan { DayPlan::Open(slots) => slots, DayPlan::Closed(..) => vec![] };
        let length = span.closes.minutes() - span.opens.minutes();
        prop_assert_eq!(slots.len(), usize::from(length / slot_minutes));
        let mut begin = span.opens;
        for slot in slots {
            prop_assert_eq!((slot.start, slot.end, slot.capacity), (begin, begin.plus(slot_minutes).expect("end"), capacity));
            begin = slot.end;
        }
        prop_assert!(begin <= span.closes);
    }
}
