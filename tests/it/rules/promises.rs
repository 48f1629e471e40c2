//! `docs/security.md` names a test for every promise and every limit, and each test that it names exists.

use super::{Source, none, root, rust_sources};
use yizhan_domain::limits::{AppLimits, NodeLimits};

/// The rows of the tables, each as its cells.
fn rows() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root().join("docs/security.md")).expect("docs/security.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.ends_with(" test |"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn exists(sources: &[Source], test: &str) -> bool {
    let Some((path, function)) = test.split_once("::") else { return false };
    let (below, function) = (format!("/{path}"), format!("fn {function}("));
    sources
        .iter()
        .filter(|source| source.path == path || source.path.ends_with(&below))
        .any(|source| source.text.contains(&function))
}

#[test]
fn every_promise_names_tests_that_exist() {
    let (rows, sources) = (rows(), rust_sources());
    assert!(rows.len() > 30, "only {} rows found", rows.len());
    let mut offences = Vec::new();
    for row in &rows {
        let tests: Vec<&str> = row.last().map(|cell| quoted(cell).collect()).unwrap_or_default();
        if tests.is_empty() {
            offences.push(format!("{}: no test", row[0]));
        }
        let missing = tests.into_iter().filter(|test| !exists(&sources, test));
        offences.extend(missing.map(|test| format!("{}: {test} does not exist", row[0])));
    }
    none("a row of docs/security.md without its test", &offences);
}

#[test]
fn every_limit_names_its_test() {
    let rows = rows();
    let named = |limit: &str| rows.iter().any(|row| row[0] == format!("`{limit}`"));
    let limits = AppLimits::TABLE.iter().chain(NodeLimits::TABLE).map(|limit| limit.name);
    let unnamed: Vec<String> = limits.filter(|limit| !named(limit)).map(str::to_owned).collect();
    none("a limit without a row in docs/security.md", &unnamed);
}
