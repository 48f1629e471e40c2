//! `wasi:http/incoming-handler`: what `serve!` exports. Turns the host's request into ours and our answer into the host's.

pub use wasip2::exports::http::incoming_handler::Guest;
pub use wasip2::http::proxy::export;
pub use wasip2::http::types::{IncomingRequest, ResponseOutparam};

use crate::body::Body;
use crate::{App, Error, Method, Request, Response};
use wasip2::http::types::{self, Fields, OutgoingBody, OutgoingResponse};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Bytes that one read asks for.
const READ_BYTES: u64 = 64 << 10;

/// Answers one request.
pub fn handle(app: &App, request: IncomingRequest, out: ResponseOutparam) {
    let response = app.handle(incoming(request));
    send(&response, out);
}

fn incoming(request: IncomingRequest) -> Request {
    let method = match request.method() {
        types::Method::Get => Method::Get,
        types::Method::Head => Method::Head,
        types::Method::Post => Method::Post,
        types::Method::Put => Method::Put,
        types::Method::Patch => Method::Patch,
        types::Method::Delete => Method::Delete,
        types::Method::Options => Method::Options,
        types::Method::Connect => Method::Other("CONNECT".to_owned()),
        types::Method::Trace => Method::Other("TRACE".to_owned()),
        types::Method::Other(name) => Method::Other(name),
    };
    let target = request.path_with_query().unwrap_or_default();
    let headers = request.headers().entries();
    let mut ours = Request::new(method, &target);
    for (name, value) in headers {
        ours = ours.with_header(&name, &String::from_utf8_lossy(&value));
    }
    ours.with_source(Body::from_source(move |limit_bytes| body(&request, limit_bytes)))
}

fn body(request: &IncomingRequest, limit_bytes: usize) -> Result<Vec<u8>, Error> {
    let failed = |()| Error::Failed("body was read before".to_owned());
    let body = request.consume().map_err(failed)?;
    let stream = body.stream().map_err(failed)?;
    match read_all(&stream, limit_bytes) {
        Ok(bytes) => Ok(bytes),
        Err(ReadError::TooLarge) => Err(Error::TooLarge { limit_bytes }),
        Err(ReadError::Broken) => Err(Error::Invalid("body ended early".to_owned())),
    }
}

/// Why a stream was not read to its end.
pub(super) enum ReadError {
    /// More bytes than allowed.
    TooLarge,
    /// The other side stopped.
    Broken,
}

/// Reads a stream to its end, at most so many bytes.
pub(super) fn read_all(stream: &InputStream, limit_bytes: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(more) if bytes.is_empty() => bytes = more,
            Ok(more) => bytes.extend_from_slice(&more),
            Err(StreamError::Closed) => return Ok(bytes),
            Err(StreamError::LastOperationFailed(_)) => return Err(ReadError::Broken),
        }
        if bytes.len() > limit_bytes {
            return Err(ReadError::TooLarge);
        }
    }
}

/// Writes all bytes as the stream takes them; false when the other side stopped.
pub(super) fn write_all(stream: &OutputStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match stream.check_write() {
            Ok(0) => stream.subscribe().block(),
            Ok(permitted) => {
                let (now, later) = bytes.split_at(bytes.len().min(usize::try_from(permitted).unwrap_or(usize::MAX)));
                if stream.write(now).is_err() {
                    return false;
                }
                bytes = later;
            }
            Err(_) => return false,
        }
    }
    stream.flush().is_ok()
}

fn send(response: &Response, out: ResponseOutparam) {
    let headers = Fields::new();
    for (name, value) in response.headers() {
        if headers.append(name, value.as_bytes()).is_err() {
            super::report(&format!("header {name:?} is not allowed and was left out"));
        }
    }
    let length = response.body().len();
    if length > 0 && response.header("content-length").is_none() {
        let _ = headers.append("content-length", length.to_string().as_bytes());
    }
    let outgoing = OutgoingResponse::new(headers);
    let _ = outgoing.set_status_code(response.status());
    let body = outgoing.body();
    ResponseOutparam::set(out, Ok(outgoing));
    let Ok(body) = body else { return };
    if length > 0 {
        let Ok(stream) = body.write() else { return };
        if !write_all(&stream, response.body()) {
            return;
        }
    }
    let _ = OutgoingBody::finish(body, None);
}
