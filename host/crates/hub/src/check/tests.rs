//! The checks of pages and icons on files made here; whole apps are checked by the tests across rooms.

use super::contents::Contents;
use super::page;
use bytes::Bytes;
use std::collections::BTreeMap;
use yizhan_domain::{Finding, Severity};

const HEAD: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">";

fn check(files: &[(&str, &str)], has_component: bool) -> Vec<Finding> {
    let files: BTreeMap<String, Bytes> =
        files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::copy_from_slice(text.as_bytes()))).collect();
    let mut contents = Contents::of_files(&files);
    (contents.has_component, contents.has_fallback) = (has_component, false);
    page::check(&contents)
}

fn page(body: &str) -> Vec<Finding> {
    check(&[("public/index.html", &format!("{HEAD}</head>\n<body>\n{body}"))], false)
}

fn only(findings: &[Finding]) -> (&str, &str) {
    assert_eq!(findings.len(), 1, "{findings:?}");
    (&findings[0].code, &findings[0].pointer)
}

#[test]
fn a_tidy_page_is_clean() {
    let html = format!(
        "{HEAD}<link rel=stylesheet href=/css/app.css><script src=\"js/app.js?v=2\" type=module></script></head><body>\
         <img src=icon.png alt=\"\"><a href=\"https://www.gov.cn/\">国务院</a><a href=\"sub/\">x</a><a href=\"sub\">x</a>\
         <a href=tel:12345>12345</a><script type=\"application/json\">{{\"a\": \"<img>\"}}</script>\
         <script src=/.yizhan/bridge.js></script><!-- <img onclick=x> --></body>"
    );
    let files = [
        ("public/index.html", html.as_str()),
        ("public/css/app.css", "a { background: url(../icon.png) }"),
        ("public/js/app.js", ""),
        ("public/icon.png", ""),
        ("public/sub/index.html", "<p>a part of a page"),
    ];
    assert_eq!(check(&files, false), []);
}

#[test]
fn missing_language_viewport_and_alternative_text_are_warnings() {
    let found = check(
        &[("public/index.html", "<!doctype html>\n<html><body>\n\n<img src=\"data:image/png;base64,AA\">")],
        false,
    );
    let found: Vec<_> = found.iter().map(|f| (f.code.as_str(), f.pointer.as_str(), f.severity)).collect();
    assert_eq!(
        found,
        [
            ("page.no-lang", "line 2", Severity::Warning),
            ("page.no-viewport", "line 2", Severity::Warning),
            ("page.no-alt", "line 4", Severity::Warning)
        ]
    );
}

#[test]
fn zoom_may_not_be_disabled_in_any_spelling() {
    for content in ["user-scalable=no", "width=device-width, User-Scalable = 0", "maximum-scale=1.0,initial-scale=1"] {
        let html = format!("<html lang=zh><meta name=Viewport content=\"{content}\">");
        assert_eq!(only(&check(&[("public/a.html", &html)], false)).0, "page.zoom-disabled", "{content}");
    }
    let fine = "<html lang=zh><meta name=viewport content=\"width=device-width,maximum-scale=5,user-scalable=yes\">";
    assert_eq!(check(&[("public/a.html", fine)], false), []);
}

#[test]
fn code_inside_the_page_is_told_with_its_line() {
    assert_eq!(only(&page("<script>\nlet a = '<img>';\n</script>")), ("page.inline-script", "line 3"));
    assert_eq!(only(&page("<button\n onclick=\"go()\">")), ("page.inline-script", "line 3"));
    assert_eq!(only(&page("<a href=\" javascript:go()\">")), ("page.inline-script", "line 3"));
    assert_eq!(only(&page("<p style=\"color: red\">")), ("page.inline-style", "line 3"));
    assert_eq!(only(&page("\n<style>p { color: red }</style>")), ("page.inline-style", "line 4"));
}

#[test]
fn what_comes_from_other_sites_is_refused_and_links_to_them_are_not() {
    for body in [
        "<script src=https://cdn.example.com/vue.js></script>",
        "<link rel=\"preload stylesheet\" href=//fonts.example.com/a.css>",
        "<img alt=a src=\"http://a.cn/a.png\">",
        "<img alt=a srcset=\"https://a.cn/a.png 2x\">",
        "<iframe src=https://a.cn></iframe>",
        "<form action=https://a.cn/post></form>",
    ] {
        assert_eq!(only(&page(body)), ("page.external-resource", "line 3"), "{body}");
    }
    assert_eq!(page("<link rel=canonical href=https://a.cn/><a href=https://a.cn/>x</a>"), []);
    let css = check(&[("public/a.css", "\n@import 'https://a.cn/b.css';")], false);
    assert_eq!(only(&css), ("page.external-resource", "line 2"));
}

#[test]
fn broken_links_are_errors_and_with_a_component_only_files_are_judged() {
    let body = "<a href=missing.html>x</a>\n<a href=/search?q=a>x</a>\n<img alt=a src=Icon.png>";
    let files = [("public/index.html", format!("{HEAD}<body>{body}")), ("public/icon.png", String::new())];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let alone = check(&files, false);
    assert!(alone.iter().all(|finding| finding.code == "page.broken-link" && finding.severity == Severity::Error));
    assert_eq!(alone.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["line 1", "line 2", "line 3"]);
    let served = check(&files, true);
    assert_eq!(served.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["line 1", "line 3"]);
    assert!(served.iter().all(|finding| finding.severity == Severity::Warning));
    assert_eq!(only(&page("<script src=/.yizhan/brdge.js></script>")).0, "page.broken-link");
}

#[test]
fn a_page_with_a_thousand_mistakes_is_told_shortly() {
    assert_eq!(page(&"<img>".repeat(1_000)).len(), 50);
}

#[test]
fn wild_bytes_are_read_without_harm() {
    let files = [(
        "public/a.html".to_owned(),
        Bytes::from_static(b"\xff\xfe<html \xff=\"<img src=>%zz<a href='%'><a href=/%e5%>"),
    )];
    let files = BTreeMap::from(files);
    page::check(&Contents::of_files(&files));
}
