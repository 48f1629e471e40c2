//! A person with a browser without scripts, who signs in to an app of the bench through the hub's own pages; and the kept
//! connection that openings are asked over.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Context, bail, ensure};

/// Redirects and pages that a sign-in may take.
const STEPS_MAX: usize = 24;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// First value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects to a port of the loopback.
    pub(super) fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("the server does not answer")?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request, its head without the empty line, and reads the answer.
    pub(super) fn send(&mut self, head: &str, body: &str) -> anyhow::Result<Answer> {
        self.0.get_mut().write_all(format!("{head}\r\n{body}").as_bytes())?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no HTTP answer")?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse().context("content-length is no number")?];
            self.0.read_exact(&mut answer.body)?;
        } else if answer.header("transfer-encoding").is_some() {
            self.chunks(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> anyhow::Result<()> {
        loop {
            let line = self.line()?;
            let length = usize::from_str_radix(&line, 16).context("no length of a chunk")?;
            let begin = body.len();
            body.resize(begin + length, 0);
            self.0.read_exact(&mut body[begin..])?;
            self.line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        ensure!(self.0.read_line(&mut line)? > 0, "the server closed the connection");
        Ok(line.trim_end().to_owned())
    }
}

/// The browser.
#[derive(Default)]
pub(super) struct Visitor {
    cookies: BTreeMap<(String, String), String>,
}

impl Visitor {
    /// Signs in to the app at an origin and agrees to everything; the person is one of the hub's test persons. Answers the
    /// `Cookie` header of further requests to the app.
    pub(super) fn sign_in(&mut self, origin: &str, persona: &str) -> anyhow::Result<String> {
        let mut at = format!("{origin}/.yizhan/login?return=%2F");
        let mut answer = self.send("GET", &at, "")?;
        for _ in 0..STEPS_MAX {
            if let Some(location) = answer.header("location").filter(|_| answer.status == 303) {
                at = if location.starts_with('/') {
                    format!("{}{location}", origin_of(&at))
                } else {
                    location.to_owned()
                };
                answer = self.send("GET", &at, "")?;
                continue;
            }
            let (form, choices) = match path_of(&at) {
                "/sign-in" => ("/sign-in/persona", vec![("persona", persona.to_owned())]),
                "/consent" => form_of(&answer.text()),
                _ if origin_of(&at) == origin => return self.session(origin),
                other => bail!("{persona} ends at {other} with {}", answer.status),
            };
            let page = answer.text();
            let hidden = ["csrf", "handle"].map(|name| (name, field(&page, name)));
            let fields = hidden.iter().chain(&choices).map(|(name, value)| format!("{name}={}", encode(value)));
            let body = fields.collect::<Vec<_>>().join("&");
            at = format!("{}{form}", origin_of(&at));
            answer = self.send("POST", &at, &body)?;
            ensure!(answer.status == 303, "{persona}: {form} answered {}", answer.status);
        }
        bail!("{persona}: the sign-in does not end")
    }

    fn session(&self, origin: &str) -> anyhow::Result<String> {
        let own = self.cookies.iter().filter(|((at, _), _)| at == origin);
        let pairs: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        ensure!(pairs.iter().any(|pair| pair.contains("session=")), "the app gave no session");
        Ok(pairs.join("; "))
    }

    fn send(&mut self, method: &str, url: &str, body: &str) -> anyhow::Result<Answer> {
        let origin = origin_of(url).to_owned();
        let host = origin.strip_prefix("http://").context("an http address is needed")?;
        let port = host.rsplit(':').next().and_then(|port| port.parse().ok()).context("no port")?;
        let path = Some(&url[origin.len()..]).filter(|path| !path.is_empty()).unwrap_or("/");
        let own = self.cookies.iter().filter(|((at, _), _)| *at == origin);
        let cookies: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let site = if method == "GET" { "none" } else { "same-origin" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\nCookie: {}\r\n\
             Origin: {origin}\r\nSec-Fetch-Site: {site}\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            cookies.join("; "),
            body.len()
        );
        let answer = Connection::open(port)?.send(&head, body)?;
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = line.split_once('=').context("a cookie without a value")?;
            let (key, value) = ((origin.clone(), name.to_owned()), rest.split(';').next().unwrap_or_default());
            if rest.contains("Max-Age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        Ok(answer)
    }
}

/// What the consent page wants: the capacity, or the decision with every optional item ticked.
fn form_of(page: &str) -> (&'static str, Vec<(&'static str, String)>) {
    if page.contains("name=\"capacity\"") {
        return ("/consent/capacity", vec![("capacity", "oneself".to_owned())]);
    }
    let mut fields = vec![("decision", "agree".to_owned())];
    fields.extend(values(page, "grant").into_iter().map(|value| ("grant", value)));
    ("/consent", fields)
}

/// Values of all fields with a name.
pub(super) fn values(page: &str, name: &str) -> Vec<String> {
    let start = format!("name=\"{name}\" value=\"");
    page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

fn field(page: &str, name: &str) -> String {
    values(page, name).into_iter().next().unwrap_or_default()
}

/// Percent-encodes everything but letters, digits and `-_.~`.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find(['/', '?']).map_or(url, |end| &url[..host + end])
}

fn path_of(url: &str) -> &str {
    url[origin_of(url).len()..].split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_addresses_are_taken_apart() {
        let page = r#"<input name="grant" value="a/b"><input name="grant" value="c">"#;
        assert_eq!(values(page, "grant"), ["a/b", "c"]);
        assert_eq!(encode("a/b é"), "a%2Fb%20%C3%A9");
        assert_eq!((origin_of("http://a:1/b?c"), path_of("http://a:1/b?c")), ("http://a:1", "/b"));
    }
}
