//! Weeks, holidays, moved days and special days over the real calendar.

use super::*;
use crate::working_days;
use proptest::prelude::*;

fn calendar() -> Calendar {
    working_days::shipped().expect("shipped holidays")
}

fn at(text: &str, hour: u64, minute: u64) -> Timestamp {
    let date: Date = text.parse().expect("a date");
    date.start_in_china().plus_ms((hour * 60 + minute) * MINUTE_MS)
}

/// Monday to Friday 9:00 to 12:00 and 13:30 to 17:00, Saturday 9:00 to 11:00.
fn week() -> Vec<Opening> {
    let mut week: Vec<Opening> = (1..=5)
        .flat_map(|weekday| [(540, 720), (810, 1_020)].map(|(opens, closes)| Opening { weekday, opens, closes }))
        .collect();
    week.push(Opening { weekday: 6, opens: 540, closes: 660 });
    week
}

fn hall<'a>(weekly: &'a [Opening], special: &'a [SpecialDay], calendar: &'a Calendar) -> Hours<'a> {
    Hours { weekly, special, open_on_holidays: false, calendar }
}

#[test]
fn opens_with_the_first_minute_and_is_closed_with_the_last() {
    let (week, calendar) = (week(), calendar());
    let hours = hall(&week, &[], &calendar);
    for (date, hour, minute, open) in [
        ("2026-11-23", 8, 59, false),
        ("2026-11-23", 9, 0, true),
        ("2026-11-23", 11, 59, true),
        ("2026-11-23", 12, 0, false),
        ("2026-11-23", 13, 30, true),
        ("2026-11-23", 17, 0, false),
        ("2026-11-28", 10, 59, true),
        ("2026-11-28", 11, 0, false),
        ("2026-11-29", 10, 0, false),
    ] {
        assert_eq!(hours.open_at(at(date, hour, minute)), Ok(open), "{date} {hour}:{minute}");
    }
}

#[test]
fn spring_festival_is_closed_and_the_days_moved_for_it_have_the_hours_of_a_monday() {
    let (week, calendar) = (week(), calendar());
    let hours = hall(&week, &[], &calendar);
    for (date, hour, open) in [
        ("2025-01-26", 10, true),  // Sunday, moved
        ("2025-01-27", 10, true),  // Monday
        ("2025-01-28", 10, false), // New Year's Eve
        ("2025-02-04", 10, false), // Tuesday, last day off
        ("2025-02-05", 10, true),
        ("2025-02-08", 15, true),  // Saturday, moved: not the short Saturday
        ("2026-02-14", 15, true),  // Saturday, moved
        ("2026-02-16", 10, false), // Monday, New Year's Eve
        ("2026-02-21", 10, false), // Saturday of the holiday: not its Saturday hours
        ("2026-02-23", 10, false), // Monday, last day off
        ("2026-02-24", 10, true),
        ("2026-02-28", 15, true), // Saturday, moved
        ("2026-03-07", 10, true), // an ordinary Saturday
        ("2026-03-07", 15, false),
    ] {
        assert_eq!(hours.open_at(at(date, hour, 0)), Ok(open), "{date} {hour}");
    }
}

#[test]
fn a_terminal_goes_on_over_holidays_and_needs_no_calendar() {
    let (always, calendar) = ((1..=7).map(|weekday| Opening { weekday, opens: 0, closes: 1_440 }), calendar());
    let always: Vec<Opening> = always.collect();
    let hours = Hours { open_on_holidays: true, ..hall(&always, &[], &calendar) };
    for date in ["2026-02-17", "2026-10-01", "2040-01-01"] {
        assert_eq!(hours.open_at(at(date, 3, 0)), Ok(true), "{date}");
    }
    let state = hours.state(at("2026-02-17", 3, 0)).expect("known");
    assert_eq!(state, OpenState { open: true, changes: None, day_name: None });
}

#[test]
fn a_special_day_says_all_there_is_to_say() {
    let (week, calendar) = (week(), calendar());
    let special = [
        SpecialDay {
            date: "2026-02-17".parse().expect("date"),
            spans: vec![Span { opens: 600, closes: 900 }],
            name: "春节值班".to_owned(),
        },
        SpecialDay { date: "2026-03-04".parse().expect("date"), spans: Vec::new(), name: "设备检修".to_owned() },
        SpecialDay { date: "2041-03-04".parse().expect("date"), spans: Vec::new(), name: String::new() },
    ];
    let hours = hall(&week, &special, &calendar);
    assert_eq!(hours.open_at(at("2026-02-17", 14, 59)), Ok(true), "open on a holiday");
    assert_eq!(hours.open_at(at("2026-02-17", 9, 30)), Ok(false));
    assert_eq!(hours.open_at(at("2026-03-04", 10, 0)), Ok(false), "closed on a Wednesday");
    assert_eq!(hours.open_at(at("2041-03-04", 10, 0)), Ok(false), "the calendar is not asked");
    let state = hours.state(at("2026-03-04", 10, 0)).expect("known");
    assert_eq!(state.day_name.as_deref(), Some("设备检修"));
    assert_eq!(state.changes, Some(at("2026-03-05", 9, 0)));
}

