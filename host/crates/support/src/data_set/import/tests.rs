//! Files that are right, files that are wrong, and what is written of either.

use super::*;
use crate::{
    Catalog, Places, WorkingDays,
    data_set::{FIELD_BYTES_MAX, FOLDER, PROBLEMS_MAX, ROWS_MAX, export},
    place::Opening,
};
use proptest::prelude::*;
use std::{fs, path::Path, sync::Arc};
use yizhan_domain::{Date, RequestId, Timestamp, code::CreditCode, geo::Datum};

mod files;

fn context() -> Context {
    Context { id: RequestId(1), now: Timestamp(0) }
}

fn run(dir: &Path, set: DataSet, format: Format, text: &str) -> Report {
    let request = ImportRequest { set, format, bytes: text.as_bytes(), dry_run: false };
    import(&context(), &DataFolder::of(dir), &request).expect("the folder is fine")
}

fn csv(dir: &Path, set: DataSet, text: &str) -> Report {
    run(dir, set, Format::Csv, text)
}

/// Reads everything of a data directory as a hub does when it starts.
fn probe(folder: &DataFolder) -> Result<(), SupportError> {
    let working_days = Arc::new(WorkingDays::open(folder)?);
    Catalog::open(folder)?;
    Places::open(folder, working_days).map(drop)
}

fn written(dir: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir.join(FOLDER)) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name != "lock").collect();
    names.sort();
    names
}

fn credit(serial: &str) -> String {
    let first17 = format!("00330100000000{serial}");
    format!("{first17}{}", CreditCode::check_character(first17.as_bytes()))
}

fn code(serial: &str, main: &str) -> String {
    format!("{}30020{main}000", credit(serial))
}

const ITEM_HEADER: &str = "code,name,audience,online,kind,other_names,legal_basis,conditions,materials,steps,legal_days,\
                           promised_days,has_fee,bookable,on_terminals,outcome,contact_phone,supervision_phone";

/// Two units, two items and a hall, as somebody writes them in a spreadsheet.
fn units() -> String {
    format!(
        "\u{feff}credit_code,name,region\r\n{},某市人社局,330100000000\r\n{},某市医保局,330100000000\r\n",
        credit("001"),
        credit("002")
    )
}

fn items() -> String {
    let (one, two) = (code("001", "A0001"), code("002", "A0002"));
    format!(
        "{ITEM_HEADER}\n{one},参保证明,natural-person,complete,公共服务,\"社保证明\n sb \",某法,已参保,\"身份证|1|0|required\n委托书|1|1|optional\",\
         查询,30,0,否,是,TRUE,证明,0571-12333,\n{two},异地备案,all,partial,公共服务,,,,,,,5,false,false,false,,,\n"
    )
}

fn places() -> String {
    let one = code("001", "A0001");
    format!(
        "items,id,kind,name,address,region,latitude,longitude,datum,phone,hours,special_days,accessible\n\
         {one},city-hall,hall,市民中心,某路1号,330106000000,30.2741,120.13,gcj02,,\"1-5 09:00-12:00,13:30-17:00\n6 09:00-11:00\",\
         \"2026-02-17 closed 春节\n2026-12-25 10:00-15:00\",true\n"
    )
}

fn imported() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("tempdir");
    for (set, text) in [(DataSet::Units, units()), (DataSet::Items, items()), (DataSet::Places, places())] {
        let report = csv(dir.path(), set, &text);
        assert!(report.written && report.is_sound(), "{report:?}");
    }
    dir
}

