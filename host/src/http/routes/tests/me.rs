//! The account pages: what a person sees of themselves, takes back, exports, ends.

use super::{APP, Answer, Browser, TestHub};
use yizhan_domain::{AppId, ClientId, PersonId, RequestId, Timestamp};
use yizhan_store::records::{AccessOutcome, AccessRecord, Recipient, Trail};

/// A browser whose person agreed to what the developer's client asks.
async fn agreed(hub: &TestHub, persona: &str) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(hub, persona).await;
    assert_eq!(browser.get(hub, &hub.authorize(&[])).await.location(), "/consent");
    let page = browser.get(hub, "/consent").await;
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let fields = [("csrf", csrf.as_str()), ("handle", &handle), ("decision", "agree")];
    assert_eq!(browser.post(hub, "/consent", &fields).await.status, 303);
    browser
}

/// Address of the first consent in the list.
async fn first_consent(hub: &TestHub, browser: &mut Browser) -> String {
    let list = browser.get(hub, "/me/consents").await;
    let link = list.text.split("href=\"/me/consents/").nth(1).and_then(|rest| rest.split('"').next());
    format!("/me/consents/{}", link.unwrap_or_else(|| panic!("no consent in {}", list.text)))
}

async fn press(hub: &TestHub, browser: &mut Browser, page: &Answer, path: &str) -> Answer {
    let csrf = page.field("csrf");
    browser.post(hub, path, &[("csrf", &csrf)]).await
}

async fn log(hub: &TestHub, persona: &str, rows: u64) {
    for index in 0..rows {
        let record = AccessRecord {
            at: Timestamp(hub.context().now.0 + index),
            request: RequestId(u128::from(index)).to_string(),
            person: PersonId(persona.into()),
            unit: "=示例单位".into(),
            app: AppId::new(APP).expect("app"),
            app_name: "社保查询".into(),
            version: None,
            client: ClientId(format!("{APP}:backend")),
            grant: None,
            recipient: Recipient::Backend,
            purpose: "query-insurance".into(),
            claims: vec!["name".into()],
            outcome: AccessOutcome::Delivered,
            hidden_until: None,
        };
        let trail = Trail { audit: Vec::new(), access: vec![record] };
        hub.hub.provider.store.append(trail).await.expect("appended");
    }
}

#[tokio::test]
async fn account_pages_send_strangers_to_sign_in_and_back() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    for path in [
        "/me",
        "/me/consents",
        "/me/access-log",
        "/me/access-log/export",
        "/me/access-log/complain?row=1-2",
        "/me/sessions",
        "/me/password",
        "/me/second-factor",
        "/me/erase",
        "/me/consents/0/withdraw",
        "/me/consents/0/receipt",
    ] {
        let to = form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        assert_eq!(browser.get(&hub, path).await.location(), format!("/sign-in?to={to}"), "{path}");
    }
    for path in ["/api/me", "/api/me/consents", "/api/me/consents/0", "/api/me/access-log", "/api/me/sessions"] {
        let answer = browser.get(&hub, path).await;
        assert_eq!(answer.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_consent_is_listed_and_taken_back_at_once() {
    let hub = TestHub::new().await;
    let mut browser = agreed(&hub, "zhang").await;
    let address = first_consent(&hub, &mut browser).await;
    let detail = browser.get(&hub, &address).await;
    assert!(detail.text.contains("有效") && detail.text.contains("该单位自己的系统"), "{}", detail.text);
    assert!(detail.text.contains("手机号码（部分隐藏）"), "what was refused is told");
    let receipt = browser.get(&hub, &format!("{address}/receipt")).await;
    assert_eq!(receipt.header("content-type"), "application/jwt");
    assert_eq!(receipt.text.split('.').count(), 3);
    let ask = browser.get(&hub, &format!("{address}/withdraw")).await;
    let done = press(&hub, &mut browser, &ask, &format!("{address}/withdraw")).await;
    assert_eq!(done.location(), address);
    assert!(browser.get(&hub, &address).await.text.contains("已撤回"));
    let again = browser.get(&hub, &hub.authorize(&[])).await;
    assert_eq!(again.location(), "/consent", "it is asked anew");
}

#[tokio::test]
async fn nobody_sees_or_takes_back_the_consent_of_another_person() {
    let hub = TestHub::new().await;
    let mut browser = agreed(&hub, "zhang").await;
    let address = first_consent(&hub, &mut browser).await;
    let mut other = Browser::default();
    other.sign_in(&hub, "wang").await;
    assert_eq!(other.get(&hub, &address).await.status, 404);
    let own = other.get(&hub, "/me").await;
    assert_eq!(press(&hub, &mut other, &own, &format!("{address}/withdraw")).await.status, 404);
    assert!(browser.get(&hub, &address).await.text.contains("有效"));
}

#[tokio::test]
async fn a_form_of_the_account_needs_the_sessions_token() {
    let hub = TestHub::new().await;
    let mut browser = agreed(&hub, "zhang").await;
    let address = first_consent(&hub, &mut browser).await;
    for path in [&format!("{address}/withdraw"), "/me/sign-out", "/me/password", "/me/erase", "/me/second-factor"] {
        assert_eq!(browser.post(&hub, path, &[("csrf", "guessed")]).await.status, 403, "{path}");
    }
    let id = address.rsplit('/').next().expect("id");
    let headers = [("sec-fetch-site", "same-origin"), ("x-yizhan-csrf", "guessed")];
    let path = format!("/api/me/consents/{id}/withdraw");
    assert_eq!(browser.ask(&hub, (http::Method::POST, &path), &headers, "").await.status, 403);
    assert!(browser.get(&hub, &address).await.text.contains("有效"));
}

#[tokio::test]
async fn the_access_log_has_pages_an_export_and_a_complaint_for_each_row() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    browser.sign_in(&hub, "zhang").await;
    log(&hub, "zhang", 25).await;
    log(&hub, "wang", 1).await;
    let first = browser.get(&hub, "/me/access-log").await;
    assert_eq!(first.text.matches("class=\"card row\"").count(), 20);
    assert!(first.text.contains("在这里看不到"), "a back end's use cannot be seen");
    let older = first.text.split("href=\"/me/access-log?cursor=").nth(1).and_then(|rest| rest.split('"').next());
    let second = browser.get(&hub, &format!("/me/access-log?cursor={}", older.expect("a cursor"))).await;
    assert_eq!(second.text.matches("class=\"card row\"").count(), 5);
    let complain = second.text.split("href=\"/me/access-log/complain?").nth(1).and_then(|rest| rest.split('"').next());
    let complain = complain.expect("a link").replace("&#38;", "&").replace("&amp;", "&");
    let page = browser.get(&hub, &format!("/me/access-log/complain?{complain}")).await;
    assert!(
        page.status == 200 && page.text.contains("示例单位") && page.text.contains("query-insurance"),
        "{}",
        page.text
    );
    let csv = browser.get(&hub, "/me/access-log/export?format=csv").await;
    assert_eq!(csv.text.lines().count(), 26);
    assert!(csv.text.contains("\"'=示例单位\""), "no cell is a formula");
    let json = browser.get(&hub, "/me/access-log/export?format=json").await.json();
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(25));
    assert_eq!(browser.get(&hub, "/me/access-log?cursor=%00").await.status, 400, "a cursor of our own making");
}

