//! How a visitor wants pages: language, region, elder mode. Kept in a cookie on each origin; the portal's pages, the host's
//! pages on apps' origins, `bridge.js` and the guests' `visitor` interface read it from here.

mod change;
#[cfg(test)]
mod tests;

pub(crate) use change::{PreferenceChange, change_allowed};

use super::cookies::{HostCookie, HostCookies};
use http::{HeaderMap, header};
use yizhan_domain::code::RegionCode;

/// The whole country: what holds until someone chooses a region.
const COUNTRY: &str = "000000000000";
/// Preferences are kept for a year.
const COOKIE_SECONDS: u32 = 31_536_000;

/// A language that the host's pages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locale {
    /// Simplified Chinese.
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// BCP 47 language tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The text in this language.
    pub(crate) fn pick<'t>(self, chinese: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::ZhCn => chinese,
            Self::En => english,
        }
    }

    /// The first of our languages in a list of tags with spaces between (OpenID Connect Core 1.0, `ui_locales`).
    pub(crate) fn first_of(tags: &str) -> Option<Self> {
        tags.split_ascii_whitespace().find_map(Self::parse)
    }

    fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::ZhCn)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }
}

/// What a visitor wishes for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// Language.
    pub(crate) locale: Locale,
    /// Region; none means the whole country.
    pub(crate) region: Option<RegionCode>,
    /// Large text and plain pages (适老模式).
    pub(crate) elder_mode: bool,
}

impl Preferences {
    /// Reads the cookie; what it lacks comes from `Accept-Language` and the defaults. Never fails.
    pub(crate) fn of(headers: &HeaderMap, cookies: HostCookies) -> Self {
        Self::with_wish(headers, cookies, None)
    }

    /// The same, with the language that whoever sent the person here wishes for: what the person chose stands before it, what
    /// the browser prefers behind it.
    pub(crate) fn with_wish(headers: &HeaderMap, cookies: HostCookies, wished: Option<Locale>) -> Self {
        cookies.find(HostCookie::Preferences, headers).and_then(Self::from_cookie).unwrap_or_else(|| Self {
            locale: wished.unwrap_or_else(|| accepted(headers)),
            region: None,
            elder_mode: false,
        })
    }

    /// The region as the 12 digits that guests get.
    pub(crate) fn region_code(&self) -> &str {
        self.region.as_ref().map_or(COUNTRY, RegionCode::as_str)
    }

    /// The `set-cookie` value that keeps these preferences on this origin for a year.
    pub(crate) fn set_cookie(&self, cookies: HostCookies) -> String {
        let elder = if self.elder_mode { "elder" } else { "plain" };
        let value = format!("{}.{}.{elder}", self.locale.tag(), self.region_code());
        cookies.set(HostCookie::Preferences, &value, Some(COOKIE_SECONDS))
    }

    /// The body of `GET /.yizhan/visitor`, which `bridge.js` reads.
    pub(crate) fn visitor_json(&self, signed_in: bool, portal_origin: &str) -> serde_json::Value {
        serde_json::json!({
            "locale": self.locale.tag(),
            "region": self.region_code(),
            "elderMode": self.elder_mode,
            "signedIn": signed_in,
            "portal": format!("{portal_origin}/"),
        })
    }

    /// Where the portal's link to an app leads: the app's origin first takes over these preferences, then shows `path`.
    pub(crate) fn launch_address(&self, app_origin: &str) -> String {
        let elder = u8::from(self.elder_mode);
        format!(
            "{app_origin}/.yizhan/prefs?locale={}&region={}&elder={elder}&return=/",
            self.locale.tag(),
            self.region_code()
        )
    }

    fn from_cookie(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let (locale, region, elder) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self {
            locale: Locale::parse(locale)?,
            region: region.parse::<RegionCode>().ok().filter(|region| region.as_str() != COUNTRY),
            elder_mode: elder == "elder",
        })
    }
}

/// The best of our languages by the weights of `Accept-Language` (RFC 9110 section 12.5.4); the first one when equal,
/// Chinese when none is named.
fn accepted(headers: &HeaderMap) -> Locale {
    let mut best = (0.0, Locale::ZhCn);
    for line in headers.get_all(header::ACCEPT_LANGUAGE) {
        for item in line.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';').map(str::trim);
            let Some(locale) = parts.next().and_then(Locale::parse) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            if weight > best.0 {
                best = (weight, locale);
            }
        }
    }
    best.1
}
