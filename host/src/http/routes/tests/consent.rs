//! The journey of a person through sign-in and consent, and what stops it.

use super::{Answer, Browser, REDIRECT, TestHub};

/// Opens the authorization and signs in as a test person; the answer is the page of consent.
async fn consent_page(hub: &TestHub, browser: &mut Browser, persona: &str) -> Answer {
    let begun = browser.get(hub, &hub.authorize(&[])).await;
    assert_eq!(begun.location(), "/sign-in");
    assert!(!begun.header("location").contains("handle"), "the handle is in no address");
    let page = browser.get(hub, "/sign-in").await;
    assert!(page.text.contains("社保查询") && page.text.contains("开发模式"), "{}", page.text);
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let fields = [("csrf", csrf.as_str()), ("handle", &handle), ("persona", persona)];
    let signed_in = browser.post(hub, "/sign-in/persona", &fields).await;
    assert_eq!(signed_in.location(), "/consent");
    browser.get(hub, "/consent").await
}

async fn decide(hub: &TestHub, browser: &mut Browser, page: &Answer, fields: &[(&str, &str)]) -> Answer {
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let all = [&[("csrf", csrf.as_str()), ("handle", handle.as_str())], fields].concat();
    browser.post(hub, "/consent", &all).await
}

fn query(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?')?.1;
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_person_agrees_and_the_client_gets_a_code_with_state_and_issuer() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    for part in ["示例市人力资源和社会保障局", "示备 2026-0012", "核对参保人姓名", "撤回", "30 天", "不同意"]
    {
        assert!(page.text.contains(part), "lacks {part}");
    }
    assert!(page.text.contains("value=\"remind/mobile-masked\">"), "optional, and not ticked: {}", page.text);
    let csp = page.header("content-security-policy");
    assert!(csp.contains("form-action 'self' http://social-security.localhost:8080;"), "{csp}");
    let agreed = decide(&hub, &mut browser, &page, &[("decision", "agree")]).await;
    let address = agreed.location();
    assert!(address.starts_with(REDIRECT), "{address}");
    assert_eq!(query(address, "state").as_deref(), Some("s1"));
    assert_eq!(query(address, "iss").as_deref(), Some("http://localhost:8080"));
    assert!(query(address, "code").is_some() && query(address, "error").is_none());
}

#[tokio::test]
async fn refusing_goes_back_to_the_app_with_and_without_sign_in() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    let refused = decide(&hub, &mut browser, &page, &[("decision", "refuse")]).await;
    assert_eq!(query(refused.location(), "error").as_deref(), Some("access_denied"));
    let mut stranger = Browser::default();
    stranger.get(&hub, &hub.authorize(&[])).await;
    let page = stranger.get(&hub, "/sign-in").await;
    let refused = decide(&hub, &mut stranger, &page, &[("decision", "refuse")]).await;
    assert_eq!(query(refused.location(), "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_form_of_another_browser_or_request_is_refused() {
    let (hub, mut mine, mut other) = (TestHub::new().await, Browser::default(), Browser::default());
    let page = consent_page(&hub, &mut mine, "zhang").await;
    let others = consent_page(&hub, &mut other, "wang").await;
    assert_eq!(decide(&hub, &mut other, &page, &[("decision", "agree")]).await.status, 403, "another session");
    let (csrf, handle) = (page.field("csrf"), others.field("handle"));
    let mixed = [("csrf", csrf.as_str()), ("handle", &handle), ("decision", "agree")];
    assert_eq!(mine.post(&hub, "/consent", &mixed).await.status, 403, "another request");
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let body = super::bed::encoded(&[("csrf", &csrf), ("handle", &handle), ("decision", "agree")]);
    assert_eq!(mine.ask(&hub, (http::Method::POST, "/consent"), &cross, &body).await.status, 403, "another site");
    assert_eq!(decide(&hub, &mut mine, &page, &[("decision", "agree")]).await.status, 303, "the right one counts");
}

#[tokio::test]
async fn a_field_that_comes_twice_is_refused() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    let twice = [("decision", "refuse"), ("decision", "agree")];
    assert_eq!(decide(&hub, &mut browser, &page, &twice).await.status, 400);
}

#[tokio::test]
async fn a_finished_request_says_so_and_never_redirects() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    decide(&hub, &mut browser, &page, &[("decision", "agree")]).await;
    for path in ["/consent", "/sign-in"] {
        let back = browser.get(&hub, path).await;
        assert_eq!(back.status, 200, "{path}");
        assert!(
            back.text.contains("已经结束") && back.text.contains("href=\"http://social-security.localhost:8080/\"")
        );
    }
}

