//! Local sign-in: a form bound to its own browser, a grant of what was asked and agreed to, and nothing more.

use crate::serving::{Answer, App, Serving};

fn serving() -> Serving {
    Serving::demo(&[App::identity("identity", &["name", "mobile"])])
}

fn post(serving: &Serving, path: &str, cookies: &str, body: &str) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nOrigin: http://identity.localhost:{}\r\nCookie: {cookies}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        serving.port(),
        body.len()
    );
    serving.send("identity", &head, body.as_bytes())
}

/// The form's own cookie and token.
fn opened(serving: &Serving, query: &str) -> (Answer, String, String) {
    let page = serving.get("identity", &format!("/.yizhan/login?{query}"));
    let cookie = page.header("set-cookie")[0].split(';').next().expect("a pair").to_owned();
    let text = page.text();
    let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    (page, cookie, token.to_owned())
}

fn open(serving: &Serving, session: &str, claims: &str) -> Answer {
    let head = format!("GET /open?purpose=test&claims={claims} HTTP/1.1\r\nCookie: {session}\r\n");
    serving.send("identity", &head, b"")
}

#[test]
fn what_was_asked_and_ticked_is_granted_and_nothing_more() {
    let serving = serving();
    let (page, cookie, token) = opened(&serving, "purpose=test&claims=name&return=/current");
    assert!(page.text().contains("value=\"name\"") && !page.text().contains("value=\"mobile\""), "{}", page.text());
    let body = format!(
        "csrf={token}&persona=zhang&purpose=test&claims=name&return=/current&grant=name&grant=mobile&decision=agree"
    );
    let answer = post(&serving, "/.yizhan/login", &cookie, &body);
    assert_eq!((answer.status, answer.header("location")), (303, vec!["/current"]), "{}", answer.text());
    let session = answer.header("set-cookie")[0].split(';').next().expect("a pair").to_owned();
    assert_eq!(open(&serving, &session, "name").json()["name"], "张示例");
    assert_eq!(open(&serving, &session, "mobile").json()["error"], "denied:identity:mobile");
    let left = post(&serving, "/.yizhan/logout", &session, "");
    assert_eq!(left.status, 200, "{}", left.text());
    assert_eq!(left.header("clear-site-data"), ["\"cache\", \"storage\""]);
    assert_eq!(open(&serving, &session, "name").json()["error"], "not-found", "signed out at once");
}

#[test]
fn a_form_of_another_browser_is_refused() {
    let serving = serving();
    let (_, _, token) = opened(&serving, "purpose=test");
    let (_, other, _) = opened(&serving, "purpose=test");
    let body = format!("csrf={token}&persona=zhang&decision=agree");
    for cookie in [other.as_str(), "", "yz-dev-signin=guessed"] {
        assert_eq!(post(&serving, "/.yizhan/login", cookie, &body).status, 403, "{cookie}");
    }
}

#[test]
fn a_refusal_signs_in_without_a_grant() {
    let serving = serving();
    let (_, cookie, token) = opened(&serving, "purpose=test");
    let body = format!("csrf={token}&persona=zhang&grant=name&decision=refuse");
    let answer = post(&serving, "/.yizhan/login", &cookie, &body);
    let session = answer.header("set-cookie")[0].split(';').next().expect("a pair").to_owned();
    assert_eq!(open(&serving, &session, "name").json()["error"], "not-found", "nothing to open");
}
