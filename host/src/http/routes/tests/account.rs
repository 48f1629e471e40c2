//! Sign-in: what it takes, what it says, and what it never says.

use super::{Browser, TestHub};
use yizhan_auth::sign_in;
use yizhan_domain::PersonId;
use yizhan_store::records::StoreMode;

pub(super) async fn with_password(hub: &TestHub, login: &str, password: &str) -> PersonId {
    use yizhan_auth::people::{NewPerson, PersonData};
    use yizhan_domain::person::{Assurance, PersonKind};
    let mut data = PersonData::default();
    data.login = Some(login.to_owned());
    data.name = "某某".to_owned();
    let new = NewPerson { kind: PersonKind::NaturalPerson, assurance: Assurance::Basic, data };
    let mut rng = crate::hub_side::rng();
    let people = hub.hub.sign_in.people();
    let person = people.register(&hub.context(), "command", new, &mut rng).await.expect("registered");
    let whose = yizhan_auth::people::Whom { person: &person, by: "command" };
    sign_in::set_password(&hub.context(), &hub.hub.sign_in, whose, password, &mut rng).await.expect("set");
    person
}

async fn send(hub: &TestHub, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> super::Answer {
    let page = browser.get(hub, "/sign-in?to=/me").await;
    let (csrf, to) = (page.field("csrf"), page.field("to"));
    browser.post(hub, path, &[&[("csrf", csrf.as_str()), ("to", to.as_str())], fields].concat()).await
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_told_alike() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    with_password(&hub, "auntie", "correct horse battery").await;
    let try_once = [("login", "auntie"), ("password", "wrong horse battery")];
    let wrong = send(&hub, &mut browser, "/sign-in", &try_once).await;
    let unknown = send(&hub, &mut browser, "/sign-in", &[("login", "nobody"), ("password", "wrong horse")]).await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert!(wrong.text.contains("账号或密码不正确"), "{}", wrong.text);
    assert!(!wrong.text.contains("auntie"), "what was typed does not come back");
    let without_tokens =
        |text: &str| text.lines().filter(|line| !line.contains("csrf")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(without_tokens(&wrong.text), without_tokens(&unknown.text));
    let right = [("login", "auntie"), ("password", "correct horse battery")];
    let signed_in = send(&hub, &mut browser, "/sign-in", &right).await;
    assert_eq!(signed_in.location(), "/me");
    assert!(browser.cookies.contains_key("yz-dev-device") && browser.cookies.contains_key("yz-dev-session"));
}

#[tokio::test]
async fn after_many_failures_the_page_says_how_long_to_wait() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    for _ in 0..4 {
        send(&hub, &mut browser, "/sign-in", &[("login", "nobody"), ("password", "wrong horse")]).await;
    }
    let slowed = send(&hub, &mut browser, "/sign-in", &[("login", "nobody"), ("password", "wrong horse")]).await;
    assert_eq!(slowed.status, 429, "{}", slowed.text);
    assert!(slowed.text.contains("秒后再试") && !slowed.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_code_signs_in_within_its_own_browser_and_says_nothing_about_numbers() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let unknown = send(&hub, &mut browser, "/sign-in/code", &[("number", "01099999999")]).await;
    let known = send(&hub, &mut browser, "/sign-in/code", &[("number", "01988776651")]).await;
    assert_eq!(unknown.location(), known.location());
    tokio::task::yield_now().await;
    let code = hub.codes.newest().first().expect("a code").code.clone();
    let mut other = Browser::default();
    let stolen = send(&hub, &mut other, "/sign-in/code/check", &[("code", &code)]).await;
    assert_eq!(stolen.status, 422, "another browser's transaction");
    let page = browser.get(&hub, "/sign-in?way=enter&to=/me").await;
    assert!(page.text.contains(&code), "development shows what it did not send");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(send(&hub, &mut browser, "/sign-in/code/check", &[("code", wrong)]).await.status, 422);
    assert_eq!(send(&hub, &mut browser, "/sign-in/code/check", &[("code", &code)]).await.location(), "/me");
}

#[tokio::test]
async fn a_form_without_this_browsers_token_is_refused() {
    let (hub, mut browser, mut other) = (TestHub::new().await, Browser::default(), Browser::default());
    let page = browser.get(&hub, "/sign-in?to=/me").await;
    other.get(&hub, "/sign-in?to=/me").await;
    let csrf = page.field("csrf");
    for (browser, csrf) in [(&mut other, csrf.as_str()), (&mut browser, "")] {
        let answer = browser.post(&hub, "/sign-in/persona", &[("csrf", csrf), ("persona", "zhang")]).await;
        assert_eq!(answer.status, 403);
    }
}

#[tokio::test]
async fn a_production_hub_has_no_test_persons_and_no_banner() {
    let (hub, mut browser) = (TestHub::of(StoreMode::Production).await, Browser::default());
    let page = browser.get(&hub, "/sign-in?to=/me").await;
    assert!(!page.text.contains("开发模式") && !page.text.contains("persona"), "{}", page.text);
    let answer = send(&hub, &mut browser, "/sign-in/persona", &[("persona", "zhang")]).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_administrator_once() {
    let hub = TestHub::of(StoreMode::Production).await;
    let people = hub.hub.sign_in.people();
    let link = yizhan_auth::units::create_setup_link(&hub.context(), people, &mut crate::hub_side::rng()).await;
    let key = link.expect("link").to_string();
    let mut browser = Browser::default();
    let page = browser.get(&hub, &format!("/set-up?key={key}")).await;
    let (csrf, password) = (page.field("csrf"), "correct horse battery");
    let mut fields = vec![
        ("csrf", csrf.as_str()),
        ("key", &key),
        ("unit", "示例市数据局"),
        ("uscc", "11330100MB1A00002W"),
        ("login", "admin"),
        ("name", "管理员"),
        ("password", password),
        ("repeated", "another password"),
    ];
    assert_eq!(browser.post(&hub, "/set-up", &fields).await.status, 422, "the passwords differ");
    fields[7].1 = password;
    let done = browser.post(&hub, "/set-up", &fields).await;
    assert_eq!(done.location(), "/sign-in?to=/me/second-factor", "{}", done.text);
    assert_eq!(browser.post(&hub, "/set-up", &fields).await.status, 410, "once");
    let signed_in = send(&hub, &mut browser, "/sign-in", &[("login", "admin"), ("password", password)]).await;
    assert_eq!(signed_in.location(), "/me/second-factor", "an operator enrols before anything else");
    let enrol = browser.get(&hub, "/me/second-factor").await;
    assert!(enrol.text.contains("<svg class=\"qr\""), "{}", enrol.text);
}

#[tokio::test]
async fn a_form_of_one_node_counts_at_another_and_after_a_restart() {
    let (one, other, mut browser) = (TestHub::new().await, TestHub::new().await, Browser::default());
    let csrf = browser.get(&one, "/sign-in?to=/me").await.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("persona", "zhang"), ("to", "/me")];
    assert_eq!(browser.post(&other, "/sign-in/persona", &fields).await.location(), "/me");
}
