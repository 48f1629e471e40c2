//! The development page in a real browser: reached from the portal, in both languages and large, with the clock, a rehearsal and a
//! test person.

use crate::browser::{Browser, DESKTOP, PHONE};
use crate::serving::Serving;

fn is_there(browser: &Browser, condition: &str) {
    browser.wait_for(&format!(
        "return document.readyState === 'complete' && location.pathname === '/.yizhan/dev' && ({condition})"
    ));
}

#[test]
fn a_tester_reaches_the_development_page_from_the_portal_and_uses_it() {
    let serving = Serving::examples();
    for (size, kind) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
        let browser = Browser::open(size);
        browser.go(&format!("http://localhost:{}/", serving.port()));
        browser.picture(&format!("portal-development-{kind}"));
        browser.click("section.development a");
        is_there(&browser, "document.documentElement.lang === 'zh-CN'");
        browser.picture(&format!("development-{kind}"));
        browser.click("button[name=locale]");
        is_there(&browser, "document.documentElement.lang === 'en'");
        browser.click("button[name=elder]");
        is_there(&browser, "document.documentElement.classList.contains('elder')");
        browser.picture(&format!("development-elder-{kind}"));
        browser.click("button[name=refusal][value=unreviewed-claim]");
        browser.wait_for("return document.querySelector('#played') !== null");
        assert!(browser.text().contains("Rehearsed"), "{}", browser.text());
        browser.picture(&format!("development-rehearsed-{kind}"));
    }
}

#[test]
fn a_tester_becomes_a_test_person_of_an_app_and_moves_the_clock_past_the_session() {
    let serving = Serving::examples();
    let browser = Browser::open(PHONE);
    let app = format!("http://social-security.localhost:{}", serving.port());
    browser.go(&format!("{app}/.yizhan/dev"));
    browser.picture("development-of-an-app-phone");
    browser.click("button[name=persona][value=zhang]");
    browser.wait_for("return document.querySelector('form.consent') !== null && document.readyState === 'complete'");
    browser.click("button[name=decision][value=agree]");
    browser.wait_for("return location.host.startsWith('social-security.') && document.readyState === 'complete'");
    assert!(browser.text().contains("张示例"), "{}", browser.text());
    browser.go(&format!("{app}/.yizhan/dev"));
    browser.click("button[name=unit][value=days]");
    is_there(&browser, "document.querySelector('.badge.live') !== null");
    browser.go(&app);
    assert!(!browser.text().contains("张示例"), "a session ends by this clock: {}", browser.text());
}

#[test]
fn another_host_name_shows_no_development_page() {
    let serving = Serving::examples();
    for host in ["evil.example", "localhost.evil.example"] {
        let answer = serving.page(host, "/.yizhan/dev");
        assert_eq!(answer.status, 421, "{host}");
    }
}