#[test]
fn what_was_imported_is_what_the_hub_shows() {
    let dir = imported();
    let folder = DataFolder::of(dir.path());
    let catalog = Catalog::open(&folder).expect("catalog");
    let item = catalog.find_item(&context(), &code("001", "A0001"), &crate::app::NoApps).expect("code").expect("there");
    assert_eq!((item.summary.name.as_str(), item.summary.unit.as_str()), ("参保证明", "某市人社局"));
    assert_eq!((item.legal_days, item.has_fee, item.bookable, item.on_terminals), (Some(30), false, true, true));
    assert_eq!(
        item.materials.iter().map(|one| (one.name.as_str(), one.required)).collect::<Vec<_>>(),
        [("身份证", true), ("委托书", false)]
    );
    assert!(!catalog.is_sample());
    let places = Places::open(&folder, Arc::new(WorkingDays::open(&folder).expect("days"))).expect("places");
    let hall = places.find(&context(), "city-hall", Datum::Gcj02).expect("there");
    assert_eq!(hall.hours.len(), 11);
    assert_eq!(hall.hours.last(), Some(&Opening { weekday: 6, opens: 540, closes: 660 }));
    assert_eq!(hall.special_days.len(), 2);
    assert!(!hall.open_on_holidays && (hall.point.latitude - 30.2741).abs() < 1e-6);
    probe(&folder).expect("a hub starts on it");
}

#[test]
fn a_running_hub_takes_it_over_without_a_restart() {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = DataFolder::of(dir.path());
    let (catalog, days) =
        (Catalog::open(&folder).expect("samples"), Arc::new(WorkingDays::open(&folder).expect("days")));
    let places = Places::open(&folder, days).expect("samples");
    assert!(catalog.is_sample() && places.is_sample());
    csv(dir.path(), DataSet::Units, &units());
    csv(dir.path(), DataSet::Items, &items());
    catalog.reload(&folder).expect("reloads");
    places.reload(&folder).expect("reloads");
    assert!(catalog.find_item(&context(), &code("002", "A0002"), &crate::app::NoApps).expect("code").is_some());
    assert!(!catalog.is_sample() && !places.is_sample(), "no sample stands among real data");
    assert!(places.find(&context(), "hangzhou-hall", Datum::Wgs84).is_none());
    fs::write(dir.path().join(FOLDER).join("items.json"), "{").expect("damages");
    assert!(catalog.reload(&folder).is_err());
    assert!(
        catalog.find_item(&context(), &code("002", "A0002"), &crate::app::NoApps).expect("code").is_some(),
        "as before"
    );
}

#[test]
fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let dir = imported();
    let folder = DataFolder::of(dir.path());
    let more = units() + &format!("{},某市公积金中心,330100000000\n", credit("003"));
    let changed = more.replace("某市医保局", "某市医疗保障局");
    let request = ImportRequest { set: DataSet::Units, format: Format::Csv, bytes: changed.as_bytes(), dry_run: true };
    let before = fs::read(dir.path().join("data-sets/units.json")).expect("reads");
    let report = import(&context(), &folder, &request).expect("folder");
    assert!(report.is_sound() && !report.written);
    assert_eq!((report.rows, report.added, report.changed, report.same, report.removed), (3, 1, 1, 1, 0));
    assert_eq!(fs::read(dir.path().join("data-sets/units.json")).expect("reads"), before);
    let nowhere = tempfile::tempdir().expect("tempdir");
    import(&context(), &DataFolder::of(nowhere.path()), &request).expect("folder");
    assert_eq!(fs::read_dir(nowhere.path()).expect("lists").count(), 0, "not even a folder");
}

#[test]
fn one_wrong_line_of_many_keeps_all_out() {
    let dir = imported();
    let before = fs::read(dir.path().join("data-sets/items.json")).expect("reads");
    let wrong = items().replace("异地备案,all", "异地备案,everybody");
    let report = csv(dir.path(), DataSet::Items, &wrong);
    assert!(!report.written);
    let problem = &report.problems[0];
    // The first item takes three lines of the file, the header one.
    assert_eq!((report.problems.len(), problem.line, problem.column), (1, 5, "audience"));
    assert_eq!((problem.found.as_str(), problem.allowed.as_str()), ("everybody", "natural-person, legal-person, all"));
    assert_eq!(fs::read(dir.path().join("data-sets/items.json")).expect("reads"), before);
}

