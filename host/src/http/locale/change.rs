//! A wish to change preferences: the portal's and sign-in pages post it, a launch from the portal carries it as a query.

use super::{Locale, Preferences};
use crate::http::return_path::ReturnPath;
use http::{HeaderMap, header};
use yizhan_domain::code::RegionCode;

/// What changes; the rest stays. From `application/x-www-form-urlencoded` fields `locale`, `region`, `elder` (`1` or `0`)
/// and `return`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PreferenceChange {
    locale: Option<Locale>,
    region: Option<RegionCode>,
    elder_mode: Option<bool>,
    /// Where the person goes on afterwards, on the same origin.
    pub(crate) return_path: ReturnPath,
}

impl PreferenceChange {
    /// Takes decoded form or query fields; unknown ones and wrong values are passed over.
    pub(crate) fn of<'f>(fields: impl Iterator<Item = (&'f str, &'f str)>) -> Self {
        let mut change = Self { locale: None, region: None, elder_mode: None, return_path: ReturnPath::or_home(None) };
        for (name, value) in fields {
            match name {
                "locale" => change.locale = Locale::parse(value),
                "region" => change.region = value.parse().ok(),
                "elder" => change.elder_mode = Some(value == "1"),
                "return" => change.return_path = ReturnPath::of_page(Some(value)),
                _ => {}
            }
        }
        change
    }

    /// The preferences after the change.
    pub(crate) fn over(&self, before: Preferences) -> Preferences {
        Preferences {
            locale: self.locale.unwrap_or(before.locale),
            region: self.region.clone().or(before.region).filter(|region| region.level() > 0),
            elder_mode: self.elder_mode.unwrap_or(before.elder_mode),
        }
    }
}

/// Whether a request may change the preferences on this origin: it comes from this origin's own pages, or it is a launch
/// by a link of the portal, which sends its origin as the referrer. A sibling app can do neither; only in a browser without
/// fetch metadata may its hidden form (`Origin: null`, which the host's pages without referrer send too) switch a language.
pub(crate) fn change_allowed(headers: &HeaderMap, own_origin: &str, portal_origin: &str) -> bool {
    let site = headers.get("sec-fetch-site");
    if site.is_some_and(|site| site == "same-origin") {
        return true;
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        return origin == own_origin || (site.is_none() && origin == "null");
    }
    let referrer = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    [own_origin, portal_origin]
        .iter()
        .any(|trusted| referrer.strip_prefix(trusted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
