//! The examples as a citizen meets them: from the portal into each app, on a phone and on a desktop.

use crate::browser::{Browser, DESKTOP, PHONE};
use crate::serving::Serving;

fn portal(serving: &Serving) -> String {
    format!("http://localhost:{}", serving.port())
}

fn origin(serving: &Serving, slug: &str) -> String {
    format!("http://{slug}.localhost:{}", serving.port())
}

#[test]
fn the_portal_leads_into_every_example() {
    let serving = Serving::examples();
    for (size, kind) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
        let browser = Browser::open(size);
        browser.go(&portal(&serving));
        browser.picture(&format!("portal-{kind}"));
        for name in ["办事指南", "社保查询", "找大厅"] {
            assert!(browser.text().contains(name), "{name}: {}", browser.text());
        }
        for slug in ["service-guide", "social-security", "leaflet", "hall-finder"] {
            browser.go(&portal(&serving));
            browser.click(&format!("a[href^=\"{}\"]", origin(&serving, slug)));
            browser
                .wait_for(&format!("return location.host.startsWith('{slug}.') && document.readyState === 'complete'"));
            assert!(browser.text().len() > 20, "{slug} is empty");
            let wide = browser.script("return document.documentElement.scrollWidth <= innerWidth + 1");
            assert_eq!(wide, true, "{slug} is wider than a {kind}");
            browser.picture(&format!("{slug}-{kind}"));
        }
    }
}

#[test]
fn a_citizen_finds_an_item_and_elder_mode_reaches_the_app() {
    let serving = Serving::examples();
    let browser = Browser::open(PHONE);
    browser.go(&origin(&serving, "service-guide"));
    browser.type_into("input[type=search]", "社保\u{e007}");
    browser.wait_for("return document.querySelector('a[href^=\"/items/\"]') !== null");
    browser.picture("service-guide-search-phone");
    browser.click("a[href^=\"/items/\"]");
    browser.wait_for("return location.pathname.startsWith('/items/') && document.readyState === 'complete'");
    browser.picture("service-guide-item-phone");
    let plain = browser.script("return parseFloat(getComputedStyle(document.body).fontSize)").as_f64().expect("a size");
    browser.go(&portal(&serving));
    browser.click("button[name=elder]");
    browser
        .wait_for("return document.readyState === 'complete' && document.documentElement.classList.contains('elder')");
    browser.picture("portal-elder-phone");
    browser.click(&format!("a[href^=\"{}\"]", origin(&serving, "service-guide")));
    browser.wait_for("return location.host.startsWith('service-guide.') && document.readyState === 'complete'");
    browser.picture("service-guide-elder-phone");
    let large = browser.script("return parseFloat(getComputedStyle(document.body).fontSize)").as_f64().expect("a size");
    assert!(large >= 18.0 && large > plain, "{plain} px, then {large} px");
}