#[test]
fn every_rule_of_a_code_is_kept_and_named() {
    let dir = tempfile::tempdir().expect("tempdir");
    let right = credit("001");
    let wrong_check = format!("{}{}", &right[..17], if right.ends_with('0') { '1' } else { '0' });
    for (credit_code, column, said) in [
        (wrong_check.as_str(), "credit_code", "check character"),
        (&right[1..], "credit_code", "has 17 characters"),
        (&right.replace("3301", "33O1"), "credit_code", "at position 5"),
    ] {
        let report =
            csv(dir.path(), DataSet::Units, &format!("credit_code,name,region\n{credit_code},局,330100000000\n"));
        let problem = &report.problems[0];
        assert_eq!((report.problems.len(), problem.line, problem.column), (1, 2, column), "{report:?}");
        assert!(problem.allowed.contains(said), "{problem:?}");
    }
    for (region, said) in [("330106", "has 6 characters"), ("330199000000", "a region down to the county")] {
        let report = csv(dir.path(), DataSet::Units, &format!("credit_code,name,region\n{right},局,{region}\n"));
        assert!(report.problems[0].column == "region" && report.problems[0].allowed.contains(said), "{report:?}");
    }
    assert!(written(dir.path()).is_empty());
}

#[test]
fn items_and_places_name_what_is_there() {
    let dir = tempfile::tempdir().expect("tempdir");
    let report = csv(dir.path(), DataSet::Items, &items());
    assert_eq!(report.problems.len(), 2, "no unit was imported, and samples do not count: {report:?}");
    assert!(report.problems[0].fix.contains("admin import units"));
    csv(dir.path(), DataSet::Units, &units());
    assert!(!csv(dir.path(), DataSet::Places, &places()).is_sound(), "no item was imported");
    assert!(csv(dir.path(), DataSet::Items, &items()).written && csv(dir.path(), DataSet::Places, &places()).written);
    let fewer = units().lines().filter(|line| !line.contains("人社")).collect::<Vec<_>>().join("\n");
    let report = csv(dir.path(), DataSet::Units, &fewer);
    assert_eq!((report.problems.len(), report.problems[0].line), (1, 0));
    assert!(report.problems[0].found.contains(&credit("001")), "{report:?}");
    let report = csv(dir.path(), DataSet::Items, &format!("{ITEM_HEADER}\n"));
    assert!(report.problems[0].found.contains(&code("001", "A0001")), "a hall names it: {report:?}");
}

#[test]
fn rules_between_columns_are_kept() {
    let dir = imported();
    for (from, to, column) in [
        (
            "A0001000,参保证明,natural-person,complete,公共服务",
            "A0001000,参保证明,natural-person,complete,行政许可",
            "kind",
        ),
        (",查询,30,0,", ",查询,30,31,", "promised_days"),
        ("A0002000", "A0001000", "code"),
    ] {
        let text = items().replace(from, to).replace(&code("002", "A0001"), &code("001", "A0001"));
        assert_ne!(text, items());
        let report = csv(dir.path(), DataSet::Items, &text);
        assert!(report.problems.iter().any(|problem| problem.column == column), "{column}: {report:?}");
        assert!(!report.written);
    }
}

