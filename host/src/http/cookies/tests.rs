//! The cookie and header rules of an app's origin.

use super::{
    response::{DropReason, DroppedCookie},
    *,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::SET_COOKIE};

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).expect("name"),
            HeaderValue::from_str(value).expect("value"),
        );
    }
    map
}

fn cookies_after_strip(lines: &[&str]) -> Vec<String> {
    let mut map = headers(&lines.iter().map(|line| ("cookie", *line)).collect::<Vec<_>>());
    strip_request_cookies(&mut map);
    map.get_all("cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect()
}

fn dropped(line: &str) -> Option<DropReason> {
    let mut map = HeaderMap::new();
    map.append(SET_COOKIE, HeaderValue::from_bytes(line.as_bytes()).expect("value"));
    let dropped = filter_response_cookies(&mut map);
    assert_eq!(map.contains_key(SET_COOKIE), dropped.is_empty());
    dropped.first().map(|cookie| cookie.reason)
}

#[test]
fn the_hosts_cookies_never_reach_a_guest() {
    assert_eq!(cookies_after_strip(&["a=1; yz-dev-session=x; b=2"]), ["a=1; b=2"]);
    assert_eq!(cookies_after_strip(&["__Host-yz-session=x", "c=3"]), ["c=3"]);
    assert_eq!(cookies_after_strip(&["__HOST-YZ-Session=x; YZ-DEV-prefs=y"]), Vec::<String>::new());
    assert_eq!(cookies_after_strip(&["; ;\tyz-dev-new =x;a=1"]), ["a=1"]);
    assert_eq!(cookies_after_strip(&["=yz-dev-session=x; a=1"]), ["a=1"]);
}

#[test]
fn an_apps_own_cookies_pass_untouched() {
    assert_eq!(cookies_after_strip(&["a=1;b=\"2\""]), ["a=1;b=\"2\""]);
    assert_eq!(
        cookies_after_strip(&["myyz-dev-x=1; __Host-app=2; yz-device=3"]),
        ["myyz-dev-x=1; __Host-app=2; yz-device=3"]
    );
}

#[test]
fn a_session_cookie_that_comes_twice_is_none() {
    let find =
        |lines: &[(&str, &str)]| HostCookies::Development.find(HostCookie::Session, &headers(lines)).map(str::to_owned);
    assert_eq!(find(&[("cookie", "a=1; yz-dev-session=abc")]), Some("abc".to_owned()));
    assert_eq!(find(&[("cookie", "yz-dev-session=abc; yz-dev-session=abc")]), None);
    assert_eq!(find(&[("cookie", "yz-dev-session=abc"), ("cookie", "yz-dev-session=d")]), None);
    assert_eq!(find(&[("cookie", "YZ-dev-session=abc")]), None);
    assert_eq!(find(&[("cookie", "yz-dev-session=")]), None);
    assert_eq!(find(&[("cookie", "__Host-yz-session=abc")]), None);
}

#[test]
fn secure_cookies_carry_the_host_prefix_and_secure() {
    assert_eq!(
        HostCookies::Secure.set(HostCookie::Session, "v", None),
        "__Host-yz-session=v; Path=/; HttpOnly; SameSite=Lax; Secure"
    );
    assert_eq!(
        HostCookies::Development.set(HostCookie::SignIn, "v", Some(0)),
        "yz-dev-signin=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    );
}

#[test]
fn a_guest_cannot_set_the_hosts_cookies() {
    for line in [
        "yz-dev-session=1",
        "YZ-Dev-Session=1",
        " __host-yz-session =1; Path=/; Secure",
        "=yz-dev-session=1",
        " = = yz-dev-session=1",
        "yz-dev-session",
    ] {
        assert_eq!(dropped(line), Some(DropReason::HostName), "{line}");
    }
}

#[test]
fn a_guest_cannot_set_a_domain_cookie() {
    for line in ["a=1; Domain=localhost", "a=1;dOmAiN =.example.cn", "a=1; domain", "a=1; Path=/; Domain="] {
        assert_eq!(dropped(line), Some(DropReason::Domain), "{line}");
    }
}

#[test]
fn a_cookie_with_a_control_character_is_dropped_and_named_without_it() {
    let mut map = headers(&[("set-cookie", "a\tb=secret"), ("set-cookie", "ok=1")]);
    let dropped = filter_response_cookies(&mut map);
    assert_eq!(dropped, [DroppedCookie { name: "a\u{fffd}b".to_owned(), reason: DropReason::ControlCharacter }]);
    assert_eq!(map.get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["ok=1"]);
}

#[test]
fn prefixed_cookies_of_an_app_pass() {
    for line in ["__Host-app=1; Secure; Path=/", "__Secure-a=1; Secure", "a=domain=x; SameSite=Lax", "domain=1"] {
        assert_eq!(dropped(line), None, "{line}");
    }
}

#[test]
fn forwarded_hop_by_hop_and_platform_headers_are_removed() {
    let mut map = headers(&[
        ("forwarded", "for=1.2.3.4"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-anything", "x"),
        ("x-real-ip", "1.2.3.4"),
        ("x-yizhan-subject", "forged"),
        ("connection", "keep-alive, X-Secret-Hop, Host"),
        ("host", "app.localhost"),
        ("x-secret-hop", "1"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("accept", "*/*"),
        ("authorization", "Bearer app"),
    ]);
    strip_request_headers(&mut map);
    let mut left: Vec<_> = map.keys().map(HeaderName::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["accept", "authorization", "host"]);
}

#[test]
fn the_session_is_attached_only_to_own_requests_and_top_level_get_navigations() {
    let own = "http://app.localhost:8080";
    let allowed = |method: &Method, lines: &[(&str, &str)]| session_allowed(method, &headers(lines), own);
    let navigation = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let from = |site, extra: &[(&'static str, &'static str)]| [&[("sec-fetch-site", site)], extra].concat();
    assert!(allowed(&Method::POST, &from("same-origin", &[])));
    assert!(allowed(&Method::GET, &from("none", &[])));
    assert!(allowed(&Method::GET, &from("cross-site", &navigation)));
    assert!(!allowed(&Method::POST, &from("cross-site", &navigation)));
    assert!(!allowed(&Method::GET, &from("same-site", &[("sec-fetch-mode", "cors")])));
    assert!(!allowed(
        &Method::GET,
        &from("cross-site", &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")])
    ));
    assert!(!allowed(&Method::GET, &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]));
}

#[test]
fn without_fetch_metadata_the_origin_decides() {
    let own = "http://app.localhost:8080";
    let allowed = |method: &Method, lines: &[(&str, &str)]| session_allowed(method, &headers(lines), own);
    assert!(allowed(&Method::GET, &[]));
    assert!(!allowed(&Method::POST, &[]));
    assert!(allowed(&Method::POST, &[("origin", own)]));
    assert!(!allowed(&Method::POST, &[("origin", "null")]));
    assert!(!allowed(&Method::GET, &[("origin", "http://other.localhost:8080")]));
    assert!(!allowed(&Method::POST, &[("origin", own), ("origin", own)]));
}
