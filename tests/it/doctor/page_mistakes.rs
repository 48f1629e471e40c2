//! Mistakes of the pages for the browser.

use super::app::App;

/// A leaflet whose page has this body; the body begins in line 2.
fn leaflet(body: &str) -> App {
    let mut app = App::leaflet();
    let page = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta name=\"viewport\" content=\"width=device-width\"></head>\n{body}"
    );
    app.put("public/index.html", page);
    app
}

const PAGE: &str = "public/index.html";

#[test]
fn a_broken_link_is_told_with_its_line() {
    let finding = leaflet("<p>\n<a href=\"halls.html\">大厅</a>").refused_with("page.broken-link", PAGE, "line 3");
    assert!(finding.why.contains("halls.html"), "{finding:?}");
}

#[test]
fn disabled_zoom_is_refused() {
    let mut app = App::leaflet();
    app.put(PAGE, "<html lang=zh>\n<meta name=viewport content=\"width=device-width, user-scalable=no\">");
    app.refused_with("page.zoom-disabled", PAGE, "line 2");
}

#[test]
fn code_inside_the_page_and_files_of_other_sites_are_refused() {
    leaflet("<script>start()</script>").refused_with("page.inline-script", PAGE, "line 2");
    leaflet("<body onload=\"start()\">").refused_with("page.inline-script", PAGE, "line 2");
    leaflet("<script src=\"https://cdn.example.com/vue.js\"></script>").refused_with(
        "page.external-resource",
        PAGE,
        "line 2",
    );
}

#[test]
fn what_readers_miss_is_a_warning() {
    leaflet("<img src=\"icon.png\">").warned_with("page.no-alt", PAGE, "line 2");
    leaflet("<p style=\"color: red\">").warned_with("page.inline-style", PAGE, "line 2");
    let mut app = App::leaflet();
    app.put(PAGE, "<html>\n<meta name=viewport content=\"width=device-width\">");
    app.warned_with("page.no-lang", PAGE, "line 1");
    app.put(PAGE, "<html lang=zh-CN>");
    app.warned_with("page.no-viewport", PAGE, "line 1");
}
