//! An app's own origin.

use crate::serving::{App, Serving};
use serde_json::{Value, json};

fn echo() -> Serving {
    Serving::demo(&[App::open("echo").with("gov_browser", json!([]))])
}

fn header<'v>(echoed: &'v Value, name: &str) -> Vec<&'v str> {
    let pairs = echoed["headers"].as_array().expect("headers");
    pairs.iter().filter(|pair| pair[0] == name).filter_map(|pair| pair[1].as_str()).collect()
}

#[test]
fn the_hosts_cookies_and_the_proxys_headers_never_reach_the_guest() {
    let serving = echo();
    let head = "GET /x?y=1 HTTP/1.1\r\nCookie: a=1; yz-dev-session=secret; __Host-yz-session=secret; b=2\r\n\
                Authorization: Bearer own\r\nX-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\nX-Yizhan-User: root\r\n";
    let echoed = serving.send("echo", head, b"").json();
    assert_eq!(header(&echoed, "cookie"), ["a=1; b=2"], "{echoed}");
    assert_eq!(header(&echoed, "authorization"), ["Bearer own"], "an app's own credentials pass");
    for name in ["x-forwarded-for", "forwarded", "x-yizhan-user"] {
        assert!(header(&echoed, name).is_empty(), "{name} reached the guest: {echoed}");
    }
    assert_eq!((echoed["path"].as_str(), echoed["query"].as_str()), (Some("/x"), Some("y=1")));
}

#[test]
fn a_guest_learns_the_request_id_that_the_answer_and_the_trace_have() {
    let answer = echo().get("echo", "/");
    let echoed = answer.json();
    let id = answer.header("x-request-id")[0].to_owned();
    assert_eq!(header(&echoed, "x-request-id"), [id.as_str()]);
    assert!(header(&echoed, "traceparent")[0].contains(&id), "{echoed}");
}

#[test]
fn a_guest_can_plant_no_cookie_of_the_host_and_none_for_its_siblings() {
    let serving = echo();
    let path = "/?set-cookie=a%3D1&set-cookie=yz-dev-session%3Dx&set-cookie=__Host-yz-prefs%3Dx\
                &set-cookie=b%3D2%3B%20Domain%3Dlocalhost&set-cookie=__Host-own%3D3%3B%20Path%3D%2F%3B%20Secure";
    let answer = serving.get("echo", path);
    assert_eq!(answer.header("set-cookie"), ["a=1", "__Host-own=3; Path=/; Secure"], "{}", answer.text());
}

#[test]
fn a_guest_may_tighten_security_headers_and_never_loosen_them() {
    let serving = echo();
    let path = "/?header=content-security-policy:default-src%20*&header=x-frame-options:ALLOWALL\
                &header=access-control-allow-origin:*&header=strict-transport-security:max-age%3D1";
    let answer = serving.get("echo", path);
    let policies = answer.header("content-security-policy");
    assert!(policies.iter().any(|policy| policy.contains("frame-ancestors 'none'")), "{policies:?}");
    assert!(policies.iter().all(|policy| !policy.contains("unsafe-inline")), "{policies:?}");
    assert_eq!(answer.header("x-content-type-options"), ["nosniff"]);
    assert!(answer.header("strict-transport-security").is_empty());
}

#[test]
fn bodies_and_addresses_beyond_their_limits_are_refused() {
    let serving = echo();
    let body = vec![b'x'; (8 << 20) + 1];
    let head = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    let answer = serving.send("echo", &head, &body);
    assert_eq!(answer.status, 413, "{}", answer.text());
    let long = format!("/{}", "a".repeat(8 << 10));
    assert_eq!(serving.get("echo", &long).status, 414);
    let headers = format!("GET / HTTP/1.1\r\nX-Long: {}\r\n", "a".repeat(60 << 10));
    assert_eq!(serving.send("echo", &headers, b"").status, 431);
}

#[test]
fn a_body_reaches_the_guest_byte_for_byte() {
    let serving = echo();
    let body: Vec<u8> = (0..100_000u32).map(|number| (number % 251) as u8).collect();
    let head = format!("POST /raw HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    assert_eq!(serving.send("echo", &head, &body).body, body);
}

#[test]
fn reserved_paths_are_the_hosts() {
    let serving = echo();
    let visitor = serving.get("echo", "/.yizhan/visitor").json();
    assert_eq!(visitor["signedIn"], false, "{visitor}");
    assert_eq!(serving.get("echo", "/.yizhan/bridge.js").status, 200);
    assert_eq!(serving.get("echo", "/.yizhan/login").status, 404, "an open app has no sign-in");
    assert_eq!(serving.get("echo", "/.yizhan/other").status, 404);
    let beacon = format!(
        "POST /.yizhan/beacon HTTP/1.1\r\nContent-Length: 2\r\nOrigin: http://echo.localhost:{}\r\n",
        serving.port()
    );
    assert_eq!(serving.send("echo", &beacon, b"{}").status, 204);
    let foreign = "POST /.yizhan/beacon HTTP/1.1\r\nContent-Length: 2\r\nOrigin: http://evil.localhost\r\n";
    assert_eq!(serving.send("echo", foreign, b"{}").status, 403);
}

#[test]
fn preferences_of_the_visitor_reach_the_guest_only_as_preferences() {
    let serving = echo();
    let own = format!("http://echo.localhost:{}", serving.port());
    let body = "locale=en&elder=1&return=/next";
    let head = format!(
        "POST /.yizhan/prefs HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: {own}\r\nContent-Length: {}\r\n",
        body.len()
    );
    let answer = serving.send("echo", &head, body.as_bytes());
    assert_eq!((answer.status, answer.header("location")), (303, vec!["/next"]));
    let cookie = answer.header("set-cookie")[0].split(';').next().expect("a pair").to_owned();
    let asked = format!("GET /.yizhan/visitor HTTP/1.1\r\nCookie: {cookie}\r\n");
    let visitor = serving.send("echo", &asked, b"").json();
    assert_eq!((visitor["locale"].as_str(), visitor["elderMode"].as_bool()), (Some("en"), Some(true)));
}

#[test]
fn a_service_worker_that_nobody_reviewed_takes_itself_off() {
    let serving = echo();
    for path in ["/worker.js", "/icon.svg", "/.yizhan/login"] {
        let head = format!("GET {path} HTTP/1.1\r\nService-Worker: script\r\nSec-Fetch-Dest: serviceworker\r\n");
        let answer = serving.send("echo", &head, b"");
        assert_eq!((answer.status, answer.header("cache-control")), (200, vec!["no-store"]), "{path}");
        assert!(answer.header("content-type")[0].starts_with("text/javascript"), "{path}");
        assert!(answer.text().contains("self.registration.unregister()"), "{path}: {}", answer.text());
        assert!(answer.header("service-worker-allowed").is_empty());
    }
    assert_eq!(serving.get("echo", "/worker.js").json()["path"], "/worker.js", "as a page it is the app's own");
}
