//! How the 0.2 guests read a request and write a response; every guest below uses it, `hello` and `no-response` excepted.

use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

/// Answers with plain text.
pub fn text(out: ResponseOutparam, status: u16, body: &str) {
    whole(out, status, &[("content-type", "text/plain; charset=utf-8")], body.as_bytes());
}

/// Answers with JSON that the caller wrote.
pub fn json(out: ResponseOutparam, status: u16, body: &str) {
    whole(out, status, &[("content-type", "application/json")], body.as_bytes());
}

/// Answers with these headers and this body. A header that the host refuses turns the answer into a 500 that names it.
pub fn whole(out: ResponseOutparam, status: u16, headers: &[(&str, &str)], body: &[u8]) {
    let fields = Fields::new();
    for (name, value) in headers {
        if let Err(refusal) = fields.append(name, value.as_bytes()) {
            return text(out, 500, &format!("{name}: {refusal}"));
        }
    }
    let Some(outgoing) = start(out, status, fields) else { return };
    if write(&outgoing, body).is_ok() {
        let _ = OutgoingBody::finish(outgoing, None);
    }
}

/// Sends status and headers; the body is the caller's to write and finish. `None` when the host gives no body.
pub fn start(out: ResponseOutparam, status: u16, fields: Fields) -> Option<OutgoingBody> {
    let response = OutgoingResponse::new(fields);
    if response.set_status_code(status).is_err() {
        ResponseOutparam::set(out, Err(ErrorCode::InternalError(Some(format!("no such status: {status}")))));
        return None;
    }
    let body = response.body();
    ResponseOutparam::set(out, Ok(response));
    body.ok()
}

/// Writes all of `bytes`, waiting for room; at most 4 096 at once, as `blocking-write-and-flush` asks.
pub fn write(body: &OutgoingBody, bytes: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().map_err(|()| StreamError::Closed)?;
    bytes.chunks(4096).try_for_each(|chunk| stream.blocking_write_and_flush(chunk))
}

/// Path and query of the request, `/` when it has none.
pub fn path_and_query(request: &IncomingRequest) -> (String, String) {
    let whole = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
    (path.to_owned(), query.to_owned())
}

/// The decoded value of `name` in a query.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    parameters(query).find(|(found, _)| found == name).map(|(_, value)| value)
}

/// All decoded pairs of a query, in order.
pub fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Percent-decoded text; `+` stays, a broken escape stays as it was written.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match escaped.filter(|_| first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The whole body of the request.
pub fn body(request: &IncomingRequest) -> Vec<u8> {
    request.consume().map(|body| read(&body)).unwrap_or_default()
}

/// All bytes of a body, up to its end or its first error.
pub fn read(body: &IncomingBody) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(stream) = body.stream() {
        while let Ok(chunk) = stream.blocking_read(64 * 1024) {
            bytes.extend_from_slice(&chunk);
        }
    }
    bytes
}
