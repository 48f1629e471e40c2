//! One import judged: who offers it, whether this app may have it, and if not, why and what to do.

use super::name::ImportName;
use super::offered::{OFFERED, Offer};
use yizhan_domain::{Access, Finding, Severity, report::ImportReport};

/// Judges an import for an app of this access type.
pub(super) fn judge(name: &str, access: Access) -> (ImportReport, Option<Finding>) {
    let parsed = ImportName::parse(name);
    let offer = OFFERED.iter().find(|offer| offer.accepts(&parsed));
    let offered_by = offer.map_or("nobody", |offer| offer.provider.as_str());
    let finding = match offer {
        Some(offer) if offer.identity_only && access == Access::Open => Some(identity_in_open_app(name)),
        Some(offer) if offer.is_older_than(&parsed) => Some(newer(name, offer)),
        Some(_) => None,
        None => Some(not_offered(name, &parsed, access)),
    };
    let report = ImportReport {
        name: name.to_owned(),
        offered_by: offered_by.to_owned(),
        allowed: finding.as_ref().is_none_or(|finding| finding.severity < Severity::Error),
        functions: Vec::new(),
    };
    (report, finding)
}

fn identity_in_open_app(name: &str) -> Finding {
    Finding::error("component.identity-in-open-app", super::PATH)
        .at(name)
        .why("an open app has no identity interface at all: what is not linked cannot be called, so nobody has to be asked")
        .fix("remove the import, or set `gov_access` to \"identity-required\" and declare the claims in `req_permissions`")
}

fn newer(name: &str, offer: &Offer) -> Finding {
    Finding::note("component.newer-import", super::PATH)
        .at(name)
        .why(format!(
            "the host has {}; it runs the component unless that uses a function that was added later",
            offer.name()
        ))
        .fix(format!("nothing, or build with tools for {}", offer.name()))
}

fn not_offered(name: &str, parsed: &ImportName, access: Access) -> Finding {
    if parsed.is_pay() {
        return Finding::error("not-provided", super::PATH)
            .at(name)
            .why("paying is not provided by this platform, by design")
            .fix("remove the import and link to the item's own payment page");
    }
    let same: Vec<&Offer> = OFFERED
        .iter()
        .filter(|offer| offer.interface == parsed.interface && (!offer.identity_only || access != Access::Open))
        .collect();
    if let Some(offer) = same.iter().max_by_key(|offer| shared_prefix(name, &offer.name())) {
        let versions: Vec<String> = same.iter().map(|offer| offer.versions()).collect();
        return Finding::error("component.import-version", super::PATH)
            .at(name)
            .why(format!("the host offers {} in {}", parsed.interface, versions.join(" and in ")))
            .fix(format!("use {}", offer.name()));
    }
    let fix = nearest(&parsed.interface, access).map_or_else(
        || "remove the import; `yizhan doctor --imports` lists everything that is offered".to_owned(),
        |near| format!("did you mean {near}? `yizhan doctor --imports` lists everything that is offered"),
    );
    Finding::error("component.unknown-import", super::PATH)
        .at(name)
        .why("nobody offers this interface, so the app could not start")
        .fix(fix)
}

/// The offered name that differs least, if it differs by at most a third of its letters.
fn nearest(interface: &str, access: Access) -> Option<String> {
    OFFERED
        .iter()
        .filter(|offer| !offer.identity_only || access != Access::Open)
        .map(|offer| (distance(interface, offer.interface), offer))
        .filter(|(distance, offer)| *distance * 3 <= offer.interface.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, offer)| offer.name())
}

fn shared_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// Edits (Levenshtein) from one text to the other; names are short.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().take(128).collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(128).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, access: Access) -> Finding {
        judge(name, access).1.expect("refused")
    }

    #[test]
    fn releases_of_the_same_minor_version_are_taken_and_a_later_one_is_noted() {
        for name in ["wasi:http/types@0.2.0", "wasi:http/types@0.2.12", "wasi:http/types@0.3.0"] {
            assert_eq!(judge(name, Access::Open).1, None, "{name}");
        }
        let (report, later) = judge("wasi:http/types@0.3.2", Access::Open);
        assert!(report.allowed && later.is_some_and(|note| note.code == "component.newer-import"));
        let next = finding("wasi:io/poll@0.4.0", Access::Open);
        assert_eq!((next.code.as_str(), next.fix.as_str()), ("component.import-version", "use wasi:io/poll@0.2.12"));
        assert_eq!(finding("wasi:http/types@0.3.0-rc-2025-09-16", Access::Open).fix, "use wasi:http/types@0.3.0");
    }

    #[test]
    fn pre_releases_match_exactly() {
        assert!(judge("wasi:keyvalue/store@0.2.0-draft", Access::Open).0.allowed);
        assert!(judge("wasi:keyvalue/store@0.2.0-draft2", Access::Open).0.allowed);
        let near = finding("wasi:config/store@0.2.0", Access::Open);
        assert_eq!(near.code, "component.import-version");
        assert_eq!(near.fix, "use wasi:config/store@0.2.0-rc.1");
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest_and_a_strange_one_gets_the_list() {
        assert!(finding("yizhan:app/catalogue@0.1.0", Access::Open).fix.contains("yizhan:app/catalog@0.1.0"));
        let strange = finding("acme:blockchain/ledger@1.0.0", Access::Open);
        assert_eq!(strange.code, "component.unknown-import");
        assert!(!strange.fix.contains("did you mean"), "{}", strange.fix);
    }

    #[test]
    fn identity_is_for_identity_required_apps_and_paying_for_nobody() {
        let name = "yizhan:app/identity@0.1.0";
        assert!(judge(name, Access::IdentityRequired).0.allowed);
        assert_eq!(finding(name, Access::Open).code, "component.identity-in-open-app");
        for access in [Access::Open, Access::IdentityRequired] {
            assert_eq!(finding("yizhan:app/pay@0.1.0", access).code, "not-provided");
        }
    }

    #[test]
    fn what_refuses_every_call_says_so() {
        let (report, finding) = judge("wasi:sockets/tcp@0.2.6", Access::Open);
        assert_eq!((report.offered_by.as_str(), finding), ("wasi (refuses every call)", None));
    }
}
