//! The development page: every refusal by its code, the clock, the test person; for this machine's development stores alone.

use crate::serving::{Answer, App, Serving};
use crate::visitor::Visitor;
use serde_json::Value;

fn serving() -> Serving {
    Serving::demo(&[App::identity("identity", &["name"])])
}

fn origin(serving: &Serving) -> String {
    format!("http://identity.localhost:{}", serving.port())
}

/// A request of an automated test: JSON in answer, from the page's own origin or another.
fn ask(serving: &Serving, method: &str, path: &str, (from, body): (&str, &str)) -> Answer {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: identity.localhost:{}\r\nAccept: application/json\r\nOrigin: {from}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        serving.port(),
        body.len()
    );
    serving.raw(&head, body.as_bytes())
}

fn state(serving: &Serving) -> Value {
    ask(serving, "GET", "/.yizhan/dev", (&origin(serving), "")).json()
}

#[test]
fn every_refusal_is_reproduced_by_its_code() {
    let serving = serving();
    let listed = state(&serving)["refusals"].as_array().expect("a table").clone();
    assert!(listed.len() > 60, "{}", listed.len());
    for row in listed {
        let (name, code) = (row["refusal"].as_str().expect("a name"), row["code"].as_str().expect("a code"));
        let body = format!("refusal={name}");
        let played = ask(&serving, "POST", "/.yizhan/dev/rehearse", (&origin(&serving), &body)).json();
        assert_eq!((&played["refusal"], &played["code"]), (&row["refusal"], &row["code"]), "{played}");
        assert_ne!(played["met_at"], "broken", "{code}");
        assert!(played["answer"].as_array().is_some_and(|lines| !lines.is_empty()), "{played}");
    }
}

#[test]
fn the_clock_goes_ahead_and_ends_what_ends_by_it() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let login = format!("{}/.yizhan/login?purpose=test&claims=name&return=/current", origin(&serving));
    let choice = crate::visitor::Choice { persona: "zhang", ticks: &["test/name"], decision: "agree" };
    let (page, _) = visitor.sign_in(&login, choice);
    assert_eq!(page.json()["signed-in"], true);
    let moved = visitor.post(&format!("{}/.yizhan/dev/clock", origin(&serving)), &[("amount", "9"), ("unit", "hours")]);
    assert_eq!(moved.status, 303, "{}", moved.text());
    assert_eq!(state(&serving)["shift_minutes"], 540);
    let page = visitor.get(&format!("{}/current", origin(&serving)));
    assert_eq!(page.json()["signed-in"], false, "a session of eight hours has ended");
    for wrong in ["amount=-1&unit=hours", "amount=1&unit=years", "amount=99999&unit=days", "unit=days"] {
        let refused = ask(&serving, "POST", "/.yizhan/dev/clock", (&origin(&serving), wrong));
        assert_eq!(refused.status, 400, "{wrong}");
    }
    assert_eq!(state(&serving)["shift_minutes"], 540);
}

#[test]
fn a_chosen_test_person_comes_to_the_app_by_the_hubs_questions() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let chosen = visitor.post(&format!("{}/.yizhan/dev/persona", origin(&serving)), &[("persona", "li")]);
    let ticket = chosen.header("location")[0].to_owned();
    assert!(ticket.starts_with(&format!("http://localhost:{}/.yizhan/dev/as?ticket=", serving.port())), "{ticket}");
    let back = visitor.get(&ticket);
    assert_eq!(back.header("location"), [format!("{}/.yizhan/login?return=%2F", origin(&serving))]);
    let begun = visitor.get(back.header("location")[0]);
    let asked = visitor.get(begun.header("location")[0]);
    assert!(asked.header("location")[0].ends_with("/consent"), "signed in, and asked: {:?}", asked.headers);
    assert_eq!(visitor.get(&ticket).status, 400, "a ticket counts once");
    let nobody = visitor.post(&format!("{}/.yizhan/dev/persona", origin(&serving)), &[("persona", "nobody")]);
    assert_eq!(nobody.status, 400);
}

#[test]
fn another_origin_moves_nothing() {
    let serving = serving();
    for (path, body) in
        [("clock", "amount=1&unit=days"), ("persona", "persona=li"), ("rehearse", "refusal=unavailable")]
    {
        let refused = ask(&serving, "POST", &format!("/.yizhan/dev/{path}"), ("http://evil.example", body));
        assert_eq!(refused.status, 403, "{path}");
    }
    assert_eq!(state(&serving)["shift_minutes"], 0);
}

#[test]
fn a_production_store_has_no_such_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "serve --data hub --addr 127.0.0.1:0 --origin https://hub.example.org --apps-domain apps.example.net \
                --trusted-proxy 127.0.0.1";
    let serving = Serving::within(folder.path(), line);
    for path in ["/.yizhan/dev", "/.yizhan/dev/as?ticket=x", "/.yizhan/dev/clock"] {
        assert_eq!(serving.page("hub.example.org", path).status, 404, "{path}");
    }
}