#[test]
fn a_year_whose_holidays_are_not_known_is_an_error() {
    let (week, calendar) = (week(), calendar());
    let error = hall(&week, &[], &calendar).open_at(at("2040-01-04", 10, 0)).expect_err("unknown");
    assert!(error.to_string().contains("the holidays of 2040 are not known"), "{error}");
}

#[test]
fn the_next_change_is_over_lunch_nights_weekends_and_holidays() {
    let (week, calendar) = (week(), calendar());
    let hours = hall(&week, &[], &calendar);
    for (now, open, next) in [
        (at("2026-11-23", 8, 0), false, at("2026-11-23", 9, 0)),
        (at("2026-11-23", 9, 0), true, at("2026-11-23", 12, 0)),
        (at("2026-11-23", 12, 0), false, at("2026-11-23", 13, 30)),
        (at("2026-11-23", 18, 0), false, at("2026-11-24", 9, 0)),
        (at("2026-11-28", 12, 0), false, at("2026-11-30", 9, 0)),
        (at("2026-09-30", 17, 30), false, at("2026-10-08", 9, 0)),
        (at("2026-02-14", 18, 0), false, at("2026-02-24", 9, 0)),
    ] {
        let state = hours.state(now).expect("known");
        assert_eq!((state.open, state.changes), (open, Some(next)), "{now:?}");
    }
    assert_eq!(hours.state(at("2026-10-01", 10, 0)).expect("known").day_name.as_deref(), Some("国庆节"));
    let last = hours.state(at("2026-12-31", 18, 0)).expect("2026 is known");
    assert_eq!(last.changes, None, "the holidays of 2027 are not known, and nothing is guessed");
}

#[test]
fn hours_that_touch_are_one() {
    let weekly = [
        Opening { weekday: 1, opens: 600, closes: 1_440 },
        Opening { weekday: 2, opens: 0, closes: 60 },
        Opening { weekday: 2, opens: 60, closes: 120 },
    ];
    let calendar = calendar();
    let state = hall(&weekly, &[], &calendar).state(at("2026-11-23", 11, 0)).expect("known");
    assert_eq!(state.changes, Some(at("2026-11-24", 2, 0)));
}

#[test]
fn the_epoch_was_a_thursday_morning_in_china() {
    let (weekly, calendar) = ([Opening { weekday: 4, opens: 480, closes: 481 }], calendar());
    let hours = Hours { open_on_holidays: true, ..hall(&weekly, &[], &calendar) };
    assert_eq!(hours.open_at(Timestamp(0)), Ok(true));
}

#[test]
fn impossible_hours_are_refused() {
    for (weekday, opens, closes) in [(0, 1, 2), (8, 1, 2), (1, 2, 2), (1, 3, 2), (1, 0, 1_441)] {
        assert!(Opening { weekday, opens, closes }.check().is_err());
    }
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change(
        spans in proptest::collection::vec((1u8..=7, 0u16..1_440, 1u16..600), 0..8), minute in 0u64..525_600,
    ) {
        let weekly: Vec<Opening> = spans.into_iter()
            .map(|(weekday, opens, length)| Opening { weekday, opens, closes: (opens + length).min(1_440) })
            .collect();
        let calendar = calendar();
        let hours = hall(&weekly, &[], &calendar);
        let now = at("2025-01-01", 0, 0).plus_ms(minute * MINUTE_MS);
        let state = hours.state(now).expect("known");
        prop_assert_eq!(hours.open_at(now), Ok(state.open));
        let until = state.changes.map_or(now.plus_ms(3 * 86_400_000), |changes| Timestamp(changes.0 - 1));
        for step in (now.0..=until.0).step_by(17 * 60_000).take(400) {
            prop_assert_eq!(hours.open_at(Timestamp(step)), Ok(state.open));
        }
        if let Some(changes) = state.changes {
            prop_assert_eq!(hours.open_at(changes), Ok(!state.open));
        }
    }

    #[test]
    fn no_moment_panics(at in proptest::num::u64::ANY) {
        let (week, calendar) = (week(), calendar());
        let _ = hall(&week, &[], &calendar).state(Timestamp(at));
    }
}