#[test]
fn lists_in_a_cell_are_checked_entry_by_entry() {
    let dir = imported();
    for (from, to, column) in [
        ("身份证|1|0|required", "身份证|1|0", "materials"),
        ("身份证|1|0|required", "身份证|100|0|required", "materials"),
        ("身份证|1|0|required", "身份证|1|0|yes", "materials"),
        ("社保证明\n", "=HYPERLINK(1)\n", "other_names"),
        (",查询,30", ",查询,三十", "legal_days"),
        (",否,是,", ",no,是,", "has_fee"),
    ] {
        let report = csv(dir.path(), DataSet::Items, &items().replace(from, to));
        let columns: Vec<&str> = report.problems.iter().map(|problem| problem.column).collect();
        assert_eq!(columns, [column], "{to}: {report:?}");
    }
    for (from, to, column) in [
        ("1-5 09:00-12:00,13:30", "1-5 09:00-14:00,13:30", "hours"),
        ("1-5 09:00", "0-5 09:00", "hours"),
        ("6 09:00-11:00", "6 09:00-24:01", "hours"),
        ("6 09:00-11:00", "6 11:00-09:00", "hours"),
        ("6 09:00-11:00", "6 9:00-11:00", "hours"),
        ("2026-02-17 closed", "2026-02-30 closed", "special_days"),
        ("2026-12-25 10", "2026-02-17 10", "special_days"),
        ("30.2741", "91", "latitude"),
        ("30.2741", "NaN", "latitude"),
        ("gcj02", "", "datum"),
        ("city-hall", "市民中心", "id"),
        (",true\n", ",maybe\n", "accessible"),
    ] {
        let report = csv(dir.path(), DataSet::Places, &places().replace(from, to));
        let columns: Vec<&str> = report.problems.iter().map(|problem| problem.column).collect();
        assert_eq!(columns, [column], "{to}: {report:?}");
    }
}

#[test]
fn a_file_of_another_shape_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().expect("tempdir");
    let unit = format!("{},局,330100000000", credit("001"));
    for (text, line, said) in [
        ("".to_owned(), 1, "credit_code"),
        (format!("name,region\n{unit}"), 1, "credit_code"),
        (format!("credit_code,name,region,color\n{unit},red"), 1, "color"),
        (format!("credit_code,name,name,region\n{unit}"), 1, "name"),
        (format!("credit_code,name,region\n{unit}\n{unit},more\n"), 3, "4 fields"),
        (format!("credit_code,name,region\n{unit}\n{unit}\n"), 3, "line 2 has it too"),
        (format!("credit_code,name,region\n{}, ,330100000000\n", credit("001")), 2, "write something"),
    ] {
        let report = csv(dir.path(), DataSet::Units, &text);
        let problem = report.problems.first().expect("a problem");
        let all = format!("{problem:?}");
        assert!(problem.line == line && all.contains(said), "{text}: {all}");
    }
    let gbk = ImportRequest {
        set: DataSet::Units,
        format: Format::Csv,
        bytes: b"credit_code,name\n\xc4\xb3\xca\xd0",
        dry_run: false,
    };
    let report = import(&context(), &DataFolder::of(dir.path()), &gbk).expect("folder");
    assert!(report.problems[0].line == 2 && report.problems[0].fix.contains("UTF-8"), "{report:?}");
    for (text, line, said) in [
        ("[]".to_owned(), 1, "units"),
        ("{\"items\": []}".to_owned(), 1, "items"),
        ("{\"units\": [\n{\"name\": \"局\"}\n]}".to_owned(), 2, "nothing"),
        ("{\"units\": [\n{},\n{\"name\": }]}".to_owned(), 3, "expected value"),
        ("{\"units\": [\n1]}".to_owned(), 2, "an object"),
        ("{\"units\": []".to_owned(), 1, "end of the file"),
        ("{\"units\": []} x".to_owned(), 1, "nothing after"),
        (
            "{\"units\": [{\"credit_code\": 1, \"name\": \"局\", \"region\": \"330100000000\", \"x\": 2}]}".to_owned(),
            1,
            "a text",
        ),
    ] {
        let report = run(dir.path(), DataSet::Units, Format::Json, &text);
        let all = format!("{:?}", report.problems);
        assert!(report.problems.iter().any(|problem| problem.line == line) && all.contains(said), "{text}: {all}");
        assert!(!report.written);
    }
    assert!(written(dir.path()).is_empty());
}

