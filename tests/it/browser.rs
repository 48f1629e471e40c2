//! A real browser: Chromium, driven by the WebDriver protocol (W3C WebDriver) of its own `chromedriver`. The few commands that
//! the journeys need are spoken directly; the client crates bring hundreds of dependencies for the rest.

use crate::serving::exchange;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One browser window.
pub(crate) struct Browser {
    driver: Child,
    address: String,
    session: String,
    _profile: tempfile::TempDir,
}

/// Size of the window: width and height in CSS pixels.
pub(crate) const PHONE: (u32, u32) = (390, 844);
/// A desktop window.
pub(crate) const DESKTOP: (u32, u32) = (1280, 800);

/// How long a script may take; one whose page went away may end only then.
const SCRIPT_MS_MAX: u64 = 5_000;
/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Browser {
    /// Opens a headless window of this size.
    pub(crate) fn open(size: (u32, u32)) -> Self {
        Self::start(size, false)
    }

    /// As [`Browser::open`], for servers whose certificate is of an authority that only the test knows.
    pub(crate) fn open_with_any_certificate(size: (u32, u32)) -> Self {
        Self::start(size, true)
    }

    fn start((width, height): (u32, u32), any_certificate: bool) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is missing: apt-get install chromium chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split("successfully on port ").nth(1)?.trim_end_matches('.').to_owned()))
            .expect("chromedriver says its port");
        // Whatever it says later is read, so that it never blocks.
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a folder");
        let mut browser =
            Self { driver, address: format!("127.0.0.1:{port}"), session: String::new(), _profile: profile };
        let options = json!({"capabilities": {"alwaysMatch": {"acceptInsecureCerts": any_certificate, "goog:chromeOptions": {"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=zh-CN", "--accept-lang=zh-CN",
            format!("--user-data-dir={}", browser._profile.path().display()),
        ]}}}});
        let made = browser.command("POST", "/session", &options);
        browser.session = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}")).to_owned();
        let metrics = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        }});
        browser.ask("POST", "/goog/cdp/execute", &metrics);
        browser.ask("POST", "/timeouts", &json!({ "script": SCRIPT_MS_MAX }));
        browser
    }

    /// Opens an address and waits until it is loaded.
    pub(crate) fn go(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Runs a script in the page and answers what it returns; a promise is waited for.
    pub(crate) fn script(&self, body: &str) -> Value {
        self.try_script(body).unwrap_or_else(|error| panic!("{body}: {error}"))
    }

    fn try_script(&self, body: &str) -> Result<Value, Value> {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, error => done('error: ' + error));"
        );
        let path = format!("/session/{}/execute/async", self.session);
        self.try_command("POST", &path, &json!({ "script": wrapped, "args": [] }))
    }

    /// Text of the page as a person sees it.
    pub(crate) fn text(&self) -> String {
        self.script("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Clicks what a CSS selector finds, as a person does.
    pub(crate) fn click(&self, selector: &str) {
        let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{selector} is not in the page: {}", self.text()));
        // As a person scrolls: away from bars that stay at an edge.
        self.script(&format!("document.querySelector({selector:?}).scrollIntoView({{ block: 'center' }})"));
        self.ask("POST", &format!("/element/{id}/click"), &json!({}));
    }

    /// Types into what a CSS selector finds.
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        let found = self.ask("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|element| element.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{selector} is not in the page: {}", self.text()));
        self.ask("POST", &format!("/element/{id}/value"), &json!({ "text": text }));
    }

    /// Waits until a script returns something true, for twenty seconds; a page that goes away meanwhile is asked anew.
    pub(crate) fn wait_for(&self, condition: &str) {
        let asked = format!(
            "const end = performance.now() + 500; while (performance.now() < end) {{ \
             const found = await (async () => {{ {condition} }})(); if (found) return true; \
             await new Promise(next => setTimeout(next, 50)); }} return false;"
        );
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.try_script(&asked) == Ok(Value::Bool(true)) {
                return;
            }
        }
        panic!("never came: {condition}\n{}", self.text());
    }

    /// Puts a picture of the window into the folder of `YIZHAN_SCREENSHOTS`, if there is one.
    pub(crate) fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("YIZHAN_SCREENSHOTS") else { return };
        let answer = self.ask("GET", "/screenshot", &Value::Null);
        let bytes = base64_decode(answer.as_str().expect("a picture"));
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), bytes).expect("writes");
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.command(method, &format!("/session/{}{path}", self.session), body)
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_command(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_command(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        let answer = exchange(&self.address, &head, body.as_bytes()).json();
        let value = answer["value"].clone();
        if value.get("error").is_some() { Err(value) } else { Ok(value) }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask("DELETE", "", &Value::Null);
        }
        let _ended = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

/// Standard alphabet with padding (RFC 4648), as WebDriver sends pictures.
fn base64_decode(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(value).collect();
    bytes
        .chunks(4)
        .flat_map(|four| {
            let number = four.iter().fold(0u32, |sum, six| sum << 6 | u32::from(*six)) << (6 * (4 - four.len()));
            number.to_be_bytes()[1..four.len()].to_vec()
        })
        .collect()
}
