//! What an app's answers say, whatever its guest said.

use super::*;

const PORTAL: &str = "http://localhost:8080";

fn headers_of(access: &str, browser: &str) -> SecurityHeaders {
    let manifest = format!(
        r#"{{"app_id":"cn.gov.example.leaflet","name":"样例","version":{{"name":"1.0.0","code":1}},
        "icons":[{{"src":"public/icon.svg","sizes":"any"}}],"gov_access":"{access}","gov_browser":[{browser}],
        "gov_owner":{{"unit":"某市","uscc":"{USCC}"}},"gov_component":{{}}}}"#
    );
    SecurityHeaders::of(&Manifest::parse(manifest.as_bytes()).expect("manifest"), PORTAL)
}

/// A valid code of no real unit.
const USCC: &str = "91000000MA00000X1P";

fn guest(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).expect("name"),
            HeaderValue::from_str(value).expect("value"),
        );
    }
    map
}

fn answered(security: &SecurityHeaders, lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = guest(lines);
    security.clean_guest(&mut map);
    security.apply(&mut map);
    map
}

fn text<'a>(map: &'a HeaderMap, name: &str) -> &'a str {
    map.get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn every_answer_carries_the_headers() {
    let map = answered(&headers_of("open", ""), &[("content-type", "text/html")]);
    assert_eq!(
        text(&map, "content-security-policy"),
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; \
         form-action 'self' http://localhost:8080; frame-ancestors 'none'"
    );
    for (name, said) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("origin-agent-cluster", "?1"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-type", "text/html"),
    ] {
        assert_eq!(text(&map, name), said, "{name}");
    }
}

#[test]
fn browser_features_are_off_unless_declared() {
    let undeclared = answered(&headers_of("open", ""), &[]);
    assert!(text(&undeclared, "permissions-policy").contains("geolocation=(), "));
    assert!(!text(&undeclared, "permissions-policy").contains("(self)"));
    let declared = answered(&headers_of("open", r#"{"feature":"geolocation","reason":"附近大厅"}"#), &[]);
    assert!(text(&declared, "permissions-policy").contains("geolocation=(self), "));
    assert!(text(&declared, "permissions-policy").contains("camera=(), "));
}

#[test]
fn every_feature_that_a_manifest_may_declare_is_otherwise_off() {
    for feature in yizhan_package::manifest::feature::Feature::ALL {
        assert!(FEATURES.contains(&feature.as_str()), "{feature}");
    }
}

#[test]
fn a_guest_may_switch_features_off_but_not_on() {
    let security = headers_of("open", r#"{"feature":"geolocation","reason":"附近大厅"}"#);
    let off = answered(&security, &[("permissions-policy", "geolocation=(), camera=*, usb=(self)")]);
    let said = text(&off, "permissions-policy");
    assert!(said.ends_with(", geolocation=()"), "the last entry of a name holds: {said}");
    assert!(!said.contains("camera=*") && !said.contains("usb=(self)"));
    assert_eq!(off.get_all("permissions-policy").iter().count(), 1);
}

#[test]
fn a_guests_own_content_policy_stands_beside_ours() {
    let map = answered(&headers_of("open", ""), &[("content-security-policy", "script-src 'none'")]);
    let all: Vec<_> = map.get_all("content-security-policy").iter().collect();
    assert_eq!(all[0], "script-src 'none'");
    assert!(all[1].to_str().expect("text").starts_with("default-src 'self'"));
}

#[test]
fn a_guests_policy_cannot_report_elsewhere() {
    let policy = "img-src 'none'; Report-URI https://else.example; report-to x, script-src 'none'";
    let map = answered(
        &headers_of("open", ""),
        &[
            ("content-security-policy", policy),
            ("content-security-policy-report-only", "default-src 'none'; report-uri https://else.example"),
            ("reporting-endpoints", "x=\"https://else.example\""),
            ("nel", "{}"),
        ],
    );
    assert_eq!(text(&map, "content-security-policy"), "img-src 'none', script-src 'none'");
    for name in ["content-security-policy-report-only", "reporting-endpoints", "nel"] {
        assert!(!map.contains_key(name), "{name}");
    }
}

#[test]
fn only_a_stricter_referrer_policy_passes() {
    let said =
        |policy| text(&answered(&headers_of("open", ""), &[("referrer-policy", policy)]), "referrer-policy").to_owned();
    assert_eq!(said("no-referrer"), "no-referrer");
    assert_eq!(said("unsafe-url"), "same-origin");
    assert_eq!(said("no-referrer, unsafe-url"), "same-origin");
    let twice = answered(&headers_of("open", ""), &[("referrer-policy", "no-referrer"), ("referrer-policy", "origin")]);
    assert_eq!(twice.get_all("referrer-policy").iter().collect::<Vec<_>>(), ["same-origin"]);
}

#[test]
fn what_is_the_hosts_to_say_is_removed() {
    let names = [
        "server",
        "date",
        "clear-site-data",
        "alt-svc",
        "strict-transport-security",
        "public-key-pins",
        "set-login",
        "service-worker-allowed",
        "x-yizhan-subject",
        "connection",
        "transfer-encoding",
        "upgrade",
        "x-accel-redirect",
        "x-sendfile",
    ];
    let map = answered(&headers_of("open", ""), &names.map(|name| (name, "?0")));
    for name in names {
        assert!(!map.contains_key(name), "{name}");
    }
    for (name, loose) in [
        ("origin-agent-cluster", "?0"),
        ("cross-origin-opener-policy", "unsafe-none"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "sniff"),
    ] {
        let map = answered(&headers_of("open", ""), &[(name, loose), (name, loose)]);
        assert_eq!(map.get_all(name).iter().count(), 1, "{name}");
        assert_ne!(text(&map, name), loose, "{name}");
    }
}

#[test]
fn identity_required_apps_cannot_open_their_answers_to_other_origins() {
    let cors = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("timing-allow-origin", "*"),
    ];
    let identity = answered(&headers_of("identity-required", ""), &cors);
    let open = answered(&headers_of("open", ""), &cors);
    for (name, value) in cors {
        assert!(!identity.contains_key(name), "{name}");
        assert_eq!(text(&open, name), value);
    }
}

#[test]
fn an_answer_to_someone_signed_in_is_not_stored() {
    let mut map = guest(&[("cache-control", "public, max-age=600"), ("surrogate-control", "max-age=600")]);
    SecurityHeaders::apply_signed_in(&mut map);
    assert_eq!(text(&map, "cache-control"), "no-store");
    assert!(!map.contains_key("surrogate-control"));
}

#[test]
fn the_hosts_pages_allow_nothing_inline_and_no_frame() {
    let mut map = HeaderMap::new();
    HubHeaders::new().apply(&mut map);
    let csp = text(&map, "content-security-policy");
    assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"));
    assert_eq!((text(&map, "cache-control"), text(&map, "referrer-policy")), ("no-store", "no-referrer"));
}