#[test]
fn limits_hold_for_file_rows_fields_and_the_report_itself() {
    let dir = tempfile::tempdir().expect("tempdir");
    let big = vec![0; FILE_BYTES_MAX + 1];
    let request = ImportRequest { set: DataSet::Units, format: Format::Csv, bytes: &big, dry_run: false };
    let report = import(&context(), &DataFolder::of(dir.path()), &request).expect("folder");
    assert!(report.problems[0].allowed.contains("268435456"), "{report:?}");
    let report = csv(dir.path(), DataSet::Holidays, &("date,kind,name\n".to_owned() + &"x\n".repeat(ROWS_MAX + 1)));
    assert_eq!((report.rows, report.problems.len()), (ROWS_MAX, PROBLEMS_MAX));
    assert_eq!(report.problems_left_off, ROWS_MAX + 1 - PROBLEMS_MAX);
    let long = "x".repeat(FIELD_BYTES_MAX + 1);
    let report =
        csv(dir.path(), DataSet::Units, &format!("credit_code,name,region\n{},{long},330100000000\n", credit("001")));
    assert_eq!((report.problems[0].column, report.problems[0].found.as_str()), ("name", "1048577 bytes"));
    let json = format!(
        "{{\"units\": [{{\"credit_code\": \"{}\", \"name\": \"{long}\", \"region\": \"330100000000\"}}]}}",
        credit("001")
    );
    assert_eq!(run(dir.path(), DataSet::Units, Format::Json, &json).problems[0].column, "name");
}

#[test]
fn holidays_of_a_new_year_are_added_and_an_old_one_is_replaced_whole() {
    let dir = tempfile::tempdir().expect("tempdir");
    let file = "date,kind,name\n2027-01-01,holiday,元旦\n2027-02-06,holiday,春节\n2027-02-14,workday,春节\n";
    let report = csv(dir.path(), DataSet::Holidays, file);
    assert!(report.written, "{report:?}");
    assert_eq!((report.rows, report.added, report.changed, report.removed), (3, 3, 0, 0));
    let days = WorkingDays::open(&DataFolder::of(dir.path())).expect("opens").calendar();
    let works = |text: &str| days.is_working_day(text.parse::<Date>().expect("date"));
    assert_eq!((works("2027-02-14"), works("2027-02-15"), works("2026-10-01")), (Ok(true), Ok(true), Ok(false)));
    let report = csv(dir.path(), DataSet::Holidays, "date,kind,name\n2027-01-01,holiday,元旦\n");
    assert_eq!((report.same, report.removed), (109, 2), "the other years stay: {report:?}");
    for (row, said) in [
        ("2028-10-01,holiday,国庆节", "2028-01-01"),
        ("2027-02-15,workday,春节", "Saturday or Sunday"),
        ("2027-02-30,holiday,春节", "YYYY-MM-DD"),
        ("2027-02-06,off,春节", "holiday, workday"),
        ("2027-01-01,holiday,元旦\n2027-01-01,holiday,元旦", "line 2"),
    ] {
        let report = csv(dir.path(), DataSet::Holidays, &format!("date,kind,name\n{row}\n"));
        assert!(!report.written && format!("{:?}", report.problems).contains(said), "{row}: {report:?}");
    }
}

#[test]
fn the_samples_go_out_and_in_again_in_both_formats() {
    let dir = tempfile::tempdir().expect("tempdir");
    let folder = DataFolder::of(dir.path());
    for format in [Format::Json, Format::Csv] {
        let samples =
            DataSet::ALL.map(|set| (set, export(&context(), &DataFolder::nowhere(), set, format).expect("exports")));
        for (set, text) in samples {
            let report = run(dir.path(), set, format, &text);
            assert!(report.written, "{set:?} as {format:?}: {:?}", report.problems.first());
            assert_eq!(export(&context(), &folder, set, format).expect("exports"), text, "{set:?} as {format:?}");
        }
        assert_eq!(
            Catalog::open(&folder).expect("opens").is_sample(),
            format == Format::Json,
            "JSON says that it is made up"
        );
    }
    assert_eq!(written(dir.path()).len(), 8, "four sets, each with the one before");
}
