//! Made-up calendars; the real holidays are tested where their data lie, in the room of support.

use super::*;
use proptest::prelude::*;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

fn day(text: &str, kind: DayKind) -> MovedDay {
    MovedDay { date: date(text), kind, name: "节".to_owned() }
}

fn calendar() -> Calendar {
    let holidays = ["2031-01-01", "2031-01-02", "2031-05-05", "2032-01-01"].map(|text| day(text, DayKind::Holiday));
    let moved = ["2031-01-04", "2031-05-11"].map(|text| day(text, DayKind::Workday));
    Calendar::new(holidays.into_iter().chain(moved)).expect("a calendar")
}

#[test]
fn holidays_are_off_and_moved_days_are_worked() {
    let calendar = calendar();
    for (text, works) in [
        ("2031-01-01", false), // holiday
        ("2031-01-02", false), // holiday
        ("2031-01-03", true),  // Friday
        ("2031-01-04", true),  // Saturday, moved
        ("2031-01-05", false), // Sunday
        ("2031-05-05", false), // Monday, holiday
        ("2031-05-11", true),  // Sunday, moved
    ] {
        assert_eq!(calendar.is_working_day(date(text)), Ok(works), "{text}");
    }
    assert_eq!(calendar.years(), [2031, 2032]);
    assert_eq!(calendar.known_until(), Some(date("2032-12-31")));
}

#[test]
fn a_year_without_data_is_an_error_that_says_until_when_there_are_data() {
    let calendar = calendar();
    let error = calendar.is_working_day(date("2033-01-03")).expect_err("unknown");
    let text =
        "the holidays of 2033 are not known: the data begin with 2031-01-01 and end with 2032-12-31; import newer ones";
    assert_eq!(error.to_string(), text);
    assert!(calendar.is_working_day(date("2030-12-31")).is_err());
    assert!(calendar.add_working_days(date("2032-12-30"), 2).is_err(), "the second day would be guessed");
    assert_eq!(calendar.add_working_days(date("2032-12-30"), 1), Ok(date("2032-12-31")));
    assert!(calendar.working_days_between(date("2032-12-30"), date("2033-01-01")).is_err());
    let none = Calendar::new([]).expect("empty");
    assert!(none.is_working_day(date("2031-01-01")).expect_err("no data").to_string().contains("there are no data"));
    assert_eq!(none.known_until(), None);
}

#[test]
fn a_list_that_contradicts_itself_is_refused() {
    let twice = Calendar::new([day("2031-01-01", DayKind::Holiday), day("2031-01-01", DayKind::Workday)]);
    assert_eq!(twice, Err(CalendarError::NotMoved { date: date("2031-01-01") }));
    let twice = Calendar::new([day("2031-01-04", DayKind::Holiday), day("2031-01-04", DayKind::Workday)]);
    assert_eq!(twice, Err(CalendarError::Twice { date: date("2031-01-04") }));
}

#[test]
fn the_day_on_which_a_limit_begins_does_not_count() {
    let calendar = calendar();
    assert_eq!(calendar.add_working_days(date("2031-01-03"), 0), Ok(date("2031-01-03")));
    assert_eq!(calendar.add_working_days(date("2031-01-03"), 1), Ok(date("2031-01-04")));
    assert_eq!(calendar.add_working_days(date("2031-01-03"), 2), Ok(date("2031-01-06")));
    assert_eq!(calendar.working_days_between(date("2031-01-03"), date("2031-01-06")), Ok(2));
    assert_eq!(calendar.working_days_between(date("2031-01-06"), date("2031-01-03")), Ok(0));
}

proptest! {
    #[test]
    fn so_many_days_added_are_so_many_counted(start in 0i64..500, count in 0u32..120) {
        let calendar = calendar();
        let from = date("2031-01-01").plus_days(start);
        let to = calendar.add_working_days(from, count).expect("known years");
        prop_assert_eq!(calendar.working_days_between(from, to), Ok(count));
        prop_assert!(count == 0 || calendar.is_working_day(to).expect("known"));
        prop_assert_eq!(calendar.add_working_days(to, 7), calendar.add_working_days(from, count + 7));
    }
}
