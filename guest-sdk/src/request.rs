//! A request as a handler sees it.

use crate::body::Body;
use crate::fields::Fields;
use crate::{Error, Method, Result};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::OnceCell;

/// Bytes of a body that the readers of [`Request`] take unless told otherwise.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A request. The host has already removed its own cookies and headers.
///
/// ```
/// use yizhan_sdk::Request;
///
/// let request = Request::post("/ask?lang=en").with_form(&[("text", "几点开门？")]).with_header("cookie", "size=large");
/// assert_eq!(request.path(), "/ask");
/// assert_eq!(request.query().get("lang"), Some("en"));
/// assert_eq!(request.form().unwrap().required("text"), Ok("几点开门？"));
/// assert_eq!(request.cookie("size"), Some("large"));
/// ```
#[derive(Debug)]
pub struct Request {
    method: Method,
    path: String,
    raw_query: String,
    headers: Vec<(String, String)>,
    pub(crate) params: Vec<(&'static str, String)>,
    query: OnceCell<Fields>,
    body: Body,
}

impl Request {
    /// A request for a target: a path, and a query after `?` if there is one.
    #[must_use]
    pub fn new(method: Method, target: &str) -> Self {
        let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            raw_query: raw_query.to_owned(),
            headers: Vec::new(),
            params: Vec::new(),
            query: OnceCell::new(),
            body: Body::from_bytes(Vec::new()),
        }
    }

    /// A GET request.
    #[must_use]
    pub fn get(target: &str) -> Self {
        Self::new(Method::Get, target)
    }

    /// A POST request.
    #[must_use]
    pub fn post(target: &str) -> Self {
        Self::new(Method::Post, target)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets a body of any media type.
    #[must_use]
    pub fn with_body(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Body::from_bytes(bytes.into());
        self.with_header("content-type", media_type)
    }

    /// Sets a JSON body; a value that JSON cannot hold becomes `null`.
    #[must_use]
    pub fn with_json(self, value: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
        self.with_body("application/json", bytes)
    }

    /// Sets the body of a submitted form.
    #[must_use]
    pub fn with_form(self, fields: &[(&str, &str)]) -> Self {
        self.with_body("application/x-www-form-urlencoded", Fields::encode(fields))
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn with_source(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Path as it was sent, percent-encoded, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Path and query, for links back to this page.
    #[must_use]
    pub fn target(&self) -> String {
        if self.raw_query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.raw_query) }
    }

    /// Decoded value of a `{name}` of the route; empty when the route has no such name.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// Decoded fields of the query.
    #[must_use]
    pub fn query(&self) -> &Fields {
        self.query.get_or_init(|| Fields::parse(&self.raw_query))
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

    /// Value of a cookie of this app.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers()
            .filter(|(header, _)| *header == "cookie")
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Whether the client would rather see a page than data.
    #[must_use]
    pub fn prefers_html(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }

    /// Body, at most so many bytes; `TooLarge` beyond.
    pub fn bytes(&self, limit_bytes: usize) -> Result<&[u8]> {
        let announced = self.header("content-length").and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit_bytes) {
            return Err(Error::TooLarge { limit_bytes });
        }
        self.body.bytes(limit_bytes)
    }

    /// Body as text, at most [`BODY_BYTES_MAX`]; `Invalid` when it is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(self.bytes(BODY_BYTES_MAX)?)
            .map_err(|error| Error::Invalid(format!("body is not UTF-8 after byte {}", error.valid_up_to())))
    }

    /// Body as JSON, at most [`BODY_BYTES_MAX`]; `UnsupportedType` unless it is sent as JSON, `Invalid` with line and
    /// column when it does not read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let media_type = self.media_type();
        if media_type != "application/json" && !media_type.ends_with("+json") {
            return Err(Error::UnsupportedType { expected: "application/json" });
        }
        serde_json::from_slice(self.bytes(BODY_BYTES_MAX)?)
            .map_err(|error| Error::Invalid(format!("body is not the expected JSON: {error}")))
    }

    /// Fields of a submitted form, at most [`BODY_BYTES_MAX`]; `UnsupportedType` for any other body.
    pub fn form(&self) -> Result<Fields> {
        if self.media_type() != "application/x-www-form-urlencoded" {
            return Err(Error::UnsupportedType { expected: "application/x-www-form-urlencoded" });
        }
        self.text().map(Fields::parse)
    }

    fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_above_the_limit_is_refused_before_and_while_reading() {
        let request = Request::post("/").with_body("text/plain", vec![b'x'; 11]);
        assert_eq!(request.bytes(10), Err(Error::TooLarge { limit_bytes: 10 }));
        let announced = Request::post("/").with_header("content-length", "11");
        assert_eq!(announced.bytes(10), Err(Error::TooLarge { limit_bytes: 10 }));
    }

    #[test]
    fn a_body_of_another_type_is_refused_with_the_expected_one() {
        let request = Request::post("/").with_body("text/plain", "{}");
        let expected = Error::UnsupportedType { expected: "application/json" };
        assert_eq!(request.json::<serde_json::Value>(), Err(expected));
        assert!(request.form().is_err());
    }

    #[test]
    fn json_says_where_it_is_wrong() {
        let request = Request::post("/").with_body("application/json; charset=utf-8", "{\"a\":}");
        let error = request.json::<serde_json::Value>().expect_err("broken");
        assert!(error.to_string().contains("line 1 column 6"), "{error}");
    }

    #[test]
    fn cookies_are_found_among_others() {
        let request = Request::get("/").with_header("Cookie", "a=1; size=large;b=2");
        assert_eq!(request.cookie("size"), Some("large"));
        assert_eq!(request.cookie("c"), None);
    }
}
