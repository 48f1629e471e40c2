//! Sign-in on an app's origin by way of the hub's pages: a grant of what was asked and agreed to, and nothing more.

use crate::serving::{Answer, App, Serving};
use crate::visitor::{Choice, Visitor};

const AGREE: Choice<'_> = Choice { persona: "zhang", ticks: &["test/name", "test/mobile"], decision: "agree" };

fn serving() -> Serving {
    Serving::demo(&[App::identity("identity", &["name", "mobile"])])
}

fn origin(serving: &Serving) -> String {
    format!("http://identity.localhost:{}", serving.port())
}

fn login(serving: &Serving, query: &str) -> String {
    format!("{}/.yizhan/login?{query}", origin(serving))
}

fn open(visitor: &mut Visitor, serving: &Serving, claims: &str) -> Answer {
    visitor.get(&format!("{}/open?purpose=test&claims={claims}", origin(serving)))
}

/// The person takes the newest consent back, on the hub's pages.
fn withdraw(visitor: &mut Visitor, hub: &str) {
    let listed = visitor.get(&format!("{hub}/me/consents")).text();
    let mut paths = listed.split("href=\"").filter_map(|rest| rest.split('"').next());
    let path = paths.find(|path| path.starts_with("/me/consents/")).expect("a consent").to_owned();
    let withdraw = format!("{hub}{path}/withdraw");
    let asked = visitor.get(&withdraw).text();
    let csrf = asked.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let gone = visitor.post(&withdraw, &[("csrf", csrf)]);
    assert!(gone.status == 303 || gone.status == 200, "{}", gone.text());
}

#[test]
fn what_was_asked_and_ticked_is_granted_and_nothing_more() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let choice = Choice { ticks: &["test/name"], ..AGREE };
    let (page, at) = visitor.sign_in(&login(&serving, "purpose=test&claims=name&return=/current"), choice);
    assert_eq!((page.status, at), (200, format!("{}/current", origin(&serving))), "{}", page.text());
    assert_eq!(page.json()["signed-in"], true);
    assert_eq!(open(&mut visitor, &serving, "name").json()["name"], "张示例");
    assert_eq!(open(&mut visitor, &serving, "mobile").json()["error"], "denied:identity:mobile");
    let more = login(&serving, "purpose=test&claims=mobile&return=/current");
    visitor.sign_in(&more, Choice { ticks: &["test/mobile"], ..AGREE });
    assert_eq!(open(&mut visitor, &serving, "mobile,name").json()["name"], "张示例", "what was granted before is kept");
    let left = visitor.post(&format!("{}/.yizhan/logout", origin(&serving)), &[]);
    assert_eq!(left.status, 200, "{}", left.text());
    assert_eq!(left.header("clear-site-data"), ["\"cache\", \"storage\""]);
    assert_eq!(open(&mut visitor, &serving, "name").json()["error"], "not-found", "signed out at once");
}

#[test]
fn an_item_that_was_not_ticked_is_not_granted() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let choice = Choice { ticks: &["test/mobile"], ..AGREE };
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), choice);
    assert_eq!(open(&mut visitor, &serving, "name").json()["error"], "denied:identity:name");
    assert_eq!(open(&mut visitor, &serving, "mobile").status, 200);
}

#[test]
fn the_session_is_the_browsers_own_and_a_new_one_after_each_sign_in() {
    let serving = serving();
    let mut visitor = Visitor::default();
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), AGREE);
    let first = visitor.cookie(&origin(&serving), "yz-dev-session").expect("a session").to_owned();
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), AGREE);
    let second = visitor.cookie(&origin(&serving), "yz-dev-session").expect("a session");
    assert_ne!(first, second);
    let head = format!("GET /current HTTP/1.1\r\nCookie: yz-dev-session={first}\r\n");
    assert_eq!(serving.send("identity", &head, b"").json()["signed-in"], false, "the one before has ended");
    assert_eq!(Visitor::default().get(&format!("{}/current", origin(&serving))).json()["signed-in"], false);
}

