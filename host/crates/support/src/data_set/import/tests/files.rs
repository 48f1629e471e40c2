//! Any rows that are right go out and come back as they were, by both formats.

use super::*;
use crate::data_set::row::{self, Row, Rows};
use serde_json::json;

fn words() -> impl Strategy<Value = String> {
    // What breaks careless writers: quotation marks, commas, separators of our own lists, letters of many bytes.
    let word = "[a-z \"',;|：，（）\\\\{}\\[\\]办证卡👍é#-]{1,12}";
    word.prop_map(|text| text.trim().to_owned()).prop_filter("a text", |text| !text.is_empty())
}

fn list() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(words(), 0..4)
}

fn materials() -> impl Strategy<Value = Value> {
    let material = (words(), 0u32..100, 0u32..100, any::<bool>()).prop_map(|(name, originals, copies, required)| {
        let name = name.replace('|', "/");
        json!({"name": name, "originals": originals, "copies": copies, "required": required})
    });
    proptest::collection::vec(material, 0..3).prop_map(Value::from)
}

fn item() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let texts = (words(), list(), list(), list(), list());
    let rest = (materials(), proptest::option::of(0u32..10_000), 0u32..10_000, any::<[bool; 3]>(), words());
    (texts, rest).prop_map(
        |((name, others, basis, conditions, steps), (materials, legal, promised, flags, outcome))| {
            let legal = legal.map(|legal| legal.max(promised));
            vec![
                ("name", json!(name)),
                ("audience", json!("all")),
                ("online", json!("partial")),
                ("kind", json!("公共服务")),
                ("other_names", json!(others)),
                ("legal_basis", json!(basis)),
                ("conditions", json!(conditions)),
                ("materials", materials),
                ("steps", json!(steps)),
                ("legal_days", json!(legal)),
                ("promised_days", json!(promised)),
                ("has_fee", json!(flags[0])),
                ("bookable", json!(flags[1])),
                ("on_terminals", json!(flags[2])),
                ("outcome", json!(outcome)),
                ("contact_phone", json!("")),
                ("supervision_phone", json!("0000-1")),
            ]
        },
    )
}

fn hours() -> impl Strategy<Value = Vec<Value>> {
    let day = (1u8..=7, 0u16..700, 1u16..700, 0u16..1_000);
    proptest::collection::btree_map(1u8..=7, day, 0..5).prop_map(|days| {
        let spans = days.into_iter().map(|(weekday, (_, opens, length, _))| (weekday, opens, opens + length));
        spans.map(|(weekday, opens, closes)| json!({"weekday": weekday, "opens": opens, "closes": closes})).collect()
    })
}

fn special_days() -> impl Strategy<Value = Vec<Value>> {
    let spans = proptest::option::of((0u16..700, 1u16..700));
    let day = (spans, proptest::option::of(words()));
    proptest::collection::btree_map(0i64..3_000, day, 0..4).prop_map(|days| {
        let days = days.into_iter().map(|(day, (span, name))| {
            let date: Date = "2026-01-01".parse().expect("a date");
            let spans: Vec<Value> =
                span.into_iter().map(|(opens, length)| json!({"opens": opens, "closes": opens + length})).collect();
            json!({"date": date.plus_days(day), "spans": spans, "name": name.unwrap_or_default()})
        });
        days.collect()
    })
}

fn place() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let degrees = (-900_000_000i64..900_000_000, -1_800_000_000i64..1_800_000_000);
    let rest = (proptest::option::of(any::<bool>()), any::<bool>(), 0usize..3);
    (words(), degrees, hours(), special_days(), rest).prop_map(
        |(name, (north, east), hours, special, (holidays, access, datum))| {
            vec![
                ("kind", json!("terminal")),
                ("name", json!(name)),
                ("address", json!(name)),
                ("region", json!("330106000000")),
                ("latitude", json!(north as f64 / 1e7)),
                ("longitude", json!(east as f64 / 1e7)),
                ("datum", json!(["wgs84", "gcj02", "bd09"][datum])),
                ("phone", json!("")),
                ("hours", json!(hours)),
                ("special_days", json!(special)),
                ("open_on_holidays", json!(holidays)),
                ("accessible", json!(access)),
                ("items", json!([])),
            ]
        },
    )
}

/// Gives each row its key.
fn rows(set: DataSet, all: Vec<Vec<(&'static str, Value)>>) -> Rows {
    let rows = all.into_iter().enumerate().map(|(index, cells)| {
        let key = match set {
            DataSet::Items => code("001", &format!("B{index:04}")),
            _ => format!("p-{index}"),
        };
        Row { line: 0, cells: cells.into_iter().chain([(set.key(), json!(key))]).collect() }
    });
    Rows { sample: false, rows: rows.collect() }
}

fn goes_round(dir: &Path, set: DataSet, expected: &Rows) {
    let folder = DataFolder::of(dir);
    for format in [Format::Csv, Format::Json] {
        let text = row::write(set, format, expected);
        let report = run(dir, set, format, &text);
        assert!(report.written, "{:?}\n{text}", report.problems);
        let exported = export(&context(), &folder, set, format).expect("exports");
        assert_eq!(exported, text, "{format:?}");
        let read = row::read(set, format, exported.as_bytes(), &mut Report::of(set));
        let cells = |rows: &Rows| rows.rows.iter().map(|row| row.cells.clone()).collect::<Vec<_>>();
        assert_eq!(cells(&read), cells(expected), "{format:?}");
    }
    probe(&folder).expect("what was imported is what a hub loads");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn items_come_back_as_they_were(all in proptest::collection::vec(item(), 0..5)) {
        let dir = tempfile::tempdir().expect("tempdir");
        csv(dir.path(), DataSet::Units, &units());
        goes_round(dir.path(), DataSet::Items, &rows(DataSet::Items, all));
    }

    #[test]
    fn places_come_back_as_they_were(all in proptest::collection::vec(place(), 0..5)) {
        let dir = tempfile::tempdir().expect("tempdir");
        goes_round(dir.path(), DataSet::Places, &rows(DataSet::Places, all));
    }

    #[test]
    fn arbitrary_files_never_panic_and_are_never_half_imported(text in "(\\PC|\n|,|\"){0,200}", json in any::<bool>()) {
        let dir = tempfile::tempdir().expect("tempdir");
        let format = if json { Format::Json } else { Format::Csv };
        for set in DataSet::ALL {
            let report = run(dir.path(), set, format, &text);
            prop_assert_eq!(report.written, report.is_sound());
            let report = run(dir.path(), set, format, &format!("{}\n{text}", header(set)));
            prop_assert_eq!(report.written, report.is_sound());
        }
    }
}

fn header(set: DataSet) -> String {
    set.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(",")
}
