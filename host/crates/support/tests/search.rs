//! The judged lists: what people type, and which services they mean. Frozen before the index was written; one by people of
//! the project, one by somebody who had not seen the code. A query counts as right when one of the services that it means
//! is among the first three results.

#![expect(clippy::expect_used, reason = "helpers of tests; sample data that does not load is a failed test")]
#![expect(clippy::print_stdout, reason = "every miss is shown, also of a run that passes")]

use yizhan_domain::{Context, RequestId, Timestamp};
use yizhan_support::{Catalog, PageRequest, catalog::Query};

const TEAM: &str = include_str!("search/judged-team.tsv");
const CITIZEN: &str = include_str!("search/judged-citizen.tsv");
/// Results that count.
const FIRST: usize = 3;

struct Judged {
    list: &'static str,
    kind: &'static str,
    text: &'static str,
    region: Option<&'static str>,
    meant: Vec<&'static str>,
}

fn judged() -> Vec<Judged> {
    let rows = |list: &'static str, text: &'static str| {
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(move |line| {
            let [kind, text, region, meant]: [&str; 4] =
                line.split('\t').collect::<Vec<_>>().try_into().expect("four columns");
            let region = Some(region).filter(|region| !region.is_empty());
            Judged { list, kind, text, region, meant: meant.split('|').collect() }
        })
    };
    rows("team", TEAM).chain(rows("citizen", CITIZEN)).collect()
}

fn context() -> Context {
    Context { id: RequestId(1), now: Timestamp(0) }
}

fn found(catalog: &Catalog, text: &str, region: Option<&str>, limit: u32) -> Vec<String> {
    let query = Query { text: text.to_owned(), region: region.map(str::to_owned), ..Query::default() };
    let page = catalog.search(&context(), &query, &PageRequest::first(limit)).expect("page");
    page.items.into_iter().map(|item| item.name).collect()
}

/// All items of the region, in the order of the catalog.
fn everything(catalog: &Catalog, region: Option<&str>) -> Vec<String> {
    let query = Query { region: region.map(str::to_owned), ..Query::default() };
    let (mut names, mut page) = (Vec::new(), PageRequest::first(100));
    loop {
        let found = catalog.search(&context(), &query, &page).expect("page");
        names.extend(found.items.into_iter().map(|item| item.name));
        let Some(next) = found.next else { return names };
        page.cursor = Some(next);
    }
}

/// What a plain search gives: names that have every word of the query.
fn substrings(names: &[String], text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    names.iter().filter(|name| words.iter().all(|word| name.contains(word))).take(FIRST).cloned().collect()
}

fn is_right(judged: &Judged, found: &[String]) -> bool {
    found.iter().take(FIRST).any(|name| judged.meant.contains(&name.as_str()))
}

#[test]
fn the_judged_lists_name_services_that_are_there() {
    let names = everything(&Catalog::sample().expect("sample"), None);
    let judged = judged();
    assert!(judged.len() >= 60, "{}", judged.len());
    assert!(judged.iter().filter(|row| row.list == "citizen").count() * 2 >= 60);
    for row in &judged {
        for meant in &row.meant {
            assert!(names.iter().any(|name| name == meant), "{}: no item is named {meant}", row.text);
        }
    }
}

#[test]
fn of_the_judged_queries_95_in_100_are_right_and_30_points_more_than_by_substrings() {
    let catalog = Catalog::sample().expect("sample");
    let (mut right, mut plain, mut missed) = (0, 0, String::new());
    let judged = judged();
    for row in &judged {
        let found = found(&catalog, row.text, row.region, 3);
        if is_right(row, &found) {
            right += 1;
        } else {
            missed += &format!("{} {} {:?}: {found:?} instead of {:?}\n", row.list, row.kind, row.text, row.meant);
        }
        plain += usize::from(is_right(row, &substrings(&everything(&catalog, row.region), row.text)));
    }
    let all = judged.len();
    let points = |count: usize| 100.0 * count as f64 / all as f64;
    println!(
        "{right} of {all} right ({:.1} %), by substrings {plain} ({:.1} %)\n{missed}",
        points(right),
        points(plain)
    );
    assert!(points(right) >= 95.0, "{right} of {all} right:\n{missed}");
    assert!(points(right) - points(plain) >= 30.0, "{right} of {all}, by substrings {plain}");
}