#[test]
fn going_back_to_a_finished_sign_in_shows_a_page_and_never_redirects() {
    let serving = serving();
    let mut visitor = Visitor::default();
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), AGREE);
    let callback = visitor.history.iter().find(|url| url.contains("/.yizhan/callback")).expect("a callback").clone();
    let again = visitor.get(&callback);
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(again.text().contains("这次登录已经完成"), "{}", again.text());
    assert_eq!(again.header("cache-control"), ["no-store"]);
    assert_eq!(open(&mut visitor, &serving, "name").status, 200, "still signed in");
    let other = Visitor::default().get(&callback);
    assert!(
        other.text().contains("这次登录已经完成")
            && other.header("set-cookie").iter().all(|line| !line.contains("session="))
    );
}

#[test]
fn an_answer_of_another_issuer_signs_nobody_in() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let begun = visitor.get(&login(&serving, "purpose=test"));
    let cookie = begun.header("set-cookie")[0].to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let location = begun.header("location")[0].to_owned();
    let state = location.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let forged = format!("{}/.yizhan/callback?code=x&state={state}&iss=https%3A%2F%2Fevil.example", origin(&serving));
    assert_eq!(visitor.get(&forged).status, 400);
    assert!(visitor.cookie(&origin(&serving), "yz-dev-session").is_none());
}

#[test]
fn a_refusal_comes_back_to_the_app_signed_out() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let refuse = Choice { decision: "refuse", ..AGREE };
    let (page, at) = visitor.sign_in(&login(&serving, "purpose=test&return=/current"), refuse);
    assert_eq!((page.status, at), (200, format!("{}/current", origin(&serving))), "{}", page.text());
    assert_eq!(page.json()["signed-in"], false);
}

#[test]
fn a_withdrawn_grant_is_gone_at_the_next_request() {
    let serving = serving();
    let mut visitor = Visitor::default();
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), AGREE);
    withdraw(&mut visitor, &format!("http://localhost:{}", serving.port()));
    assert_eq!(open(&mut visitor, &serving, "name").json()["error"], "not-found");
}

#[test]
fn a_return_path_that_leads_elsewhere_becomes_the_home_page() {
    let serving = serving();
    let mut visitor = Visitor::default();
    let (_, at) = visitor.sign_in(&login(&serving, "purpose=test&return=//evil.example/x"), AGREE);
    assert_eq!(at, format!("{}/", origin(&serving)));
}

#[test]
fn a_running_request_is_cut_when_its_grant_is_withdrawn() {
    let serving = Serving::demo(&[
        App::identity("never-answers", &["name"]).with("gov_limits", serde_json::json!({ "request_ms": 60_000 }))
    ]);
    let app = format!("http://never-answers.localhost:{}", serving.port());
    let mut visitor = Visitor::default();
    let choice = Choice { ticks: &["test/name"], ..AGREE };
    visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&return=/icon.svg"), choice);
    let cookie = visitor.cookie(&app, "yz-dev-session").expect("a session").to_owned();
    let begun = std::time::Instant::now();
    let head = format!("GET / HTTP/1.1\r\nCookie: yz-dev-session={cookie}\r\n");
    std::thread::scope(|scope| {
        let running = scope.spawn(|| serving.send("never-answers", &head, b""));
        let hub = format!("http://localhost:{}", serving.port());
        while !visitor.get(&format!("{hub}/metrics")).text().contains("\nyizhan_guests 1\n") {
            assert!(begun.elapsed() < std::time::Duration::from_secs(30), "the guest never ran");
        }
        withdraw(&mut visitor, &hub);
        assert_eq!(running.join().expect("an answer").status, 403);
    });
    assert!(begun.elapsed() < std::time::Duration::from_secs(30), "long before its own limit");
}

#[test]
fn a_link_or_another_site_signs_nobody_out() {
    let serving = serving();
    let mut visitor = Visitor::default();
    visitor.sign_in(&login(&serving, "purpose=test&return=/current"), AGREE);
    let cookie = visitor.cookie(&origin(&serving), "yz-dev-session").expect("a session").to_owned();
    let link = visitor.get(&format!("{}/.yizhan/logout", origin(&serving)));
    assert!(link.status >= 400 && link.header("set-cookie").is_empty(), "{}", link.text());
    let head = format!(
        "POST /.yizhan/logout HTTP/1.1\r\nCookie: yz-dev-session={cookie}\r\nSec-Fetch-Site: same-site\r\nContent-Length: 0\r\n"
    );
    assert_eq!(serving.send("identity", &head, b"").status, 403);
    assert_eq!(open(&mut visitor, &serving, "name").status, 200, "still signed in");
}
