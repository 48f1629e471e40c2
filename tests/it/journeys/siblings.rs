//! A sibling app in a real browser can neither use nor plant another app's cookies, nor read its answers.

use crate::browser::{Browser, DESKTOP};
use crate::serving::{App, Serving};
use serde_json::Value;

struct Siblings {
    browser: Browser,
    victim: String,
    attacker: String,
    _serving: Serving,
}

/// The victim (`echo`) has a cookie; the browser then stands on a page of the attacker (`hello`).
fn siblings() -> Siblings {
    let serving = Serving::demo(&[App::open("echo"), App::open("hello")]);
    let origin = |slug: &str| format!("http://{slug}.localhost:{}", serving.port());
    let (victim, attacker) = (origin("echo"), origin("hello"));
    let browser = Browser::open(DESKTOP);
    browser.go(&format!("{victim}/?set-cookie=own%3Dsecret%3B%20Path%3D%2F"));
    assert!(cookies_at(&browser, &victim).contains("own=secret"), "the victim has its cookie");
    browser.go(&attacker);
    Siblings { browser, victim, attacker, _serving: serving }
}

/// The cookies that the victim's guest receives when the person opens it.
fn cookies_at(browser: &Browser, victim: &str) -> String {
    browser.go(&format!("{victim}/"));
    let echoed: Value = serde_json::from_str(&browser.text()).expect("JSON");
    let pairs = echoed["headers"].as_array().cloned().unwrap_or_default();
    pairs.iter().filter(|pair| pair[0] == "cookie").map(|pair| pair[1].to_string()).collect()
}

#[test]
fn a_sibling_cannot_read_the_answers() {
    let Siblings { browser, victim, .. } = siblings();
    for mode in ["cors", "no-cors"] {
        let read = browser.script(&format!(
            "const answer = await fetch('{victim}/', {{credentials: 'include', mode: '{mode}'}}); return answer.type + await answer.text();"
        ));
        let read = read.as_str().unwrap_or_default().to_owned();
        assert!(read.starts_with("error") || read == "opaque", "{mode}: {read}");
    }
    let framed = browser.script(&format!(
        "const frame = document.createElement('iframe'); frame.src = '{victim}/'; document.body.append(frame); \
         await new Promise(done => {{ frame.onload = done; setTimeout(done, 2000); }}); \
         try {{ return frame.contentDocument.body.innerText }} catch (error) {{ return 'error: ' + error }}"
    ));
    let framed = framed.as_str().unwrap_or_default().to_owned();
    assert!(!framed.contains("secret"), "{framed}");
}

#[test]
fn a_sibling_cannot_use_the_cookies() {
    let Siblings { browser, victim, attacker, .. } = siblings();
    // Even where the victim lets the sibling read, the browser sends no cookie across sites.
    let seen = browser.script(&format!(
        "const path = '/?header=access-control-allow-origin:' + encodeURIComponent('{attacker}') + \
         '&header=access-control-allow-credentials:true'; \
         const answer = await fetch('{victim}' + path, {{credentials: 'include'}}); return await answer.text();"
    ));
    assert!(!seen.as_str().unwrap_or_default().contains("own=secret"), "{seen}");
}

#[test]
fn a_sibling_cannot_plant_cookies() {
    let Siblings { browser, victim, .. } = siblings();
    browser.script(
        "for (const domain of ['localhost', '.localhost', 'echo.localhost', '']) \
         for (const name of ['own', 'planted', 'yz-dev-session']) \
         document.cookie = name + '=evil; path=/' + (domain ? '; domain=' + domain : ''); return document.cookie;",
    );
    let cookies = cookies_at(&browser, &victim);
    assert!(cookies.contains("own=secret") && !cookies.contains("evil"), "{cookies}");
}
