//! Search, implementers and regions over small lists and over the sample data.

use super::*;
use crate::data_set::Source;
use yizhan_domain::{AppId, RequestId, Timestamp};

const REGIONS: &str = "000000000000\t国\n110000000000\t京\n330000000000\t浙江省\n330100000000\t杭州市\n330106000000\t西湖区\n\
    330108000000\t滨江区\n330200000000\t宁波市\n";

fn context() -> Context {
    Context { id: RequestId(1), now: Timestamp(0) }
}

fn credit(serial: u32) -> String {
    let first17 = format!("00000000000000{serial:03}");
    format!("{first17}{}", CreditCode::check_character(first17.as_bytes()))
}

fn unit(serial: u32, region: &str, name: &str) -> String {
    format!(r#"{{"credit_code":"{}","name":"{name}","region":"{region}"}}"#, credit(serial))
}

/// Implementing code of unit `serial`.
fn code(serial: u32, main: &str) -> String {
    format!("{}30020{main}000", credit(serial))
}

fn item(code: &str, name: &str, audience: &str, other_names: &str) -> String {
    format!(
        r#"{{"code":"{code}","name":"{name}","audience":"{audience}","online":"complete","kind":"公共服务",
        "other_names":["{other_names}"],"legal_basis":[],"conditions":[],"materials":[],"steps":[],"legal_days":null,
        "promised_days":0,"has_fee":false,"bookable":false,"on_terminals":false,"outcome":"o","contact_phone":"1",
        "supervision_phone":"2"}}"#
    )
}

