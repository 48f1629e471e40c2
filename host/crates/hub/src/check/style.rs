//! References of style sheets, `url(…)` and `@import`: pictures and fonts that are missing or from other sites.

use super::contents::Contents;
use super::link::{self, Target};
use yizhan_domain::{Finding, Severity};

/// Findings of one sheet at most.
const FINDINGS_PER_SHEET_MAX: usize = 20;

/// One finding for each reference that leads nowhere or to another site.
pub(super) fn check(contents: &Contents<'_>, path: &str, css: &[u8]) -> Vec<Finding> {
    let text = without_comments(&String::from_utf8_lossy(css));
    let page = path.strip_prefix("public").unwrap_or(path);
    let judge = |(line, reference): (usize, &str)| {
        let (code, severity, why, fix) = match link::target(page, reference) {
            Target::External => (
                "page.external-resource",
                Severity::Error,
                "is not loaded: the content security policy takes files of the app only",
                "put the file under public/; nothing is fetched from other sites, so that visitors are not told to them",
            ),
            Target::Path(target) if link::is_broken(contents, &target) => (
                "page.broken-link",
                if contents.has_component { Severity::Warning } else { Severity::Error },
                "is no file in public/",
                "add the file, or mend the reference; letters must agree in case",
            ),
            _ => return None,
        };
        let shown: String = reference.chars().take(80).collect();
        let finding = Finding::warning(code, path).at(format!("line {line}")).why(format!("{shown:?} {why}")).fix(fix);
        Some(Finding { severity, ..finding })
    };
    references(&text).filter_map(judge).take(FINDINGS_PER_SHEET_MAX).collect()
}

/// Blanks comments out, keeping the lines.
fn without_comments(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        let (comment, next) = after.split_once("*/").unwrap_or((after, ""));
        text.extend(comment.chars().filter(|c| *c == '\n'));
        rest = next;
    }
    text.push_str(rest);
    text
}

fn references(css: &str) -> impl Iterator<Item = (usize, &str)> {
    css.lines().enumerate().flat_map(|(index, line)| {
        let urls = line.split("url(").skip(1).filter_map(|after| after.split(')').next());
        let imports = line.split("@import").skip(1).map(str::trim_start).filter(|after| after.starts_with(['"', '\'']));
        let imported = imports.filter_map(|after| after.get(1..)?.split(['"', '\'']).next());
        urls.chain(imported).map(move |found| (index + 1, found.trim().trim_matches(['"', '\''])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_with_their_lines_and_not_in_comments() {
        let css =
            "/* url(a)\n url(b) */\n@import \"c.css\"; p { background: url( 'd.png' ) }\n@font-face{src:url(e.woff2)}";
        let text = without_comments(css);
        assert_eq!(references(&text).collect::<Vec<_>>(), [(3, "d.png"), (3, "c.css"), (4, "e.woff2")]);
    }
}