#[tokio::test]
async fn an_expired_request_keeps_what_was_ticked_for_the_next_try() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    hub.clock.advance_ms(16 * 60_000);
    let late = decide(&hub, &mut browser, &page, &[("decision", "agree"), ("grant", "remind/mobile-masked")]).await;
    assert!(late.status == 200 && late.text.contains("重新开始"), "{}", late.text);
    let begun = browser.get(&hub, &hub.authorize(&[])).await;
    assert_eq!(begun.location(), "/consent", "the session is still there");
    let again = browser.get(&hub, "/consent").await;
    assert!(again.text.contains("value=\"remind/mobile-masked\" checked"), "{}", again.text);
}

#[tokio::test]
async fn a_script_is_told_where_to_go_so_that_the_history_does_not_grow() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let page = consent_page(&hub, &mut browser, "zhang").await;
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let body = super::bed::encoded(&[("csrf", &csrf), ("handle", &handle), ("decision", "agree")]);
    let headers =
        [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("accept", "application/json, text/html")];
    let answer = browser.ask(&hub, (http::Method::POST, "/consent"), &headers, &body).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert!(answer.json()["location"].as_str().expect("address").starts_with(REDIRECT));
}

#[tokio::test]
async fn an_agent_chooses_for_whom_before_consent() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let agent = hub.hub.personas.iter().find(|person| person.uscc.is_some()).expect("an agent").clone();
    let page = consent_page(&hub, &mut browser, agent.id.as_str()).await;
    // Who acts for one legal person alone has no choice; the page names it.
    let organisation = agent.org_name.as_deref().expect("organisation");
    assert!(page.text.contains(organisation), "{}", page.text);
}

#[tokio::test]
async fn a_request_that_cannot_be_trusted_gets_a_page_and_never_a_redirect() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    let foreign = browser.get(&hub, &hub.authorize(&[("redirect_uri", "https://evil.example/cb")])).await;
    assert_eq!(foreign.status, 400);
    assert!(foreign.text.contains("foreign-redirect") && !foreign.text.contains("evil.example"), "{}", foreign.text);
    let unknown = browser.get(&hub, &hub.authorize(&[("client_id", "cn.gov.nobody")])).await;
    assert!(unknown.status == 400 && unknown.text.contains("unknown-client"));
    let plain = browser.get(&hub, &hub.authorize(&[("code_challenge_method", "plain")])).await;
    assert!(plain.location().starts_with(REDIRECT) && plain.location().contains("missing-pkce"));
}

#[tokio::test]
async fn the_language_that_the_client_wishes_for_holds_for_its_pages_unless_the_person_chose_one() {
    let (hub, mut browser) = (TestHub::new().await, Browser::default());
    browser.get(&hub, &hub.authorize(&[("ui_locales", "fr en zh-CN")])).await;
    let page = browser.get(&hub, "/sign-in").await;
    assert!(page.text.contains("<html lang=\"en\""), "the first one that we have");
    let (csrf, handle) = (page.field("csrf"), page.field("handle"));
    let fields = [("csrf", csrf.as_str()), ("handle", &handle), ("persona", "zhang")];
    browser.post(&hub, "/sign-in/persona", &fields).await;
    let page = browser.get(&hub, "/consent").await;
    assert!(page.text.contains("<html lang=\"en\""));
    let agreed = decide(&hub, &mut browser, &page, &[("decision", "agree")]).await;
    assert!(query(agreed.location(), "code").is_some());
    let person = yizhan_domain::PersonId("zhang".into());
    let consents = hub.hub.provider.store.list_consents(&person, None, 10).await.expect("consents");
    assert_eq!(consents.entries[0].locale, "en", "the record names the language of the page");
    assert!(browser.get(&hub, "/me").await.text.contains("<html lang=\"zh-CN\""), "for this transaction only");

    let mut decided = Browser::default();
    decided.cookies.insert("yz-dev-prefs".into(), "zh-CN.000000000000.plain".into());
    decided.get(&hub, &hub.authorize(&[("ui_locales", "en")])).await;
    assert!(decided.get(&hub, "/sign-in").await.text.contains("<html lang=\"zh-CN\""));
}

#[tokio::test]
async fn a_login_hint_stands_in_the_field_whether_there_is_such_an_account_or_not() {
    let hub = TestHub::new().await;
    for hint in ["zhang", "nobody-here", "\"><script>alert(1)</script>"] {
        let mut browser = Browser::default();
        browser.get(&hub, &hub.authorize(&[("login_hint", hint)])).await;
        let page = browser.get(&hub, "/sign-in").await;
        assert_eq!(page.status, 200);
        let shown = hint.replace('"', "&#34;").replace('<', "&#60;").replace('>', "&#62;");
        assert!(page.text.contains(&format!("name=\"login\" value=\"{shown}\"")), "{hint}");
    }
    let mut browser = Browser::default();
    browser.get(&hub, &hub.authorize(&[])).await;
    assert!(browser.get(&hub, "/sign-in").await.text.contains("name=\"login\" value=\"\""));
}