fn load(units: &[String], items: &[String]) -> Result<Catalog, SupportError> {
    let list = |file, member: &str, rows: &[String]| {
        let text = format!(r#"{{"sample":true,"{member}":[{}]}}"#, rows.join(","));
        Source { file, text }
    };
    let (units, items) = (list("sample-units.json", "units", units), list("sample-items.json", "items", items));
    data::load(REGIONS, &units, &items).map(Catalog::of)
}

/// Units 1 country, 2 province, 3 Hangzhou, 4 Westlake, 5 Ningbo; service A of all but Westlake and Ningbo, B of those two.
fn small() -> Catalog {
    let units = [
        unit(1, "000000000000", "国家中心"),
        unit(2, "330000000000", "省厅"),
        unit(3, "330100000000", "杭州人社局"),
        unit(4, "330106000000", "西湖民政局"),
        unit(5, "330200000000", "宁波民政局"),
    ];
    let items = [
        item(&code(1, "A0001"), "社会保障卡申领", "natural-person", "社保卡"),
        item(&code(2, "A0001"), "社会保障卡申领", "natural-person", "社保卡"),
        item(&code(3, "A0001"), "社会保障卡申领", "natural-person", "社保卡"),
        item(&code(3, "A0002"), "单位申领社会保障卡", "legal-person", "社保卡"),
        item(&code(4, "B0001"), "ＡＩ补贴", "all", "社会保障卡 ai"),
        item(&code(5, "B0001"), "AI补贴", "all", "补贴"),
    ];
    load(&units, &items).expect("sound")
}

fn search(catalog: &Catalog, text: &str, region: Option<&str>, audience: Option<Audience>) -> Vec<String> {
    let query = Query { text: text.to_owned(), region: region.map(str::to_owned), audience, ..Query::default() };
    let page = catalog.search(&context(), &query, &PageRequest::first(100)).expect("page");
    assert_eq!(page.total as usize, page.items.len());
    page.items.iter().map(|item| format!("{} {}", item.unit, item.name)).collect()
}

#[test]
fn names_that_begin_with_the_text_come_first_then_names_that_have_it_then_the_rest() {
    let found = search(&small(), "社会保障卡", Some("330106000000"), None);
    assert_eq!(
        found,
        [
            "杭州人社局 社会保障卡申领",
            "省厅 社会保障卡申领",
            "国家中心 社会保障卡申领",
            "杭州人社局 单位申领社会保障卡",
            "西湖民政局 ＡＩ补贴",
        ]
    );
}

#[test]
fn every_word_must_occur_somewhere() {
    let catalog = small();
    assert_eq!(search(&catalog, "杭州　社保卡 单位", None, None), ["杭州人社局 单位申领社会保障卡"]);
    assert!(search(&catalog, "社保卡 没有这个词", None, None).is_empty());
    assert_eq!(search(&catalog, "公共服务", None, None).len(), 6, "by kind");
    assert_eq!(search(&catalog, &code(5, "B0001"), None, None), ["宁波民政局 AI补贴"], "by code");
    assert_eq!(search(&catalog, " ", None, None).len(), 6, "no words list everything");
}

#[test]
fn case_and_full_width_forms_do_not_matter() {
    assert_eq!(search(&small(), "ai", None, None).len(), 2);
    assert_eq!(search(&small(), "Ａｉ补", None, None).len(), 2);
}

#[test]
fn a_region_takes_in_those_above_and_below_and_no_others() {
    let catalog = small();
    let found = search(&catalog, "补贴", Some("330000000000"), None);
    assert_eq!(found.len(), 2, "below the province: {found:?}");
    assert_eq!(search(&catalog, "补贴", Some("330108000000"), None).len(), 0);
    assert_eq!(search(&catalog, "申领", Some("110000000000"), None), ["国家中心 社会保障卡申领"]);
}

#[test]
fn an_audience_takes_in_what_is_for_all() {
    let catalog = small();
    assert_eq!(search(&catalog, "", None, Some(Audience::LegalPerson)).len(), 3);
    assert_eq!(search(&catalog, "", None, Some(Audience::NaturalPerson)).len(), 5);
}

#[test]
fn pages_of_a_search_give_every_item_once_and_the_cursor_fits_no_other_search() {
    let catalog = small();
    let query = Query { text: "社会保障卡".to_owned(), ..Query::default() };
    let (mut seen, mut page) = (Vec::new(), PageRequest::first(2));
    loop {
        let found = catalog.search(&context(), &query, &page).expect("page");
        assert_eq!(found.total, 5);
        seen.extend(found.items.into_iter().map(|item| item.code));
        let Some(next) = found.next else { break };
        page.cursor = Some(next);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    for other in [Query { audience: Some(Audience::All), ..query.clone() }, Query::default()] {
        assert!(catalog.search(&context(), &other, &page).is_err(), "{other:?}");
    }
}

#[test]
fn a_long_text_and_a_wrong_region_are_refused() {
    let catalog = small();
    let ask = |query: Query| catalog.search(&context(), &query, &PageRequest::first(1)).map(|page| page.total);
    let error = ask(Query { text: "字".repeat(67), ..Query::default() }).expect_err("long");
    assert_eq!(error.to_string(), "text has 201 bytes; at most 200 are allowed");
    assert!(ask(Query { text: "a".repeat(200), ..Query::default() }).is_ok());
    let error = ask(Query { region: Some("33010600000O".to_owned()), ..Query::default() }).expect_err("letter");
    assert_eq!(error.to_string(), "region has 'O' at position 12; a digit is allowed there");
}

#[test]
fn the_nearest_region_that_implements_a_service_is_found() {
    let catalog = small();
    let units = |region: &str| -> Vec<String> {
        let found = catalog.list_implementers(&context(), "0020A0001000", region).expect("list");
        found.into_iter().map(|item| item.unit).collect()
    };
    assert_eq!(units("330106000000"), ["杭州人社局"]);
    assert_eq!(units("330106001002"), ["杭州人社局"], "a village asks upwards");
    assert_eq!(units("330200000000"), ["省厅"]);
    assert_eq!(units("110000000000"), ["国家中心"]);
    assert_eq!(catalog.list_implementers(&context(), "0020B0001000", "110000000000").expect("list"), []);
    let error = catalog.list_implementers(&context(), "0020a0001000", "110000000000").expect_err("small letter");
    assert_eq!(error.to_string(), "basic code has 'a' at position 5; a digit or a capital letter is allowed there");
}

#[test]
fn an_item_carries_the_apps_of_the_hub_and_a_wrong_code_says_where() {
    struct Handlers;
    impl AppDirectory for Handlers {
        fn list_apps(&self) -> Result<Vec<App>, SupportError> {
            let id = AppId::new("cn.gov.example.card").expect("id");
            let app =
                App { id, name: "卡".into(), description: "d".into(), url: "u".into(), identity_required: false };
            Ok(vec![app; APPS_MAX + 1])
        }
        fn list_handlers(&self, item: &ImplementingCode) -> Result<Vec<AppId>, SupportError> {
            let asked = item.basic_code() == "0020A0001000";
            Ok(if asked { vec![AppId::new("cn.gov.example.card").expect("id")] } else { Vec::new() })
        }
    }
    let catalog = small();
    let item = catalog.find_item(&context(), &code(3, "A0001"), &Handlers).expect("code").expect("there");
    assert_eq!(item.apps.len(), 1);
    assert_eq!(catalog.find_item(&context(), &code(5, "A0001"), &Handlers).expect("code"), None);
    let mut wrong = code(3, "A0001");
    wrong.replace_range(18..19, "9");
    let error = catalog.find_item(&context(), &wrong, &Handlers).expect_err("level");
    assert_eq!(
        error.to_string(),
        "item code has '9' at position 19; a level from 1 (national) to 6 (village) is allowed there"
    );
    assert_eq!(catalog.list_apps(&context(), &Handlers).expect("apps").len(), 100);
}

#[test]
fn departments_and_regions_are_those_asked_for() {
    let catalog = small();
    let departments = catalog.list_departments(&context(), "330100000000").expect("list");
    assert_eq!(departments.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), ["杭州人社局"]);
    assert!(catalog.find_department(&context(), &credit(5)).expect("code").is_some());
    let names = |parent| -> Vec<String> {
        catalog.list_regions(&context(), parent).expect("list").into_iter().map(|region| region.name).collect()
    };
    assert_eq!(names(None), ["京", "浙江省"]);
    assert_eq!(names(Some("330100000000")), ["西湖区", "滨江区"]);
    let county = catalog.find_region(&context(), "330106000000").expect("code").expect("there");
    assert_eq!((county.level, county.parent.map(String::from)), (3, Some("330100000000".to_owned())));
    assert_eq!(catalog.find_region(&context(), "999900000000").expect("a code"), None);
}

#[test]
fn broken_data_is_refused_with_the_entry_and_the_reason() {
    let units = [unit(1, "000000000000", "u")];
    let sound = item(&code(1, "A0001"), "n", "all", "");
    let unknown_unit = item(&code(2, "A0001"), "n", "all", "");
    let mut wrong = code(1, "A0001");
    wrong.replace_range(17..18, if wrong.as_bytes()[17] == b'0' { "1" } else { "0" });
    for (units, items, expected) in [
        (&units[..], vec![sound.clone(), sound.clone()], "entry 2: code"),
        (&units[..], vec![unknown_unit], "entry 1: no unit has the credit code"),
        (&units[..], vec![item(&wrong, "n", "all", "")], "entry 1: code has check character"),
        (&[unit(1, "999900000000", "u")], vec![], "entry 1: region 999900000000 is not in regions.tsv"),
        (&units[..], vec![item(&code(1, "A0001"), "n", "cats", "")], "entry 0: unknown variant `cats`"),
    ] {
        let error = load(units, &items).map(drop).expect_err("broken").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_sample_data_is_found_by_everyday_words() {
    let catalog = Catalog::sample().expect("sample data");
    let found = |text: &str, region: &str| search(&catalog, text, Some(region), None);
    for word in ["社保", "医保", "公积金", "户口", "房产证", "护照", "结婚", "营业执照", "sb", "个税"]
    {
        assert!(!found(word, "330106000000").is_empty(), "{word}");
    }
    assert_eq!(found("结婚登记", "330106000000"), ["示例杭州市西湖区民政局 内地居民结婚登记"]);
    assert!(found("社保卡", "330106000000")[0].starts_with("示例杭州市人力资源和社会保障局"));
    let basic = "0020S0001000";
    let nearest = catalog.list_implementers(&context(), basic, "510104000000").expect("list");
    assert_eq!(nearest[0].unit, "示例国家社会保险公共服务中心", "Chengdu has none of its own, nor has Sichuan");
}

#[test]
fn a_unit_and_a_topic_take_in_their_own_items_alone() {
    let catalog = small();
    let ask = |query: Query| catalog.search(&context(), &query, &PageRequest::first(100));
    let by_unit = ask(Query { unit: Some(credit(3)), ..Query::default() }).expect("page");
    assert_eq!(by_unit.total, 2);
    assert_eq!(ask(Query { topic: Some("医保".to_owned()), ..Query::default() }).expect("page").total, 0);
    let error = ask(Query { unit: Some("1".to_owned()), ..Query::default() }).expect_err("short");
    assert!(error.to_string().starts_with("unit "), "{error}");
}

#[test]
fn a_region_in_the_text_is_the_region_that_is_asked_for() {
    let catalog = small();
    let found = search(&catalog, "杭州社保卡", None, None);
    assert_eq!(found[0], "杭州人社局 社会保障卡申领");
    assert_eq!(search(&catalog, "宁波 补贴", Some("330106000000"), None), ["宁波民政局 AI补贴"]);
    assert_eq!(search(&catalog, "西湖区 单位申领", None, None).len(), 1, "nobody at the lake itself: Hangzhou");
    assert_eq!(search(&catalog, "滨江区 补贴", None, None).len(), 2, "nobody there: elsewhere");
}

#[test]
fn codes_pinyin_initials_and_mistakes_find_items() {
    let catalog = small();
    for text in [
        "b0001",
        "shehuibaozhangka",
        "she hui bao zhang ka",
        "shbzk",
        "社会保章卡",
        "社会障保卡",
        "会保障卡",
        "社会保障长",
    ] {
        assert!(!search(&catalog, text, None, None).is_empty(), "{text}");
    }
    assert_eq!(search(&catalog, "b0001", None, None).len(), 2);
    assert_eq!(search(&catalog, "社会保章卡", None, None)[0], "国家中心 社会保障卡申领");
    assert_eq!(search(&catalog, "shebaoka", None, None).len(), 4, "by another name");
    assert!(!search(&catalog, "shehuibaozhanka", None, None).is_empty(), "a letter is missing");
    assert!(search(&catalog, "zzzzzz", None, None).is_empty());
}
