//! The hub's identity routes over a real socket: headers, bounds, and who may send what.

use crate::serving::{Answer, App, Serving};

fn serving() -> Serving {
    Serving::demo(&[App::open("hello")])
}

fn post(serving: &Serving, path: &str, headers: &str, body: &str) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost:{}\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n",
        serving.port(),
        body.len()
    );
    serving.raw(&head, body.as_bytes())
}

#[test]
fn the_issuer_is_the_hubs_own_origin_and_metadata_has_no_cors() {
    let serving = serving();
    let issuer = format!("http://localhost:{}", serving.port());
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = serving.page("localhost", path);
        assert_eq!(answer.json()["issuer"], issuer, "never taken from a request");
        assert_eq!(answer.header("access-control-allow-origin"), Vec::<&str>::new());
    }
    let keys = serving.page("localhost", "/oauth/jwks").json();
    assert!(keys["keys"].as_array().is_some_and(|keys| keys.iter().all(|key| key.get("d").is_none())), "{keys}");
}

#[test]
fn pages_of_sign_in_and_account_are_never_stored_framed_or_scripted_inline() {
    let serving = serving();
    let host = format!("localhost:{}", serving.port());
    for path in ["/sign-in?to=/me", "/me", "/consent", "/signed-out", "/set-up?key=a"] {
        let answer = serving.page(&host, path);
        assert_eq!(answer.header("cache-control"), ["no-store"], "{path}");
        assert_eq!(answer.header("referrer-policy"), ["no-referrer"], "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), ["same-origin"], "{path}");
        let policy = answer.header("content-security-policy");
        assert_eq!(policy.len(), 1, "{path}");
        for rule in ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
            assert!(policy[0].contains(rule), "{path}: {rule}");
        }
        assert!(!policy[0].contains("unsafe"), "{path}");
    }
}

#[test]
fn a_form_from_elsewhere_or_without_its_token_changes_nothing() {
    let serving = serving();
    let own = format!("Origin: http://localhost:{}\r\n", serving.port());
    for headers in [
        "Origin: http://hello.localhost:1\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        &own,
    ] {
        for path in ["/sign-in", "/sign-in/persona", "/consent", "/me/sign-out", "/set-up"] {
            let answer = post(&serving, path, headers, "csrf=guessed&persona=zhang&decision=agree");
            assert!(matches!(answer.status, 403 | 303), "{path} {headers}: {}", answer.status);
            assert!(answer.header("set-cookie").iter().all(|cookie| !cookie.starts_with("yz-dev-session=")), "{path}");
        }
    }
}

#[test]
fn the_back_channel_answers_in_oauths_words_and_is_never_stored() {
    let serving = serving();
    for path in ["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke"] {
        let answer = post(&serving, path, "", "grant_type=authorization_code");
        assert_eq!((answer.status, answer.header("cache-control")), (401, vec!["no-store"]), "{path}");
        assert_eq!(answer.json()["error"], "invalid_client", "{path}");
        let large = post(&serving, path, "", &format!("a={}", "x".repeat(70_000)));
        assert_eq!(large.json()["error"], "invalid_request", "{path}");
    }
    let bare = serving.page("localhost", "/oauth/userinfo");
    assert_eq!((bare.status, bare.header("www-authenticate").len()), (401, 2));
}
