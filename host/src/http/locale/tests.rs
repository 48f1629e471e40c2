//! How preferences are chosen, kept and changed.

use super::*;
use http::HeaderValue;

const OWN: &str = "http://app.localhost:8080";
const PORTAL: &str = "http://localhost:8080";

fn with(name: &'static str, value: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
}

fn of(headers: &HeaderMap) -> Preferences {
    Preferences::of(headers, HostCookies::Development)
}

#[test]
fn the_browsers_language_is_taken_by_weight() {
    for (asked, chosen) in [
        ("en-US,en;q=0.9,zh;q=0.8", Locale::En),
        ("fr, zh-TW;q=0.7, en;q=0.3", Locale::ZhCn),
        ("en;q=0.2, zh;q=0.8", Locale::ZhCn),
        ("fr", Locale::ZhCn),
        ("en;q=0", Locale::ZhCn),
    ] {
        assert_eq!(of(&with("accept-language", asked)).locale, chosen, "{asked}");
    }
    assert_eq!(of(&HeaderMap::new()).locale, Locale::ZhCn);
}

#[test]
fn the_cookie_reads_back_what_was_set() {
    let wished = Preferences { locale: Locale::En, region: "330100000000".parse().ok(), elder_mode: true };
    let set = wished.set_cookie(HostCookies::Development);
    assert!(set.starts_with("yz-dev-prefs=en.330100000000.elder; Path=/; HttpOnly"), "{set}");
    let mut headers = HeaderMap::new();
    let pair = set.split(';').next().expect("pair");
    headers.insert("cookie", HeaderValue::from_str(pair).expect("value"));
    assert_eq!(of(&headers), wished);
    assert_eq!(Preferences::of(&headers, HostCookies::Secure).locale, Locale::ZhCn, "another name in production");
}

#[test]
fn a_broken_cookie_is_as_none() {
    for broken in ["yz-dev-prefs=x", "yz-dev-prefs=fr.000000000000.elder", "yz-dev-prefs=zh-CN"] {
        assert_eq!(of(&with("cookie", broken)), of(&HeaderMap::new()), "{broken}");
    }
    assert_eq!(of(&with("cookie", "yz-dev-prefs=en.33.plain")).region_code(), "000000000000");
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let before = Preferences { locale: Locale::En, region: "330100000000".parse().ok(), elder_mode: false };
    let change = PreferenceChange::of([("elder", "1"), ("locale", "tlh"), ("return", "//evil.example")].into_iter());
    assert_eq!(change.return_path.as_str(), "/");
    let after = change.over(before);
    assert_eq!((after.locale, after.region_code(), after.elder_mode), (Locale::En, "330100000000", true));
    let country = PreferenceChange::of([("region", "000000000000")].into_iter()).over(after);
    assert_eq!(country.region, None);
}

#[test]
fn a_launch_from_the_portal_carries_the_preferences() {
    let wished = Preferences { locale: Locale::En, region: None, elder_mode: true };
    assert_eq!(
        wished.launch_address(OWN),
        "http://app.localhost:8080/.yizhan/prefs?locale=en&region=000000000000&elder=1&return=/"
    );
}

#[test]
fn a_sibling_app_cannot_change_preferences() {
    let allowed = |headers: &HeaderMap| change_allowed(headers, OWN, PORTAL);
    assert!(allowed(&with("sec-fetch-site", "same-origin")));
    assert!(allowed(&with("referer", "http://localhost:8080/")));
    assert!(allowed(&with("origin", OWN)));
    assert!(!allowed(&with("referer", "http://localhost:80801/")));
    assert!(!allowed(&with("referer", "http://other.localhost:8080/")));
    assert!(!allowed(&with("origin", "http://other.localhost:8080")));
    assert!(allowed(&with("origin", "null")), "the host's own pages in browsers without fetch metadata");
    let mut hidden = with("origin", "null");
    hidden.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    assert!(!allowed(&hidden));
    assert!(!allowed(&with("sec-fetch-site", "cross-site")));
    assert!(!allowed(&HeaderMap::new()));
}
