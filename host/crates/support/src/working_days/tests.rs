//! The holidays that ship, against the yearly notices of the State Council, and what an import changes of them.

use super::*;
use proptest::prelude::*;
use yizhan_domain::calendar::DayKind;

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Days of a span, both ends with it, on which people do not work.
fn days_off(calendar: &Calendar, from: &str, to: &str) -> u32 {
    let (mut day, mut off) = (date(from), 0);
    while day <= date(to) {
        off += u32::from(!calendar.is_working_day(day).expect("known"));
        day = day.plus_days(1);
    }
    off
}

#[test]
fn spring_festivals_are_as_the_notices_of_the_state_council_say() {
    let calendar = shipped().expect("shipped");
    // 2025: off from 28 January to 4 February, eight days; 26 January and 8 February are worked.
    assert_eq!(days_off(&calendar, "2025-01-28", "2025-02-04"), 8);
    for worked in ["2025-01-26", "2025-01-27", "2025-02-05", "2025-02-08"] {
        assert_eq!(calendar.is_working_day(date(worked)), Ok(true), "{worked}");
    }
    // 2026: off from 15 to 23 February, nine days; 14 and 28 February are worked.
    assert_eq!(days_off(&calendar, "2026-02-15", "2026-02-23"), 9);
    for worked in ["2026-02-13", "2026-02-14", "2026-02-24", "2026-02-28"] {
        assert_eq!(calendar.is_working_day(date(worked)), Ok(true), "{worked}");
    }
}

#[test]
fn time_limits_are_counted_across_spring_festival() {
    let calendar = shipped().expect("shipped");
    for (from, count, to) in [
        ("2025-01-24", 1, "2025-01-26"), // Friday; the Sunday is worked
        ("2025-01-24", 2, "2025-01-27"),
        ("2025-01-24", 3, "2025-02-05"),
        ("2025-01-24", 6, "2025-02-08"), // the Saturday after
        ("2025-01-24", 7, "2025-02-10"),
        ("2026-02-12", 2, "2026-02-14"),
        ("2026-02-12", 3, "2026-02-24"),
        ("2026-02-12", 7, "2026-02-28"),
        ("2026-02-12", 8, "2026-03-02"),
    ] {
        assert_eq!(calendar.add_working_days(date(from), count), Ok(date(to)), "{from} + {count}");
        assert_eq!(calendar.working_days_between(date(from), date(to)), Ok(count), "{from} to {to}");
    }
}

#[test]
fn every_known_year_has_its_statutory_holidays() {
    let calendar = shipped().expect("shipped");
    assert_eq!(calendar.years(), [2024, 2025, 2026]);
    for year in calendar.years() {
        let of_year: Vec<&MovedDay> = calendar.moved_days().filter(|day| day.date.year() == year).collect();
        for name in ["元旦", "春节", "清明节", "劳动节", "端午节", "国庆节"] {
            assert!(of_year.iter().any(|day| day.name == name && day.kind == DayKind::Holiday), "{name} of {year}");
        }
        let count = |kind| of_year.iter().filter(|day| day.kind == kind).count();
        assert!((28..=33).contains(&count(DayKind::Holiday)) && (5..=8).contains(&count(DayKind::Workday)), "{year}");
        // A year of 52 weeks has about 261 weekdays, of which 11 to 13 are statutory holidays.
        let (first, last) = (format!("{}-12-31", year - 1), format!("{year}-12-31"));
        if calendar.years().contains(&(year - 1)) {
            let worked = calendar.working_days_between(date(&first), date(&last)).expect("known");
            assert!((247..=251).contains(&worked), "{worked} of {year}");
        }
    }
}

#[test]
fn an_imported_year_counts_and_changes_days_of_the_year_before() {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = DataFolder::of(dir.path());
    let days = WorkingDays::open(&folder).expect("opens");
    assert!(days.calendar().is_working_day(date("2027-01-04")).is_err());
    let text = r#"{"holidays": [{"date": "2026-12-31", "kind": "holiday", "name": "元旦"},
        {"date": "2027-01-01", "kind": "holiday", "name": "元旦"}]}"#;
    folder.replace(&folder.lock().expect("lock"), DataSet::Holidays, text).expect("replaces");
    let before = days.calendar();
    days.reload(&folder).expect("reloads");
    let now = days.calendar();
    assert_eq!(now.is_working_day(date("2027-01-04")), Ok(true));
    assert_eq!(now.is_working_day(date("2026-12-31")), Ok(false));
    assert_eq!(now.is_working_day(date("2026-10-01")), Ok(false), "2026 is still known");
    assert!(before.is_working_day(date("2027-01-04")).is_err(), "who holds a calendar keeps it");
}

#[test]
fn a_broken_file_leaves_the_calendar_as_it_was() {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = DataFolder::of(dir.path());
    let days = WorkingDays::open(&folder).expect("opens");
    folder.replace(&folder.lock().expect("lock"), DataSet::Holidays, "{").expect("replaces");
    assert!(days.reload(&folder).expect_err("broken").to_string().starts_with("holidays.json, entry 0"));
    assert_eq!(days.calendar().is_working_day(date("2026-10-01")), Ok(false));
}

proptest! {
    #[test]
    fn so_many_days_added_are_so_many_counted(start in 0i64..700, count in 0u32..250) {
        let calendar = shipped().expect("shipped");
        let from = date("2024-01-01").plus_days(start);
        let to = calendar.add_working_days(from, count).expect("known years");
        prop_assert_eq!(calendar.working_days_between(from, to), Ok(count));
        prop_assert!(count == 0 || calendar.is_working_day(to).expect("known"));
    }
}
