//! References of one tag: files that must be there, and other origins that the policy refuses.

use super::super::contents::Contents;
use super::super::link::{self, Target};
use super::{at, tag::Tag};
use yizhan_domain::{Finding, Severity};

/// What the browser does with a reference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Loads it into the page.
    Load,
    /// Goes there when the person wants.
    Follow,
    /// Sends a form there.
    Send,
}

/// Attributes that refer, by tag.
const REFERENCES: [(&str, &str, Use); 20] = [
    ("a", "href", Use::Follow),
    ("area", "href", Use::Follow),
    ("audio", "src", Use::Load),
    ("button", "formaction", Use::Send),
    ("embed", "src", Use::Load),
    ("form", "action", Use::Send),
    ("frame", "src", Use::Load),
    ("iframe", "src", Use::Load),
    ("image", "href", Use::Load),
    ("img", "src", Use::Load),
    ("input", "formaction", Use::Send),
    ("input", "src", Use::Load),
    ("link", "href", Use::Load),
    ("object", "data", Use::Load),
    ("script", "src", Use::Load),
    ("source", "src", Use::Load),
    ("track", "src", Use::Load),
    ("use", "href", Use::Load),
    ("video", "poster", Use::Load),
    ("video", "src", Use::Load),
];

/// Relations of `<link>` that load a file; the others are for machines that read the page.
const LOADING_RELATIONS: [&str; 7] =
    ["stylesheet", "icon", "apple-touch-icon", "manifest", "preload", "modulepreload", "prefetch"];

/// One finding for each reference of the tag that leads nowhere or where it may not.
pub(super) fn check(contents: &Contents<'_>, path: &str, tag: &Tag) -> Vec<Finding> {
    let page = path.strip_prefix("public").unwrap_or(path);
    let judge = |(reference, usage): (String, Use)| match link::target(page, &reference) {
        Target::External => external(path, tag, &reference, usage),
        Target::Script => Some(script(path, tag)),
        Target::Path(target) => link::is_broken(contents, &target).then(|| broken(contents, path, tag, &reference)),
        Target::Elsewhere => None,
    };
    references(tag).into_iter().filter_map(judge).collect()
}

fn references(tag: &Tag) -> Vec<(String, Use)> {
    if tag.name == "link" && !loads(tag) {
        return Vec::new();
    }
    let rows = REFERENCES.iter().filter(|(name, ..)| *name == tag.name);
    let mut found: Vec<(String, Use)> =
        rows.filter_map(|(_, attribute, usage)| Some((tag.value(attribute)?.to_owned(), *usage))).collect();
    if let Some(candidates) = tag.value("srcset").filter(|_| matches!(tag.name.as_str(), "img" | "source")) {
        let addresses = candidates.split(", ").filter_map(|candidate| candidate.split_whitespace().next());
        found.extend(addresses.map(|address| (address.trim_end_matches(',').to_owned(), Use::Load)));
    }
    found
}

fn loads(tag: &Tag) -> bool {
    let relations = tag.value("rel").unwrap_or_default().to_ascii_lowercase();
    relations.split_ascii_whitespace().any(|relation| LOADING_RELATIONS.contains(&relation))
}

fn external(path: &str, tag: &Tag, reference: &str, usage: Use) -> Option<Finding> {
    let what = match usage {
        Use::Follow => return None,
        Use::Load => "is not loaded: the content security policy takes files of the app only",
        Use::Send => "is not sent: the content security policy lets forms go to the app only",
    };
    let fix = match usage {
        Use::Send => "send the form to the component, which may call hosts of `gov_egress`",
        _ => "put the file under public/; nothing is fetched from other sites, so that visitors are not told to them",
    };
    Some(
        at("page.external-resource", Severity::Error, path, tag.line)
            .why(format!("<{}> refers to {}, which {what}", tag.name, shortened(reference)))
            .fix(fix),
    )
}

fn script(path: &str, tag: &Tag) -> Finding {
    at("page.inline-script", Severity::Error, path, tag.line)
        .why("an address that begins with javascript: is not run: the content security policy takes scripts from files only")
        .fix("use a <button> and addEventListener in a script file")
}

fn broken(contents: &Contents<'_>, path: &str, tag: &Tag, reference: &str) -> Finding {
    let (severity, why) = if contents.has_component {
        (Severity::Warning, "no such file in public/; it works only if the component answers it")
    } else {
        (Severity::Error, "no such file in public/")
    };
    at("page.broken-link", severity, path, tag.line)
        .why(format!("<{}> refers to {}: {why}", tag.name, shortened(reference)))
        .fix("add the file, or mend the reference; letters must agree in case")
}

fn shortened(reference: &str) -> String {
    let shown: String = reference.chars().take(80).collect();
    if shown.len() < reference.len() { format!("{shown:?}…") } else { format!("{shown:?}") }
}
