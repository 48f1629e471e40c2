//! A citizen's data on its whole way: asked for, agreed to or refused, used, seen in the access log, taken back.

use crate::browser::{Browser, DESKTOP, PHONE};
use crate::serving::Serving;

const OPTIONAL: &str = "input[name=grant]";
const AGREE: &str = "button[name=decision][value=agree]";
const REFUSE: &str = "button[name=decision][value=refuse]";

fn portal(serving: &Serving, path: &str) -> String {
    format!("http://localhost:{}{path}", serving.port())
}

fn app(serving: &Serving) -> String {
    format!("http://social-security.localhost:{}", serving.port())
}

fn wait_for(browser: &Browser, selector: &str) {
    browser.wait_for(&format!(
        "return document.readyState === 'complete' && document.querySelector('{selector}') !== null"
    ));
}

/// From the app's page to the consent page, signed in as a test person on the way.
fn until_consent(browser: &Browser, serving: &Serving, size: &str) {
    browser.go(&app(serving));
    browser.click("a[href^=\"/.yizhan/login\"]");
    wait_for(browser, "button[name=persona]");
    assert_eq!(browser.script("return location.hostname"), "localhost", "the hub signs people in, not the app");
    assert!(browser.text().contains("开发"), "the banner of development is missing: {}", browser.text());
    browser.picture(&format!("hub-sign-in-{size}"));
    browser.click("button[name=persona][value=zhang]");
    wait_for(browser, "form.consent");
    browser.picture(&format!("consent-{size}"));
}

fn back_in_the_app(browser: &Browser) {
    browser.wait_for(
        "return location.host.startsWith('social-security.') && location.pathname === '/' && document.readyState === 'complete'",
    );
}

#[test]
fn a_citizen_refuses_an_optional_claim_finds_the_opening_and_takes_the_consent_back() {
    let serving = Serving::examples();
    for (size, kind) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
        let browser = Browser::open(size);
        until_consent(&browser, &serving, kind);
        let asked = browser.text();
        for shown in ["社保查询", "示例市人力资源和社会保障局", "核对参保人姓名", "query-insurance"]
        {
            assert!(asked.contains(shown), "{shown} is missing: {asked}");
        }
        let ticked = browser.script(&format!("return document.querySelectorAll('{OPTIONAL}:checked').length"));
        assert_eq!(ticked, 0, "optional claims are unticked");
        browser.click(AGREE);
        back_in_the_app(&browser);
        let text = browser.text();
        browser.picture(&format!("social-security-signed-in-{kind}"));
        assert!(text.contains("张示例") && text.contains("000000********"), "{text}");
        assert!(
            !text.contains("0198877") && !text.contains("019****6651"),
            "the optional claim was not granted: {text}"
        );

        browser.go(&portal(&serving, "/me/access-log"));
        browser.picture(&format!("access-log-{kind}"));
        let log = browser.text();
        assert!(log.contains("社保查询") && log.contains("示例市人力资源和社会保障局"), "{log}");
        assert!(!log.contains("张示例") && !log.contains("000000********"), "a value stands in the access log: {log}");

        browser.go(&portal(&serving, "/me/consents"));
        browser.picture(&format!("consents-{kind}"));
        browser.click("a[href^=\"/me/consents/\"]");
        wait_for(&browser, "a.danger");
        browser.picture(&format!("consent-record-{kind}"));
        browser.click("a.danger");
        wait_for(&browser, "button.danger");
        browser.click("button.danger");
        browser.wait_for("return document.readyState === 'complete' && !location.pathname.endsWith('/withdraw')");
        browser.picture(&format!("withdrawn-{kind}"));
        browser.go(&app(&serving));
        let text = browser.text();
        assert!(!text.contains("张示例") && !text.contains("000000********"), "the app still has access: {text}");
    }
}

#[test]
fn back_from_the_signed_in_app_leads_to_no_page_of_the_hub() {
    let serving = Serving::examples();
    let browser = Browser::open(PHONE);
    until_consent(&browser, &serving, "back-phone");
    browser.click(AGREE);
    back_in_the_app(&browser);
    browser.script("window.isHere = true; setTimeout(() => history.back());");
    browser.wait_for("return document.readyState === 'complete' && window.isHere === undefined");
    let at = browser.script("return location.href");
    assert_eq!(at, format!("{}/", app(&serving)), "neither sign-in nor consent is in the history");
}

#[test]
fn a_citizen_who_refuses_still_sees_the_open_part() {
    let serving = Serving::examples();
    let browser = Browser::open(PHONE);
    until_consent(&browser, &serving, "refusing-phone");
    browser.click(REFUSE);
    back_in_the_app(&browser);
    assert!(!browser.text().contains("张示例"), "{}", browser.text());
    browser.picture("social-security-refused-phone");
}

#[test]
fn what_was_agreed_to_is_not_asked_again_and_an_optional_claim_can_be_added() {
    let serving = Serving::examples();
    let browser = Browser::open(PHONE);
    until_consent(&browser, &serving, "adding-phone");
    browser.click(OPTIONAL);
    browser.click(AGREE);
    back_in_the_app(&browser);
    assert!(browser.text().contains("019****6651"), "{}", browser.text());
    let second = app(&serving) + "/.yizhan/login?return=%2F";
    browser.go(&second);
    back_in_the_app(&browser);
    assert!(browser.text().contains("019****6651"), "{}", browser.text());
}