#[tokio::test]
async fn sessions_end_one_by_one_and_back_ends_are_told() {
    let hub = TestHub::new().await;
    let mut browser = agreed(&hub, "zhang").await;
    let mut other = Browser::default();
    other.sign_in(&hub, "zhang").await;
    let page = other.get(&hub, "/me/sessions").await;
    assert_eq!(page.text.matches("/end\"").count(), 2);
    let ids: Vec<&str> =
        page.text.split("/me/sessions/").skip(1).filter_map(|rest| rest.split("/end").next()).collect();
    let ended = press(&hub, &mut other, &page, &format!("/me/sessions/{}/end", ids[1])).await;
    assert_eq!(ended.location(), "/me/sessions");
    assert_eq!(browser.get(&hub, "/me").await.location(), "/sign-in?to=%2Fme", "signed out at once");
    let told = hub.told.lock().expect("notices");
    assert_eq!(told.iter().map(|notice| notice.client.as_str()).collect::<Vec<_>>(), [format!("{APP}:developer")]);
}

#[tokio::test]
async fn signing_out_takes_the_cookies_and_the_session() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    browser.sign_in(&hub, "zhang").await;
    let kept = browser.cookies.clone();
    let page = browser.get(&hub, "/me").await;
    let out = press(&hub, &mut browser, &page, "/me/sign-out").await;
    assert_eq!((out.location(), out.header("clear-site-data")), ("/signed-out", "\"cache\", \"storage\""));
    assert!(!browser.cookies.contains_key("yz-dev-session"));
    let mut thief = Browser { cookies: kept };
    assert_eq!(thief.get(&hub, "/me").await.status, 303, "the old cookie opens nothing");
}

#[tokio::test]
async fn an_account_is_erased_only_when_the_person_is_sure_and_signed_in_lately() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    browser.sign_in(&hub, "zhang").await;
    hub.clock.advance_ms(16 * 60_000);
    assert_eq!(browser.get(&hub, "/me/erase").await.location(), "/sign-in?to=/me/erase");
    browser.sign_in(&hub, "zhang").await;
    let page = browser.get(&hub, "/me/erase").await;
    assert_eq!(press(&hub, &mut browser, &page, "/me/erase").await.status, 422, "the box is not ticked");
    let csrf = page.field("csrf");
    let erased = browser.post(&hub, "/me/erase", &[("csrf", &csrf), ("sure", "yes")]).await;
    assert_eq!(erased.location(), "/account-erased");
    let found = hub.hub.provider.people.find_record(&PersonId("zhang".into())).await.expect("store");
    assert!(found.is_none());
}

#[tokio::test]
async fn scripts_see_the_same_as_the_pages() {
    let hub = TestHub::new().await;
    let mut browser = agreed(&hub, "zhang").await;
    let me = browser.get(&hub, "/api/me").await.json();
    let consents = browser.get(&hub, "/api/me/consents").await.json();
    let consent = &consents["entries"][0];
    assert_eq!((&consent["standing"], &consent["recipient"]), (&"live".into(), &"backend".into()));
    assert_eq!(consent["uses"][0]["claim"], "name");
    let path = format!("/api/me/consents/{}/withdraw", consent["id"].as_str().expect("id"));
    let csrf = me["csrf"].as_str().expect("token").to_owned();
    let headers = [("sec-fetch-site", "same-origin"), ("x-yizhan-csrf", csrf.as_str())];
    let withdrawn = browser.ask(&hub, (http::Method::POST, &path), &headers, "").await;
    assert_eq!((withdrawn.status, &withdrawn.json()["standing"]), (200, &"withdrawn".into()));
    let own = me["session"].as_str().expect("session").to_owned();
    let answer = browser.ask(&hub, (http::Method::DELETE, &format!("/api/me/sessions/{own}")), &headers, "").await;
    assert_eq!(answer.status, 400, "this browser signs out by its own form");
}
