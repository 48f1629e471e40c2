//! The queries: those of the judged lists.

const TEAM: &str = include_str!("../../../host/crates/support/tests/search/judged-team.tsv");
const CITIZEN: &str = include_str!("../../../host/crates/support/tests/search/judged-citizen.tsv");

/// A text, and the names of the services that it means.
pub(crate) struct Query {
    pub(crate) text: &'static str,
    pub(crate) meant: Vec<&'static str>,
}

/// Both lists; the region of a row is left out, since the generated items lie elsewhere.
pub(crate) fn judged() -> Vec<Query> {
    let row = |line: &'static str| {
        let mut columns = line.split('\t').skip(1);
        let (text, _region, meant) = (columns.next()?, columns.next()?, columns.next()?);
        Some(Query { text, meant: meant.split('|').collect() })
    };
    TEAM.lines().chain(CITIZEN.lines()).filter(|line| !line.starts_with('#')).filter_map(row).collect()
}
