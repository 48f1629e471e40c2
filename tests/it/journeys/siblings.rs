//! A sibling app in a real browser can neither use nor plant another app's cookies, nor read its answers.

use crate::browser::{Browser, DESKTOP};
use crate::serving::{App, Serving};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

struct Siblings {
    browser: Browser,
    victim: String,
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
    Siblings { browser, victim, _serving: serving }
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
    let scene = siblings();
    let (browser, victim) = (&scene.browser, &scene.victim);
    let own = browser.script("return await (await fetch('/')).text()");
    assert_eq!(own, "Hello, world!\n", "its own answers it can read");
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

/// A page of a sibling site that no policy of ours binds; its origin.
fn unbound_page() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _asked = stream.read(&mut [0; 4096]);
            let page = "<!doctype html><title>sibling</title><p>sibling</p>";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close";
            let _answered = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
        }
    });
    format!("http://evil.localhost:{port}")
}

#[test]
fn a_sibling_cannot_use_the_cookies() {
    let scene = siblings();
    let (browser, victim) = (&scene.browser, &scene.victim);
    let bound = browser.script(&format!("return await (await fetch('{victim}/', {{mode: 'no-cors'}})).text()"));
    assert!(bound.as_str().is_some_and(|text| text.starts_with("error")), "its own policy lets it ask: {bound}");
    // A page that nothing binds, which the victim even lets read: the browser sends no cookie across sites.
    let evil = unbound_page();
    browser.go(&evil);
    let seen = browser.script(&format!(
        "const path = '/?header=access-control-allow-origin:' + encodeURIComponent('{evil}') + \
         '&header=access-control-allow-credentials:true'; \
         const answer = await fetch('{victim}' + path, {{credentials: 'include'}}); return await answer.text();"
    ));
    let seen = seen.as_str().unwrap_or_default();
    assert!(seen.contains("\"method\""), "the victim answered: {seen}");
    assert!(!seen.contains("own=secret"), "{seen}");
}

#[test]
fn a_sibling_cannot_plant_cookies() {
    let scene = siblings();
    let (browser, victim) = (&scene.browser, &scene.victim);
    browser.script(
        "for (const domain of ['localhost', '.localhost', 'echo.localhost', '']) \
         for (const name of ['own', 'planted', 'yz-dev-session']) \
         document.cookie = name + '=evil; path=/' + (domain ? '; domain=' + domain : ''); return document.cookie;",
    );
    let cookies = cookies_at(browser, victim);
    assert!(cookies.contains("own=secret") && !cookies.contains("evil"), "{cookies}");
}
