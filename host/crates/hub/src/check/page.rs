//! The pages under `public/`: what readers with large text, a screen reader or a phone need, and what the content security
//! policy of the host would refuse. Reads tags with a WHATWG tokenizer; a document tree is not needed.

mod reference;
mod tag;

use super::contents::Contents;
use super::style;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use tag::Tag;
use yizhan_domain::{Finding, Severity};

/// Findings of one page at most; the rest would only repeat them.
const FINDINGS_PER_PAGE_MAX: usize = 50;

/// Checks every page and style sheet.
pub(super) fn check(contents: &Contents<'_>) -> Vec<Finding> {
    let pages = contents.pages().flat_map(|(path, html)| check_page(contents, path, html));
    let sheets = contents.style_sheets().flat_map(|(path, css)| style::check(contents, path, css));
    pages.chain(sheets).collect()
}

fn check_page(contents: &Contents<'_>, path: &str, html: &[u8]) -> Vec<Finding> {
    let tags = read_tags(html);
    let mut findings = Vec::new();
    let is_document = tags.iter().any(|tag| matches!(tag.name.as_str(), "html" | "head" | "body" | "title"));
    if is_document {
        findings.extend(document(path, &tags));
    }
    // A base address moves every reference; such pages are left to the browser.
    let has_base = tags.iter().any(|tag| tag.name == "base");
    for tag in &tags {
        findings.extend(zoom(path, tag));
        findings.extend(alternative_text(path, tag));
        findings.extend(inline_code(path, tag));
        if !has_base {
            findings.extend(reference::check(contents, path, tag));
        }
    }
    findings.truncate(FINDINGS_PER_PAGE_MAX);
    findings
}

fn read_tags(html: &[u8]) -> Vec<Tag> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut lines = tag::Lines::new(html);
    let tokens = Tokenizer::new_with_emitter(html, emitter).map_while(Result::ok);
    tokens
        .filter_map(|token| if let Token::StartTag(start) = token { Some(Tag::of(&start, &mut lines)) } else { None })
        .collect()
}

fn at(code: &str, severity: Severity, path: &str, line: u64) -> Finding {
    let finding = Finding::warning(code, path).at(format!("line {line}"));
    Finding { severity, ..finding }
}

fn document(path: &str, tags: &[Tag]) -> Vec<Finding> {
    let html = tags.iter().find(|tag| tag.name == "html");
    let has_lang = html.is_some_and(|tag| tag.value("lang").is_some_and(|lang| !lang.trim().is_empty()));
    let is_viewport = |tag: &Tag| tag.name == "meta" && tag.is("name", "viewport");
    let mut findings = Vec::new();
    if !has_lang {
        findings.push(
            at("page.no-lang", Severity::Warning, path, html.map_or(1, |tag| tag.line))
                .why("the page does not say its language, so screen readers guess how to pronounce it")
                .fix("write <html lang=\"zh-CN\">"),
        );
    }
    if !tags.iter().any(is_viewport) {
        findings.push(
            at("page.no-viewport", Severity::Warning, path, html.map_or(1, |tag| tag.line))
                .why("the page has no viewport, so phones show it as a tiny desktop page")
                .fix("write <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"> in <head>"),
        );
    }
    findings
}

/// People enlarge pages: a page must not forbid it.
fn zoom(path: &str, tag: &Tag) -> Option<Finding> {
    let content =
        tag.value("content").filter(|_| tag.name == "meta" && tag.is("name", "viewport"))?.to_ascii_lowercase();
    // White space separates settings like a comma, but may also stand around the equals sign.
    let content = content.split('=').map(str::trim).collect::<Vec<_>>().join("=");
    let separators = |c: char| matches!(c, ',' | ';') || c.is_ascii_whitespace();
    let settings = content.split(separators).filter_map(|setting| setting.split_once('='));
    let mut forbids = settings.filter(|(name, value)| match *name {
        "user-scalable" => matches!(*value, "no" | "0"),
        "maximum-scale" => value.parse::<f64>().is_ok_and(|scale| scale < 2.0),
        _ => false,
    });
    let (name, value) = forbids.next()?;
    Some(
        at("page.zoom-disabled", Severity::Error, path, tag.line)
            .why(format!("{name}={value} keeps people from enlarging the page"))
            .fix("write content=\"width=device-width, initial-scale=1\", without user-scalable and maximum-scale"),
    )
}

fn alternative_text(path: &str, tag: &Tag) -> Option<Finding> {
    let is_picture = tag.name == "img" || tag.name == "area" || (tag.name == "input" && tag.is("type", "image"));
    (is_picture && tag.value("alt").is_none()).then(|| {
        at("page.no-alt", Severity::Warning, path, tag.line)
            .why(format!("<{}> has no alternative text for people who do not see it", tag.name))
            .fix("add alt=\"what it shows\", or alt=\"\" if it is decoration")
    })
}

/// Scripts and styles inside the page, which the policy `script-src 'self'; style-src 'self'` refuses.
fn inline_code(path: &str, tag: &Tag) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut script = |what: String, fix: &str| {
        findings.push(
            at("page.inline-script", Severity::Error, path, tag.line)
                .why(format!("{what} is not run: the content security policy takes scripts from files of the app only"))
                .fix(fix),
        );
    };
    if tag.name == "script" && tag.value("src").is_none() && tag.is_executable_script() {
        script("a script inside the page".to_owned(), "move it to a file under public/ and name that in src");
    }
    for handler in tag.names().filter(|name| name.starts_with("on") && name.len() > 2) {
        script(format!("{handler}=\"…\""), "set the handler with addEventListener in a script file");
    }
    let styled = tag.value("style").is_some();
    if tag.name == "style" || styled {
        let what = if styled { "a style attribute" } else { "a <style> inside the page" };
        findings.push(
            at("page.inline-style", Severity::Warning, path, tag.line)
                .why(format!("{what} is ignored: the content security policy takes styles from files of the app only"))
                .fix("move it to a style sheet under public/"),
        );
    }
    findings
}
