//! A person with a browser without scripts: cookies by origin, redirects followed one by one, forms filled in.

use crate::serving::{Answer, exchange};
use std::collections::BTreeMap;

/// The browser.
#[derive(Default)]
pub(crate) struct Visitor {
    cookies: BTreeMap<(String, String), String>,
    /// Every address that was asked for, oldest first.
    pub(crate) history: Vec<String>,
    /// Every answer: method, address, headers and body.
    pub(crate) seen: Vec<Seen>,
}

/// One answer as the browser got it.
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What the person does on the hub's pages.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The test person to sign in as, where that is asked.
    pub(crate) persona: &'a str,
    /// Optional items to tick, as `purpose/claim`.
    pub(crate) ticks: &'a [&'a str],
    /// `agree` or `refuse`.
    pub(crate) decision: &'a str,
}

impl Visitor {
    /// GET of an address, without following redirects.
    pub(crate) fn get(&mut self, url: &str) -> Answer {
        self.send("GET", url, "sec-fetch-site: none\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n", "")
    }

    /// Sends a form of the page's own origin, without following redirects.
    pub(crate) fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{name}={}", yizhan_domain::path::encode(value)));
        let body = body.collect::<Vec<_>>().join("&");
        let head = format!(
            "origin: {}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            origin_of(url)
        );
        self.send("POST", url, &head, &body)
    }

    /// Any request: more header lines, each ended by CRLF, and a body.
    pub(crate) fn send(&mut self, method: &str, url: &str, more: &str, body: &str) -> Answer {
        let origin = origin_of(url).to_owned();
        let (host, path) = (origin.split_once("://").expect("an origin").1, &url[origin.len()..]);
        let path = if path.is_empty() { "/" } else { path };
        let cookies = self.cookies.iter().filter(|((at, _), _)| *at == origin);
        let cookies: Vec<String> = cookies.map(|((_, name), value)| format!("{name}={value}")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {}\r\n{more}Content-Length: {}\r\n",
            cookies.join("; "),
            body.len()
        );
        self.history.push(url.to_owned());
        let port = host.rsplit(':').next().expect("a port");
        let answer = exchange(&format!("127.0.0.1:{port}"), &head, body.as_bytes());
        self.seen.push(Seen {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        });
        for line in answer.header("set-cookie") {
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default().to_owned();
            let key = (origin.clone(), name.to_owned());
            if rest.contains("Max-Age=0") {
                self.cookies.remove(&key)
            } else {
                self.cookies.insert(key, value)
            };
        }
        answer
    }

    /// Follows redirects to a page; answers it with its address.
    pub(crate) fn follow(&mut self, answer: Answer, from: &str) -> (Answer, String) {
        let (mut answer, mut at) = (answer, from.to_owned());
        for _ in 0..10 {
            if answer.status != 303 {
                return (answer, at);
            }
            let location = answer.header("location")[0].to_owned();
            at = if location.starts_with('/') { format!("{}{location}", origin_of(&at)) } else { location };
            answer = self.get(&at);
        }
        panic!("ten redirects end nowhere: {at}");
    }

    /// Opens an address that leads to the hub, answers its questions, and comes back to the app.
    pub(crate) fn sign_in(&mut self, url: &str, choice: Choice<'_>) -> (Answer, String) {
        let first = self.get(url);
        let (mut page, mut at) = self.follow(first, url);
        for _ in 0..4 {
            let path = at[origin_of(&at).len()..].split('?').next().unwrap_or_default().to_owned();
            let text = page.text();
            let (csrf, handle) = (field(&text, "csrf"), field(&text, "handle"));
            let (form, sent) = match path.as_str() {
                "/sign-in" => ("/sign-in/persona", vec![("persona", choice.persona)]),
                "/consent" if text.contains("name=\"capacity\"") => {
                    ("/consent/capacity", vec![("capacity", "oneself")])
                }
                "/consent" => {
                    let mut sent = vec![("decision", choice.decision)];
                    sent.extend(choice.ticks.iter().map(|tick| ("grant", *tick)));
                    ("/consent", sent)
                }
                _ => return (page, at),
            };
            let mut fields = vec![("csrf", csrf.as_str()), ("handle", handle.as_str())];
            fields.extend(sent);
            let form = format!("{}{form}", origin_of(&at));
            let answer = self.post(&form, &fields);
            assert_eq!(answer.status, 303, "{form}: {}", answer.text());
            (page, at) = self.follow(answer, &form);
        }
        (page, at)
    }

    /// Value of a cookie at an origin.
    pub(crate) fn cookie(&self, origin: &str, name: &str) -> Option<&str> {
        self.cookies.get(&(origin.to_owned(), name.to_owned())).map(String::as_str)
    }
}

/// Value of a hidden field.
pub(crate) fn field(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    page.split(&start).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// Scheme, host and port of an address.
pub(crate) fn origin_of(url: &str) -> &str {
    let host = url.find("://").expect("an absolute address") + 3;
    url[host..].find(['/', '?']).map_or(url, |end| &url[..host + end])
}
