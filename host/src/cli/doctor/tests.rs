//! What `doctor` reads and says, without the terminal.

use super::*;
use crate::cli::failure::Exit;

fn lines(path: &Path) -> Vec<String> {
    let report = read(path, Terminal::new(true)).expect("reads");
    text::report(path, &report, text::Paint::NONE).lines().map(str::to_owned).collect()
}

fn manifest(icon: &str) -> String {
    format!(
        r#"{{"app_id": "cn.gov.example.leaflet", "name": "办事指南", "version": {{"name": "1.0.0", "code": 7}},
            "icons": [{{"src": "{icon}", "sizes": "any"}}], "gov_access": "open", "gov_elder_mode": true,
            "gov_owner": {{"unit": "某局", "uscc": "91350100M000100Y43"}}}}"#
    )
}

fn leaflet(icon: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("tempdir");
    fs::create_dir(dir.path().join("public")).expect("folder");
    let page = "<html lang=zh><meta name=viewport content=\"width=device-width\"><p>页</p>";
    for (path, text) in
        [("manifest.json", manifest(icon).as_str()), ("public/index.html", page), ("public/i.svg", "<svg/>")]
    {
        fs::write(dir.path().join(path), text).expect("writes");
    }
    dir
}

#[test]
fn an_app_directory_is_described_in_plain_words() {
    let dir = leaflet("public/i.svg");
    let lines = lines(dir.path());
    assert_eq!(lines[1], "  办事指南 1.0.0 (code 7), cn.gov.example.leaflet");
    assert_eq!(lines[2], "  a fully open app: it never learns who the visitor is; 某局 answers for it");
    assert_eq!(lines[3], "  opens at http://leaflet.localhost:PORT/");
    assert_eq!(lines.last().map(String::as_str), Some("accepted: 0 errors, 0 warnings, 0 notes"));
}

#[test]
fn a_finding_names_place_reason_mend_and_code_in_one_line() {
    let dir = leaflet("public/missing.png");
    let lines = lines(dir.path());
    let finding = lines.iter().find(|line| line.starts_with("error ")).expect("an error");
    assert!(finding.starts_with("error manifest.json#/icons/0/src: "), "{finding}");
    assert!(finding.contains(" → ") && finding.ends_with(" [manifest.file-missing]"), "{finding}");
    assert!(lines.last().is_some_and(|line| line.starts_with("refused until the errors are mended: 1 error,")));
}

#[test]
fn a_bare_component_is_told_with_its_imports() {
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("app.wasm");
    fs::write(&path, b"\0asm\x0d\0\x01\0").expect("writes");
    let lines = lines(&path);
    assert_eq!(lines[1], "  component: 8 bytes, with nothing in it that could run");
    assert!(lines[2].starts_with("error component.wasm: it exports no HTTP handler"), "{lines:?}");
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let failure = read(Path::new("no/such/app.wasm"), Terminal::new(true)).expect_err("nothing there");
    assert_eq!(failure.exit, Exit::Unreadable);
    assert!(!failure.fix.is_empty() && !failure.why.is_empty());
}

#[test]
fn the_json_has_the_input_and_the_schema_and_its_own_verdict() {
    let dir = leaflet("public/missing.png");
    let report = read(dir.path(), Terminal::new(true)).expect("reads");
    let json = report_json(dir.path(), &report);
    assert_eq!(json["schema"], "yizhan-doctor/1");
    assert_eq!(json["ok"], false);
    assert_eq!(json["input"], dir.path().display().to_string());
}

#[test]
fn the_list_of_imports_names_every_offer() {
    let text = text::imports();
    let json = imports_json();
    for offer in OFFERED {
        assert!(text.contains(&offer.name()), "{}", offer.name());
    }
    assert_eq!(json["imports"].as_array().map(Vec::len), Some(OFFERED.len()));
}
