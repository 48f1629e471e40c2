//! The answer of a handler.

use crate::html::Html;
use crate::{Cookie, Error, Result};
use serde::Serialize;

/// An answer: status, headers and a body in memory.
///
/// ```
/// use yizhan_sdk::{Response, html};
///
/// let page = Response::html(html!("<p>{text}</p>", text = "你好")).with_status(201);
/// assert_eq!(page.status(), 201);
/// assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
/// assert_eq!(page.text(), "<p>你好</p>");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer with a status (100 to 599, else 500) and no body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status: valid_status(status), headers: Vec::new(), body: Vec::new() }
    }

    /// Bytes of any media type.
    #[must_use]
    pub fn bytes(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::empty(200) }.with_header("content-type", media_type)
    }

    /// A page. It is not stored by caches, since most pages depend on the visitor.
    #[must_use]
    pub fn html(page: impl Into<Html>) -> Self {
        Self::bytes("text/html; charset=utf-8", page.into().into_string()).with_header("cache-control", "no-store")
    }

    /// Plain text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::bytes("text/plain; charset=utf-8", text.into())
    }

    /// JSON; `Failed` for a value that JSON cannot hold.
    pub fn json(value: &impl Serialize) -> Result {
        let body = serde_json::to_vec(value).map_err(|error| Error::Failed(format!("answer is not JSON: {error}")))?;
        Ok(Self::bytes("application/json", body).with_header("cache-control", "no-store"))
    }

    /// Sends the browser to a page of this app with GET (303); `Invalid` unless it is a path that begins with one `/`,
    /// so that a return address from outside cannot lead to another site.
    pub fn redirect(path: &str) -> Result {
        let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']);
        if !local {
            return Err(Error::Invalid(format!("{path:?} is not a path of this app")));
        }
        Ok(Self::redirect_away(path))
    }

    /// Sends the browser to any address with GET (303). For addresses that you wrote yourself or the host gave you.
    #[must_use]
    pub fn redirect_away(url: &str) -> Self {
        Self::empty(303).with_header("location", url)
    }

    /// Sets the status (100 to 599, else 500).
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = valid_status(status);
        self
    }

    /// Sets a header, over the one of the same name; control characters become spaces, so that a value cannot add
    /// another header. A name that is no token (RFC 9110) is left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.push_header(name, value);
        self
    }

    /// Sets a cookie, beside those set before.
    #[must_use]
    pub fn with_cookie(mut self, cookie: &Cookie) -> Self {
        self.push_header("set-cookie", &cookie.to_string());
        self
    }

    fn push_header(&mut self, name: &str, value: &str) {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if !name.is_empty() && name.bytes().all(token) {
            let value = value.replace(|c: char| c.is_control(), " ");
            self.headers.push((name.to_ascii_lowercase(), value));
        }
    }

    /// Status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// First value of a header; the name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All headers in order, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Body as text, for tests; bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn without_body(mut self) -> Self {
        self.body.clear();
        self
    }
}

fn valid_status(status: u16) -> u16 {
    if (100..=599).contains(&status) { status } else { 500 }
}

/// What a handler may return.
pub trait Reply {
    /// Turns itself into an answer.
    fn reply(self) -> Result;
}

impl Reply for Response {
    fn reply(self) -> Result {
        Ok(self)
    }
}

impl Reply for Html {
    fn reply(self) -> Result {
        Ok(Response::html(self))
    }
}

impl<T: Reply, E: Into<Error>> Reply for std::result::Result<T, E> {
    fn reply(self) -> Result {
        self.map_err(Into::into).and_then(T::reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_cannot_add_a_header() {
        let response = Response::plain("x").with_header("x-note", "a\r\nset-cookie: b=c").with_header("bad name", "x");
        assert_eq!(response.header("x-note"), Some("a  set-cookie: b=c"));
        assert_eq!(response.headers().count(), 2);
    }

    #[test]
    fn a_redirect_stays_in_the_app() {
        for path in ["https://example.cn/", "//example.cn", "/\\example.cn", "items", "", "/a\r\nb"] {
            assert!(Response::redirect(path).is_err(), "{path:?}");
        }
        assert_eq!(Response::redirect("/items?q=1").expect("local").header("location"), Some("/items?q=1"));
    }
}
